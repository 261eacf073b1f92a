import type { AnyStateMachine } from 'xstate';
import { toStately } from '../../statechart/draw/stately.ts';
import type { ChartModel } from '../../statechart/read/model.ts';
import { walk } from '../../statechart/read/walk.ts';

/** What a task may use besides its machine. */
export interface TaskTools {
  /** The file of the module, absolute. */
  readonly path: string;
  /** Tells the parent how far a long task is; also a sign of life, without which it is stopped in the end. */
  readonly report: (progress: unknown) => void;
}

/** What is made of a machine in the process that has loaded it. Arguments and results are plain data that can be cloned. */
export type MachineTask = (machine: AnyStateMachine, argument: never, tools: TaskTools) => unknown;

/** A machine as the tools that never step it know it. */
export interface MachineReading {
  readonly chart: ChartModel;
  /** As Stately's JSON. */
  readonly stately: string;
}

/** Everything that the process which loads other people's modules can be asked for. */
export const machineTasks = {
  read: (machine: AnyStateMachine, _argument: null): MachineReading => ({
    chart: walk(machine),
    stately: toStately(machine),
  }),
} satisfies Readonly<Record<string, MachineTask>>;

export type TaskName = keyof typeof machineTasks;
export type TaskArgument<Name extends TaskName> = Parameters<(typeof machineTasks)[Name]>[1];
export type TaskResult<Name extends TaskName> = Awaited<ReturnType<(typeof machineTasks)[Name]>>;
