import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { plainRules } from '../../statechart/read/rule-style.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import type { MachineFlags } from '../machine/machine-flags.ts';
import {
  checkModule,
  type MachineOperand,
  parseMachineOperand,
  splitOperand,
} from '../machine/machine-operand.ts';
import { runInChild } from '../machine/run-in-child.ts';
import { UsageError } from '../usage-error.ts';
import { type KnownChart, knownCharts } from './charts.ts';
import type { LoadedChart } from './load-chart.ts';
import { readSourceIndex } from './sources.ts';
import { pathFromTop, unpackRevision } from './unpack-revision.ts';

/**
 * Reads one side of a comparison: `FILE` or `FILE#name`, a git revision such as `HEAD~1` of the chart `chartName`, or a file in a
 * revision, such as `HEAD~1:machines/raft/raft.machine.ts`. A revision is unpacked into a folder of its own, since a chart imports
 * its rules.
 */
export const loadVersion = async (
  operand: string,
  chartName: string,
  flags: MachineFlags,
): Promise<LoadedChart> => {
  if (existsSync(splitOperand(operand).label)) {
    const file = parseMachineOperand(operand, flags.export);
    const known = knownChartAt(file.path);
    const root = known === undefined ? dirname(file.path) : file.path.slice(0, -known.path.length - 1);
    return read(file, known, root, known?.sources ?? [basename(file.path)], flags);
  }
  const [revision = '', inside] = operand.split(/:(.*)/s);
  const named = knownCharts.find(({ name }) => name === chartName);
  if (inside === undefined && named === undefined) {
    throw new UsageError(
      `no chart called ${chartName}; charts: ${knownCharts.map(({ name }) => name).join(', ')}`,
    );
  }
  const unpacked = unpackRevision(revision, operand);
  try {
    const { folder } = unpacked;
    const { label: path, name } =
      inside === undefined
        ? { label: named!.path, name: null }
        : splitOperand(pathFromTop(inside), (each) => existsSync(join(folder, each)));
    const file = join(folder, path);
    if (!existsSync(file)) throw new UsageError(`${revision} has no ${path}`);
    const label = `${revision}:${path}`;
    checkModule(file, label);
    const known = knownChartAt(file);
    const asked = { path: file, name: name ?? flags.export ?? null, label };
    return await read(asked, known, folder, known?.sources ?? [path], flags);
  } finally {
    unpacked.remove();
  }
};

const read = async (
  { path, name, label }: MachineOperand,
  known: KnownChart | undefined,
  root: string,
  sources: readonly string[],
  flags: MachineFlags,
): Promise<LoadedChart> => ({
  ...(await runInChild({ path, label, name: name ?? known?.exportName ?? null }, 'read', null, {
    timeoutMs: flags.loadTimeout,
    isVerbose: flags.verbose,
  })),
  root,
  index: readSourceIndex(root, sources),
  rules: known === undefined ? plainRules : raftRules,
});

const knownChartAt = (path: string): KnownChart | undefined =>
  knownCharts.find((known) => resolve(path).endsWith(`/${known.path}`));
