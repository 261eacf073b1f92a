import type { AnyMachineSnapshot, EventObject } from 'xstate';
import type { Payload } from '../paths/payload.ts';
import type { EventSamples, Samples } from '../paths/samples.ts';

/** What a test does with the system under test. */
export type RunEvent<System> = (system: System, event: EventObject & Record<string, unknown>) => unknown;

/** One type of event: how it is done to the system, and what it may carry. A function alone is an event without a payload. */
export type TestedEvent<System> =
  | RunEvent<System>
  | readonly Payload[]
  | (EventSamples & { readonly run?: RunEvent<System> });

/** Looks at the system, and throws if it is not as it should be. */
export type Assertion<System> = (system: System, snapshot: AnyMachineSnapshot) => unknown;

/** How a machine is held against a system: a page, a server, an object. */
export interface ModelTestOptions<System> {
  /** By type. What has no `run` does not come from outside: tests leave it out. Timers of the machine need `advance` instead. */
  readonly events: Readonly<Record<string, TestedEvent<System>>>;
  /** By the name of a state, such as `lit.dim`, which also stands for all states in it; `*` is for all. All that fit are run, after the start and after each event. */
  readonly assertions?: Readonly<Record<string, Assertion<System>>>;
  /** Makes the system anew for each path. Whatever it returns is handed to everything else here. */
  readonly setup?: (input: unknown) => System | Promise<System>;
  readonly teardown?: (system: System) => unknown;
  /** Lets time pass for the system, such as by a fake clock. Without it, no path waits for a timer. */
  readonly advance?: (system: System, ms: number) => unknown;
  /** What the machine is started with: a start for each. */
  readonly inputs?: readonly unknown[];
  /** The part of the context that counts. */
  readonly project?: (context: unknown) => unknown;
  readonly maxStates?: number;
  readonly maxDepth?: number;
}

/** A model test does not fit its machine: one line. */
export class ModelTestUnfit extends Error {
  override readonly name = 'ModelTestUnfit';
}

/** How an event is done; null for one that nothing does. */
export const runOf = <System>(tested: TestedEvent<System> | undefined): RunEvent<System> | null => {
  if (typeof tested === 'function') return tested as RunEvent<System>;
  return tested !== undefined && 'run' in tested && typeof tested.run === 'function' ? tested.run : null;
};

/** What an event carries. */
export const samplesIn = <System>(tested: TestedEvent<System>): Samples | EventSamples => {
  if (typeof tested === 'function') return {};
  return tested as Samples | EventSamples;
};
