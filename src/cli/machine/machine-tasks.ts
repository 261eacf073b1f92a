import type { AnyStateMachine } from 'xstate';
import { lossesOfStately, lossText, toStately } from '../../statechart/export/stately.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';
import { coverageTask } from '../model-test/coverage-task.ts';
import { pagePathsTask } from '../model-test/page-paths-task.ts';
import { pathsTask } from '../model-test/paths-task.ts';
import { testTask } from '../model-test/test-task.ts';
import type { MachineTask } from './machine-task.ts';

/** A machine as the tools that never step it know it. */
export interface MachineReading {
  readonly chart: ChartModel;
  /** As Stately's JSON. */
  readonly stately: string;
  /** What that JSON leaves out, in one line; null for nothing. */
  readonly statelyLosses: string | null;
}

/** Everything that the process which loads other people's modules can be asked for. */
export const machineTasks = {
  read: (machine: AnyStateMachine, _argument: null): MachineReading => ({
    chart: walk(machine),
    stately: toStately(machine),
    statelyLosses: lossText(lossesOfStately(machine)),
  }),
  chart: (machine: AnyStateMachine, _argument: null): ChartModel => walk(machine),
  paths: pathsTask,
  pagePaths: pagePathsTask,
  coverage: coverageTask,
  test: testTask,
} satisfies Readonly<Record<string, MachineTask>>;

export type TaskName = keyof typeof machineTasks;
export type TaskArgument<Name extends TaskName> = Parameters<(typeof machineTasks)[Name]>[1];
export type TaskResult<Name extends TaskName> = Awaited<ReturnType<(typeof machineTasks)[Name]>>;
