import type { AnyActorScope, SnapshotFrom } from 'xstate';
import { type AnyTransitionDefinition, createActor } from 'xstate';
import { raftMachine } from '../../machines/raft/raft.machine.ts';
import type { RaftInput } from '../raft/context.ts';
import { type Effect, isEffectName } from '../raft/effects.ts';
import type { RaftEvent } from '../raft/inputs.ts';
import { stateNameOf } from '../statechart/read/state-name.ts';

export type RaftSnapshot = SnapshotFrom<typeof raftMachine>;

/** The event of an expired `after` timer, such as `xstate.after.electionTimeout.raft.follower`. */
export interface TimerEvent {
  readonly type: `xstate.after.${string}`;
}

/** A delay of the role chart, as its `after` names it. */
export type TimerName = 'electionTimeout' | 'leaderLease' | 'heartbeatInterval' | 'quorumCheck';

/** `electionTimeout` of `xstate.after.electionTimeout.raft.follower`. */
export const timerNameOf = (type: string): TimerName => type.split('.')[2] as TimerName;

/** A timer that a step started or stopped. */
export interface TimerChange {
  readonly change: 'start' | 'stop';
  /** Also the type of the event that fires it. */
  readonly id: string;
}

/** One transition of a step. */
export interface Taken {
  readonly transition: AnyTransitionDefinition;
  /** Where the chart stood, such as `follower.leased`. */
  readonly state: string;
}

export interface Step {
  readonly snapshot: RaftSnapshot;
  /** In the order in which they must happen. */
  readonly effects: readonly Effect[];
  readonly timers: readonly TimerChange[];
  /** The transitions that were taken, raised events' and eventless ones included; empty: nothing was enabled. */
  readonly taken: readonly Taken[];
}

/** Steps a machine purely; one reused scope makes a step several times cheaper than `transition()` of xstate. */
export interface Stepper {
  initial(input: RaftInput): Step;
  step(snapshot: RaftSnapshot, event: RaftEvent | TimerEvent): Step;
}

/** `machine` may be the chart with some actions replaced, such as the die. */
export const createStepper = (machine: typeof raftMachine = raftMachine): Stepper => {
  let actions: ExecutableAction[] = [];
  let taken: Taken[] = [];
  let state = '';
  const self = createActor(machine, {
    input: { id: 1, voters: [1] },
    inspect: (event) => {
      if (event.type !== '@xstate.microstep') return;
      for (const transition of event._transitions) taken.push({ transition, state });
      state = stateNameOf(event.snapshot as RaftSnapshot);
    },
  });
  const scope = {
    self,
    defer: () => {},
    id: '',
    logger: () => {},
    sessionId: '',
    stopChild: () => {},
    system: self.system,
    emit: () => {},
    actionExecutor: (action: ExecutableAction) => {
      actions.push(action);
    },
  } as unknown as AnyActorScope;

  /** Runs one step; what a step that failed had collected is not the next one's. */
  const collect = (from: string, run: () => RaftSnapshot): Step => {
    state = from;
    actions = [];
    taken = [];
    const snapshot = run();
    const effects: Effect[] = [];
    const timers: TimerChange[] = [];
    for (const action of actions) {
      if (isEffectName(action.type)) {
        effects.push({ type: action.type, params: action.params } as Effect);
      } else if (action.type === 'xstate.raise' && action.params.delay !== undefined) {
        timers.push({ change: 'start', id: action.params.event.type });
      } else if (action.type === 'xstate.cancel') {
        timers.push({ change: 'stop', id: action.params.sendId });
      }
    }
    return { snapshot, effects, timers, taken };
  };

  return {
    initial: (input) => collect('', () => machine.getInitialSnapshot(scope as never, input)),
    step: (snapshot, event) =>
      collect(stateNameOf(snapshot), () => machine.transition(snapshot, event as never, scope as never)),
  };
};

interface ExecutableAction {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: XState types the params of its built-in actions no further.
  readonly params: any;
}
