import { basename, dirname } from 'node:path';
import { plainRules, type RuleStyle } from '../../statechart/read/rule-style.ts';
import type { SourceIndex } from '../../statechart/read/source-index.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { chartOperand } from '../machine/chart-operand.ts';
import { knownCharts } from '../machine/known-charts.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import { type MachineReading, readTask } from '../machine/read-task.ts';
import { packageRoot, readLinkIndex } from './sources.ts';

/** A machine, where its names are defined, and how its sources are written; paths of the index are relative to `root`. */
export interface LoadedChart extends MachineReading {
  readonly root: string;
  readonly index: SourceIndex;
  readonly rules: RuleStyle;
}

/** One of the charts of this repository by its name, or any XState 5 machine as `FILE` or `FILE#name`. */
export const loadChart = async (nameOrOperand: string, flags: MachineFlags): Promise<LoadedChart> => {
  const known = knownCharts.find(({ name }) => name === nameOrOperand);
  if (known !== undefined && flags.export === undefined) {
    const root = packageRoot();
    const index = await readLinkIndex(root, known);
    return { ...readTask(known.machine, null), root, index, rules: raftRules };
  }
  const operand = chartOperand(nameOrOperand, flags.export);
  const root = dirname(operand.path);
  const read = await runMachineTask(operand, 'read', null, flags);
  const index = await readLinkIndex(root, {
    path: basename(operand.path),
    exportName: operand.name ?? undefined,
  });
  return { ...read, root, index, rules: plainRules };
};
