import type { EventObject } from 'xstate';

/** A way through a machine from its start: what happens, and where it then stands. Plain data, as far as its events are. */
export interface ModelPath {
  /** The same for the same way: eight hexadecimal digits. */
  readonly id: string;
  /** Its events, and where they lead. */
  readonly title: string;
  /** What the machine is started with. */
  readonly input?: unknown;
  /** Where it stands at first, as `StateNames` calls it. */
  readonly state: string;
  readonly steps: readonly ModelStep[];
}

export interface ModelStep {
  readonly event: EventObject;
  /** Whether a timer of the machine fires, and nothing comes from outside. */
  readonly isTimer: boolean;
  /** How much time passes before it, in milliseconds of the machine's own timers. */
  readonly waitMs: number;
  /** Where the machine stands then. */
  readonly state: string;
  /** What it takes, by ids of the chart's model; empty: it ignores the event. */
  readonly transitions: readonly string[];
}

/** What paths may be made for. */
export type CoverGoal = 'states' | 'transitions' | 'guards' | 'pairs';

export const coverGoals: readonly CoverGoal[] = ['states', 'transitions', 'guards', 'pairs'];
