import type { ChartModel } from '../../statechart/read/model.ts';
import { progressChart } from '../../verify/protocol/progress-chart.ts';

/** A table of states of this repository that is drawn as a chart. */
export interface DrawnTable {
  /** The folder of its diagrams. */
  readonly name: string;
  readonly title: string;
  readonly chart: ChartModel;
  readonly path: string;
}

export const drawnTables: readonly DrawnTable[] = [
  {
    name: 'progress',
    title: 'The progress of a follower',
    chart: progressChart(),
    path: 'src/raft/progress.ts',
  },
];
