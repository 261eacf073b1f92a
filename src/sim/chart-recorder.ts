import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { RaftSnapshot } from '../node/roles.ts';
import { type Effect, isEffectName } from '../raft/effects.ts';
import { lastTerm } from '../raft/log-shape.ts';
import type { NodeId } from '../raft/types.ts';
import type { SimulationEvent, StateSummary, TakenTransition } from './events.ts';

interface Pending {
  before: StateSummary;
  transitions: TakenTransition[];
  effects: Effect[];
}

/** Puts together, from XState's inspection, what each event did to a role chart: the transitions with their rules, and the effects. */
export class ChartRecorder {
  readonly #emit: (event: SimulationEvent) => void;
  readonly #pending = new Map<NodeId, Pending>();

  constructor(emit: (event: SimulationEvent) => void) {
    this.#emit = emit;
  }

  started(node: NodeId, snapshot: RaftSnapshot): void {
    this.#pending.set(node, { before: summaryOf(snapshot), transitions: [], effects: [] });
  }

  inspect(node: NodeId, event: InspectionEvent): void {
    const pending = this.#pending.get(node);
    if (pending === undefined || (event.actorRef as AnyActorRef).id !== 'raft') return;
    if (event.type === '@xstate.microstep') {
      for (const { eventType, meta, description } of event._transitions) {
        const rule = (meta?.rule as string | undefined) ?? null;
        pending.transitions.push({ event: eventType, rule, description: description ?? null });
      }
    } else if (event.type === '@xstate.action' && isEffectName(event.action.type)) {
      pending.effects.push(event.action as unknown as Effect);
    }
  }

  stepped(node: NodeId, snapshot: RaftSnapshot): void {
    const { before, transitions, effects } = this.#pending.get(node)!;
    const after = summaryOf(snapshot);
    this.#pending.set(node, { before: after, transitions: [], effects: [] });
    this.#emit({ type: 'chart', node, before, after, transitions, effects });
  }
}

export const summaryOf = ({ value, context }: RaftSnapshot): StateSummary => ({
  state: pathOf(value),
  term: context.currentTerm,
  votedFor: context.votedFor,
  lastIndex: context.log.lastIndex,
  lastTerm: lastTerm(context.log),
  commitIndex: context.commitIndex,
  lastApplied: context.lastApplied,
});

/** `follower.leased`; of parallel regions only their parent, since each has one child. */
const pathOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const [[state, child], ...others] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
  if (others.length > 0) return '';
  const path = pathOf(child);
  return path === '' ? state : `${state}.${path}`;
};
