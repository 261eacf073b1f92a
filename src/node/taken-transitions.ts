import type { AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { topOfValue } from '../statechart/read/state-name.ts';
import { guardNameOf, transitionIdOf } from '../statechart/read/walk.ts';
import { branchOf, transitionsOfMicrostep } from '../statechart/read/xstate-internals.ts';

/** One transition of a chart, and how often this node has taken it since it started. */
export interface TakenTransition {
  /** `source/trigger/branch`, as in `src/statechart/read/model.ts`. */
  readonly id: string;
  /** Id of the state that has it, such as `raft.follower`. */
  readonly source: string;
  readonly event: string;
  /** Its place among the branches of this event in this state, from 0 on. */
  readonly branch: number;
  readonly guard: string | null;
  readonly description: string | null;
  readonly rule: string | null;
  readonly count: number;
}

/** The state of one chart of a node, and what it did. */
export interface ChartStatus {
  /** `raft`, `logWriter` or `link.<id>`. */
  readonly actor: string;
  /** The state value. */
  readonly value: unknown;
  /** The last one taken (of several in one step, the final one); null: none yet. */
  readonly last: TakenTransition | null;
  /** The last one that changed the top of the state value: for the role chart, the role. */
  readonly moved: TakenTransition | null;
  readonly taken: readonly TakenTransition[];
}

interface Track {
  readonly counts: Map<AnyTransitionDefinition, number>;
  last: AnyTransitionDefinition | null;
  moved: AnyTransitionDefinition | null;
  value: unknown;
}

/** Counts the transitions that a node's charts take, for people only: nothing is decided by it. */
export class TakenTransitions {
  readonly #tracks = new Map<string, Track>();

  /** An `inspect` callback. Costs a table look-up for each step of a chart. */
  record(event: InspectionEvent): void {
    if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
    const { sessionId } = event.actorRef;
    const { value } = event.snapshot as { value?: unknown };
    const track = this.#tracks.get(sessionId);
    if (track === undefined) {
      // A chart's start is not a transition.
      this.#tracks.set(sessionId, { counts: new Map(), last: null, moved: null, value });
      return;
    }
    if (event.type !== '@xstate.microstep') return;
    const taken = transitionsOfMicrostep(event);
    for (const transition of taken) {
      track.counts.set(transition, (track.counts.get(transition) ?? 0) + 1);
      track.last = transition;
    }
    if (topOfValue(value) !== topOfValue(track.value)) track.moved = taken[0] ?? null;
    track.value = value;
  }

  /** What the actor with this session did; `value` is its current state. */
  report(actor: string, sessionId: string, value: unknown): ChartStatus {
    const track = this.#tracks.get(sessionId);
    const taken = [...(track?.counts ?? [])].map(([transition, count]) => describe(transition, count));
    const describeOf = (transition: AnyTransitionDefinition | null | undefined) =>
      transition ? describe(transition, track!.counts.get(transition)!) : null;
    return { actor, value, last: describeOf(track?.last), moved: describeOf(track?.moved), taken };
  }
}

const describe = (transition: AnyTransitionDefinition, count: number): TakenTransition => {
  const { source, eventType, guard, description, meta } = transition;
  return {
    id: transitionIdOf(transition),
    source: source.id,
    event: eventType,
    branch: branchOf(transition),
    guard: guard === undefined ? null : guardNameOf(guard),
    description: description ?? null,
    rule: (meta as { rule?: string } | undefined)?.rule ?? null,
    count,
  };
};
