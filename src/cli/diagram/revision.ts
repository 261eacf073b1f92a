import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ChartModel } from '../../statechart/read/model.ts';
import { plainRules, type RuleStyle } from '../../statechart/read/rule-style.ts';
import type { MachineSources } from '../../statechart/source/machine-sources.ts';
import { resolveSources } from '../../statechart/source/resolve-sources.ts';
import { raftRules } from '../../verify/protocol/raft-rules.ts';
import { type KnownChart, knownCharts } from '../machine/known-charts.ts';
import { type MachineFlags, runMachineTask } from '../machine/machine-flags.ts';
import {
  checkModule,
  type MachineOperand,
  parseMachineOperand,
  splitOperand,
} from '../machine/machine-operand.ts';
import { UsageError } from '../usage-error.ts';
import { pathFromTop, repositoryOf, unpackRevision } from './unpack-revision.ts';

/** A chart to compare: what it is, where what it does is defined, and how the sources of its rules are written. */
export interface ChartVersion {
  readonly chart: ChartModel;
  readonly sources: MachineSources | null;
  readonly rules: RuleStyle;
}

/**
 * Reads one side of a comparison: `FILE` or `FILE#name`, a git revision such as `HEAD~1` of the chart `chartName`, or a file in a
 * revision, such as `HEAD~1:machines/raft/raft.machine.ts`. A revision is unpacked into a folder of its own, since a chart imports
 * its rules. `isBesideRevision`: a file is compared with a revision, so places in it are named from the top of the repository too.
 */
export const loadVersion = async (
  operand: string,
  chartName: string,
  flags: MachineFlags,
  isBesideRevision = false,
): Promise<ChartVersion> => {
  if (isFile(operand)) return readFile(parseMachineOperand(operand, flags.export), isBesideRevision, flags);
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
    if (!existsSync(file)) {
      const remedy =
        inside === undefined
          ? `: for a machine of your own write ${revision}:FILE, or ${revision}:FILE#NAME`
          : '';
      throw new UsageError(`${revision} has no ${path}${remedy}`);
    }
    const label = `${revision}:${path}`;
    checkModule(file, label);
    const asked = { path: file, name: name ?? flags.export ?? null, label };
    return await read(asked, knownChartAt(file), folder, flags);
  } finally {
    unpacked.remove();
  }
};

/** Waits for both sides of a comparison, which are read at once; if neither can be read, the fault of the old one is reported. */
export const both = async <Side>(old: Promise<Side>, now: Promise<Side>): Promise<readonly [Side, Side]> => {
  await Promise.allSettled([old, now]);
  return [await old, await now];
};

/** Whether a side of a comparison is a file, rather than a revision. */
export const isFile = (operand: string): boolean => existsSync(splitOperand(operand).label);

/** Reads a file of the working tree. `isFromTop`: its places are named from the top of its git repository, if it is in one. */
export const readFile = (
  operand: MachineOperand,
  isFromTop: boolean,
  flags: ChildFlags,
): Promise<ChartVersion> => {
  const known = knownChartAt(operand.path);
  const root =
    known === undefined
      ? ((isFromTop ? repositoryOf(operand.path) : null) ?? dirname(operand.path))
      : operand.path.slice(0, -known.path.length - 1);
  return read(operand, known, root, flags);
};

type ChildFlags = Pick<MachineFlags, 'loadTimeout' | 'verbose'>;

/** Reads a machine and its sources, whose paths are told from `root`. */
const read = async (
  operand: MachineOperand,
  known: KnownChart | undefined,
  root: string,
  flags: ChildFlags,
): Promise<ChartVersion> => {
  const { path, text } = operand;
  const name = operand.name ?? known?.exportName ?? null;
  const { chart } = await runMachineTask({ ...operand, name }, 'read', null, flags);
  return {
    chart,
    sources: await resolveSources({ path, exportName: name ?? undefined, root, text }),
    rules: known === undefined ? plainRules : raftRules,
  };
};

const knownChartAt = (path: string): KnownChart | undefined =>
  knownCharts.find((known) => resolve(path).endsWith(`/${known.path}`));
