import type { AnyActorRef, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import type { RaftSnapshot } from '../node/step.ts';
import type { RaftContext, RaftInput } from '../raft/context.ts';
import { type Effect, isEffectName } from '../raft/effects.ts';
import { lastTerm } from '../raft/log-shape.ts';
import type { NodeId } from '../raft/types.ts';
import { stateNameOf } from '../statechart/read/state-name.ts';
import { transitionIdOf } from '../statechart/read/walk.ts';
import { transitionsOfMicrostep } from '../statechart/read/xstate-internals.ts';
import type { SimulationEvent, StateSummary, TakenTransition, TracedInput } from '../trace/events.ts';

/** A step that is under way, or the next one. */
interface Pending {
  readonly step: number;
  /** The chart's state within the step. */
  state: string;
  readonly before: StateSummary;
  readonly transitions: TakenTransition[];
  readonly effects: Effect[];
  /** What its effects have already done. */
  readonly done: SimulationEvent[];
}

/** Collects, from XState's inspection events, what each event did to a role chart: the transitions with their rules, and the effects. */
export class ChartRecorder {
  readonly #emit: (event: SimulationEvent) => void;
  readonly #pending = new Map<NodeId, Pending>();
  /** What the charts were sent and have not handled yet. */
  readonly #inputs = new Map<NodeId, TracedInput[]>();

  constructor(emit: (event: SimulationEvent) => void) {
    this.#emit = emit;
  }

  started(node: NodeId, snapshot: RaftSnapshot): void {
    this.#pending.set(node, pendingAfter(snapshot, 1));
    this.#inputs.set(node, []);
  }

  inspect(node: NodeId, event: InspectionEvent): void {
    const pending = this.#pending.get(node);
    if (pending === undefined || (event.actorRef as AnyActorRef).id !== 'raft') return;
    if (event.type === '@xstate.event') {
      this.#inputs.get(node)!.push(event.event as TracedInput);
    } else if (event.type === '@xstate.microstep') {
      for (const transition of transitionsOfMicrostep(event)) {
        pending.transitions.push(takenIn(pending.state, transition));
      }
      pending.state = stateNameOf(event.snapshot as RaftSnapshot);
    } else if (event.type === '@xstate.action' && isEffectName(event.action.type)) {
      pending.effects.push(event.action as unknown as Effect);
    }
  }

  stepped(node: NodeId, snapshot: RaftSnapshot): void {
    const { step, before, transitions, effects, done } = this.#pending.get(node)!;
    const input = this.#inputs.get(node)!.shift();
    const next = pendingAfter(snapshot, step + 1);
    this.#pending.set(node, next);
    this.#emit({
      type: 'chart',
      node,
      step,
      ...(input === undefined ? {} : { input }),
      before,
      after: next.before,
      transitions,
      effects,
    });
    for (const event of done) this.#emit(event);
  }

  /** It runs no longer: of a step in which it was interrupted, emits what it had come to. */
  ended(node: NodeId): void {
    const pending = this.#pending.get(node);
    const input = this.#inputs.get(node)?.[0];
    this.#pending.delete(node);
    if (pending === undefined || input === undefined) return;
    const { step, effects, done } = pending;
    this.#emit({ type: 'interrupted', node, step, input, effects });
    for (const event of done) this.#emit(event);
  }

  /** Emits what `node` has done: if that was an effect of a step that is under way, right after the step. */
  did(node: NodeId, event: SimulationEvent): void {
    const pending = this.#pending.get(node);
    // XState names an effect before it carries it out.
    if (pending !== undefined && pending.effects.length > 0) pending.done.push(event);
    else this.#emit(event);
  }
}

type Described = Omit<TakenTransition, 'state'>;

const described = new WeakMap<AnyTransitionDefinition, Described>();

/** A transition that was taken where the chart stood in `state`. */
export const takenIn = (state: string, transition: AnyTransitionDefinition): TakenTransition => {
  const { id, event, rule, description } = describe(transition);
  return { id, state, event, rule, description };
};

/** What the chart says of a transition, wherever it is taken. */
export const describe = (transition: AnyTransitionDefinition): Described => {
  const known = described.get(transition);
  if (known !== undefined) return known;
  const { eventType, meta, description = null } = transition;
  const rule = (meta as { readonly rule?: string } | undefined)?.rule ?? null;
  const made = { id: transitionIdOf(transition), event: eventType, rule, description };
  described.set(transition, made);
  return made;
};

const pendingAfter = (snapshot: RaftSnapshot, step: number): Pending => ({
  step,
  state: stateNameOf(snapshot),
  before: summaryOf(snapshot),
  transitions: [],
  effects: [],
  done: [],
});

export const summaryOf = (snapshot: Pick<RaftSnapshot, 'machine' | 'value' | 'context'>): StateSummary => {
  const { context } = snapshot;
  return {
    state: stateNameOf(snapshot),
    term: context.currentTerm,
    votedFor: context.votedFor,
    lastIndex: context.log.lastIndex,
    lastTerm: lastTerm(context.log),
    commitIndex: context.commitIndex,
    lastApplied: context.lastApplied,
  };
};

/** What a chart that has just started was started from. */
export const inputOf = ({
  id,
  settings,
  currentTerm,
  votedFor,
  log,
  snapshot,
  ...rest
}: RaftContext): RaftInput => ({
  id,
  // They stand in the first configuration as well.
  voters: snapshot.configuration.voters,
  configurations: rest.configurations,
  settings,
  hardState: { currentTerm, votedFor },
  log,
  snapshot,
});
