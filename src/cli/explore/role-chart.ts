import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { effectNames } from '../../raft/effects.ts';
import { implementationOf } from '../../statechart/read/xstate-internals.ts';
import type { ScheduleHeader } from '../../verify/explore/schedule-file.ts';
import { loadChart } from '../diagram/load-chart.ts';
import { UsageError } from '../usage-error.ts';

/** Which chart is asked for: null, the one of this repository; a file's path is made absolute, so that it can be written down. */
export const chosenChart = (flags: {
  readonly chart?: string;
  readonly export?: string;
}): ScheduleHeader['chart'] => {
  const { chart, export: name = null } = flags;
  if (chart !== undefined) return { file: existsSync(chart) ? resolve(chart) : chart, export: name };
  if (name !== null) throw new UsageError('--export needs --chart');
  return null;
};

/** A changed role chart, such as one with a guard replaced. Throws `UsageError` for what is none. */
export const loadRoleChart = async (
  chart: NonNullable<ScheduleHeader['chart']>,
): Promise<typeof raftMachine> => {
  const { machine } = await loadChart(chart.file, chart.export ?? undefined);
  // Without these, nothing that a chart decides ever leaves it.
  const missing = effectNames.filter((name) => implementationOf(machine, name) === undefined);
  if (missing.length === 0) return machine as unknown as typeof raftMachine;
  throw new UsageError(`${chart.file} exports no Raft role chart: it has no effect called ${missing[0]}`);
};
