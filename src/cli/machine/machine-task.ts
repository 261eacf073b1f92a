import type { AnyStateMachine } from 'xstate';

/** What a task may use besides its machine. */
export interface TaskTools {
  /** The file of the module, absolute. */
  readonly path: string;
  /** Tells the parent how far a long task is; also a sign of life, without which it is stopped in the end. */
  readonly report: (progress: unknown) => void;
}

/** What is made of a machine in the process that has loaded it. Arguments and results are plain data that can be cloned. */
export type MachineTask = (machine: AnyStateMachine, argument: never, tools: TaskTools) => unknown;
