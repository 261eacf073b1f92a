import { type AnyActor, type AnyTransitionDefinition, createActor, type SnapshotFrom } from 'xstate';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import type { RaftInput } from '../raft/context.ts';
import { type Effect, isEffectName } from '../raft/effects.ts';
import type { RaftEvent } from '../raft/inputs.ts';
import { stateNameOf } from '../statechart/read/state-name.ts';
import {
  delayOfTimer,
  type ExecutableAction,
  inertScope,
  quickened,
  type TimerChange,
  type TimerType,
  timerChangeOf,
  transitionsOfMicrostep,
} from '../statechart/read/xstate-internals.ts';

export type RaftSnapshot = SnapshotFrom<typeof raftMachine>;

/** The event of an expired `after` timer, such as `xstate.after.electionTimeout.raft.follower`. */
export interface TimerEvent {
  readonly type: TimerType;
}

/** A delay of the role chart, as its `after` names it. */
export type TimerName =
  | 'electionTimeout'
  | 'leaderLease'
  | 'heartbeatInterval'
  | 'quorumCheck'
  | 'catchUpRound'
  | 'catchUpTimeout'
  | 'transferTimeout';

/** `electionTimeout` of `xstate.after.electionTimeout.raft.follower`. */
export const timerNameOf = (type: string): TimerName => delayOfTimer(type) as TimerName;

/** One transition of a step. */
export interface Taken {
  readonly transition: AnyTransitionDefinition;
  /** Where the chart stood, such as `follower.leased`. */
  readonly state: string;
}

/** An event for which nothing was enabled. */
export interface Unanswered {
  readonly event: string;
  /** Where the chart stood. */
  readonly state: string;
}

export interface Step {
  readonly snapshot: RaftSnapshot;
  /** In the order in which they must happen. */
  readonly effects: readonly Effect[];
  readonly timers: readonly TimerChange[];
  /** The transitions taken, including eventless ones and those of raised events; empty: nothing was enabled. */
  readonly taken: readonly Taken[];
  /** The events that no transition took: that of the step, or those that were raised. */
  readonly unanswered: readonly Unanswered[];
}

/** Steps a machine purely; one reused scope makes a step several times cheaper than `transition()` of xstate. */
export interface Stepper {
  initial(input: RaftInput): Step;
  step(snapshot: RaftSnapshot, event: RaftEvent | TimerEvent): Step;
}

/** `machine` may be the chart with some actions replaced, such as the random draw of timeouts. */
export const createStepper = (machine: typeof raftMachine = raftMachine): Stepper => {
  let actions: ExecutableAction[] = [];
  let taken: Taken[] = [];
  let unanswered: Unanswered[] = [];
  let state = '';
  const self = createActor(quickened(machine), {
    input: { id: 1, voters: [1] },
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      const transitions = transitionsOfMicrostep(event);
      for (const transition of transitions) {
        // At the start the chart stands where it has just been put.
        taken.push({ transition, state: state || transition.source.path.join('.') });
      }
      if (transitions.length === 0 && state !== '') unanswered.push({ event: event.event.type, state });
      state = stateNameOf(event.snapshot as RaftSnapshot);
    },
  });
  const scope = inertScope(self as unknown as AnyActor, (action) => {
    actions.push(action);
  });

  /** Runs one step, discarding whatever an earlier failed step had collected. */
  const collect = (from: string, run: () => RaftSnapshot): Step => {
    state = from;
    actions = [];
    taken = [];
    unanswered = [];
    const snapshot = run();
    const effects: Effect[] = [];
    const timers: TimerChange[] = [];
    for (const action of actions) {
      const change = timerChangeOf(action);
      if (change !== null) timers.push(change);
      else if (isEffectName(action.type)) {
        effects.push({ type: action.type, params: action.params } as Effect);
      }
    }
    return { snapshot, effects, timers, taken, unanswered };
  };

  return {
    initial: (input) => collect('', () => machine.getInitialSnapshot(scope as never, input)),
    step: (snapshot, event) =>
      collect(stateNameOf(snapshot), () => machine.transition(snapshot, event as never, scope as never)),
  };
};
