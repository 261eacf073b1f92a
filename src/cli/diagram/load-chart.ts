import { lstatSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainRules, type RuleStyle } from '../../statechart/read/rule-style.ts';
import type { SourceIndex } from '../../statechart/read/source-index.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import { type MachineOperand, parseMachineOperand, splitOperand } from '../machine/machine-operand.ts';
import { type MachineReading, readTask } from '../machine/read-task.ts';
import { UsageError } from '../usage-error.ts';
import { knownCharts } from './charts.ts';
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

/** The module of a chart of this repository by its name, or of any machine as `FILE` or `FILE#name`. Throws `UsageError`. */
export const machineOperand = (text: string, exportName: string | undefined): MachineOperand => {
  const known = knownCharts.find(({ name }) => name === text);
  if (known === undefined || exportName !== undefined) return chartOperand(text, exportName);
  // A module is .ts in a clone and .js where it is installed.
  const module = known.path.replace(/\.ts$/, extname(import.meta.filename));
  return {
    path: fileURLToPath(new URL(`../../../${module}`, import.meta.url)),
    name: known.exportName,
    label: text,
  };
};

/** Reads `FILE` or `FILE#name` where the name of a chart could stand too. Throws `UsageError`. */
export const chartOperand = (text: string, exportName: string | undefined): MachineOperand => {
  const { label } = splitOperand(text);
  if (lstatSync(label, { throwIfNoEntry: false }) !== undefined) return parseMachineOperand(text, exportName);
  const names = knownCharts.map(({ name }) => name);
  if (names.includes(text))
    throw new UsageError(
      `--export is for modules: ${text} is a chart of raftchart, and there is no such file`,
    );
  throw new UsageError(`no chart and no file called ${label}; charts: ${names.join(', ')}`);
};
