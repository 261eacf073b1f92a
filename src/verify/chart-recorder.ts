import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { RaftSnapshot } from '../node/step.ts';
import { type Effect, isEffectName } from '../raft/effects.ts';
import { lastTerm } from '../raft/log-shape.ts';
import type { NodeId } from '../raft/types.ts';
import { stateNameOf } from '../statechart/read/state-name.ts';
import { transitionIdOf } from '../statechart/read/walk.ts';
import { transitionsOfMicrostep } from '../statechart/read/xstate-internals.ts';
import type { SimulationEvent, StateSummary, TakenTransition } from '../trace/events.ts';

interface Pending {
  /** The chart's state within the step. */
  state: string;
  before: StateSummary;
  transitions: TakenTransition[];
  effects: Effect[];
}

/** Collects, from XState's inspection events, what each event did to a role chart: the transitions with their rules, and the effects. */
export class ChartRecorder {
  readonly #emit: (event: SimulationEvent) => void;
  readonly #pending = new Map<NodeId, Pending>();

  constructor(emit: (event: SimulationEvent) => void) {
    this.#emit = emit;
  }

  started(node: NodeId, snapshot: RaftSnapshot): void {
    this.#pending.set(node, {
      state: stateNameOf(snapshot),
      before: summaryOf(snapshot),
      transitions: [],
      effects: [],
    });
  }

  inspect(node: NodeId, event: InspectionEvent): void {
    const pending = this.#pending.get(node);
    if (pending === undefined || (event.actorRef as AnyActorRef).id !== 'raft') return;
    if (event.type === '@xstate.microstep') {
      for (const transition of transitionsOfMicrostep(event)) {
        const { eventType, meta, description } = transition;
        const rule = (meta?.rule as string | undefined) ?? null;
        const id = transitionIdOf(transition);
        pending.transitions.push({
          id,
          state: pending.state,
          event: eventType,
          rule,
          description: description ?? null,
        });
      }
      pending.state = stateNameOf(event.snapshot as RaftSnapshot);
    } else if (event.type === '@xstate.action' && isEffectName(event.action.type)) {
      pending.effects.push(event.action as unknown as Effect);
    }
  }

  stepped(node: NodeId, snapshot: RaftSnapshot): void {
    const { before, transitions, effects } = this.#pending.get(node)!;
    const after = summaryOf(snapshot);
    this.#pending.set(node, { state: after.state, before: after, transitions: [], effects: [] });
    this.#emit({ type: 'chart', node, before, after, transitions, effects });
  }
}

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
