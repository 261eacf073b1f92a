import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { effectNames } from '../../raft/effects.ts';
import { brokenRules } from '../../simulate/broken/broken-rules.ts';
import { implementationOf } from '../../statechart/read/xstate-internals.ts';
import type { ExploredChart } from '../../verify/explore/schedule-file.ts';
import { chartOperand } from '../machine/chart-operand.ts';
import { chosenMachine } from '../machine/find-machines.ts';
import { knownCharts } from '../machine/known-charts.ts';
import { UsageError } from '../usage-error.ts';

/** Which chart is asked for: null, the one of this repository; a file's path is made absolute, so that it can be written down. */
export const chosenChart = (flags: {
  readonly chart?: string;
  readonly export?: string;
  readonly broken?: string;
}): ExploredChart => {
  const { chart, export: name = null, broken } = flags;
  if (broken !== undefined) {
    if (chart !== undefined)
      throw new UsageError('--broken is a change of the chart of this package: leave out --chart');
    return { broken };
  }
  if (chart !== undefined) return { file: existsSync(chart) ? resolve(chart) : chart, export: name };
  if (name !== null) throw new UsageError('--export needs --chart');
  return null;
};

/** A changed role chart, such as one with a guard replaced. Throws `UsageError` for what is none. */
export const loadRoleChart = async (chart: NonNullable<ExploredChart>): Promise<typeof raftMachine> => {
  if ('broken' in chart) return chartThatBreaks(chart.broken);
  const machine = await loadMachine(chart);
  // Without these, nothing that a chart decides ever leaves it.
  const missing = effectNames.filter((name) => implementationOf(machine, name) === undefined);
  if (missing.length === 0) return machine as unknown as typeof raftMachine;
  throw new UsageError(`${chart.file} exports no Raft role chart: it has no effect called ${missing[0]}`);
};

/** As text for a person. */
export const chartName = (chart: NonNullable<ExploredChart>): string => {
  if ('broken' in chart) return `${chart.broken} broken`;
  return chart.export === null ? chart.file : `${chart.file}, ${chart.export}`;
};

const chartThatBreaks = (name: string): typeof raftMachine => {
  const machine = brokenRules.find((rule) => rule.name === name)?.replacements.machine;
  if (machine !== undefined) return machine;
  const known = chartRules.join(', ');
  throw new UsageError(`the chart has no rule ${JSON.stringify(name)} to break: choose one of ${known}`);
};

/** The names of the rules that can be broken in the chart, and not elsewhere. */
export const chartRules: readonly string[] = brokenRules
  .filter(({ replacements }) => replacements.machine !== undefined)
  .map(({ name }) => name);

/** The chart is a part of the cluster that is explored: it runs in this process. */
const loadMachine = async ({
  file,
  export: name,
}: Exclude<NonNullable<ExploredChart>, { broken: string }>): Promise<AnyStateMachine> => {
  const known = knownCharts.find((each) => each.name === file);
  if (known !== undefined && name === null) return known.machine;
  const operand = chartOperand(file, name ?? undefined);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = await import(pathToFileURL(operand.path).href);
  } catch (error) {
    throw new UsageError(`cannot load ${operand.label}: ${String((error as Error).message).split('\n')[0]}`);
  }
  return chosenMachine(exports, operand.name, operand.label);
};
