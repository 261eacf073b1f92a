import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { replayOnNodes } from '../../verify/driven/driven-cluster.ts';
import { stuckProperty } from '../../verify/explore/counterexample.ts';
import { UnplayableSchedule } from '../../verify/explore/messages-under-way.ts';
import {
  parseScheduleFile,
  type ScheduleHeader,
  UnusableSchedule,
} from '../../verify/explore/schedule-file.ts';
import { chartName, chosenChart, loadRoleChart } from '../explore/role-chart.ts';
import { UsageError } from '../usage-error.ts';

export interface ReplayFlags {
  readonly replay: string;
  /** Instead of the chart that the counterexample was found with. */
  readonly chart?: string;
  readonly export?: string;
}

/**
 * Plays a counterexample of `raftchart explore` on real nodes and reports whether they violate the same property. Returns the exit
 * code: 1 if they violate it, or another one; 0 if they do not.
 */
export const replaySchedule = async (flags: ReplayFlags, say: (line: string) => void): Promise<number> => {
  const header = readSchedule(flags.replay);
  const { options, schedule, property } = header;
  const chart = chosenChart(flags) ?? header.chart;
  const machine = chart === null ? undefined : await loadRoleChart(chart);
  const of = chart === null ? '' : ` of ${chartName(chart)}`;
  say(`${schedule.length} steps on ${options.nodes} real nodes${of}, which should violate ${property}`);
  const isSame = isDeepStrictEqual(chart, header.chart);
  const onward = isSame
    ? 'as raftchart explore found, there is no way on'
    : 'only raftchart explore can tell whether there is a way on';
  let step = 0;
  try {
    const violation = await replayOnNodes(schedule, {
      options,
      ...(machine === undefined ? {} : { machine }),
      emit: ({ atMs }) => {
        step = atMs;
      },
    });
    if (violation !== null) {
      const same = violation.property === property ? 'violated' : 'another property is violated';
      say(`${same}, at step ${step}: ${violation.message}`);
      return 1;
    }
    if (property === stuckProperty) {
      say(`not violated by any of the ${step} steps; from where they end, ${onward}`);
      return isSame ? 1 : 0;
    }
    say(`not violated: after ${step} steps everything holds`);
    return 0;
  } catch (error) {
    if (!(error instanceof UnplayableSchedule)) throw error;
    say(`not violated: after ${step} steps the nodes do something else: ${error.message}`);
    return 0;
  }
};

const readSchedule = (file: string): ScheduleHeader => {
  try {
    return parseScheduleFile(readFileSync(file, 'utf8'));
  } catch (error) {
    const isTheirs = error instanceof UnusableSchedule || 'code' in (error as Error);
    throw isTheirs ? new UsageError(`${file}: ${(error as Error).message}`) : error;
  }
};
