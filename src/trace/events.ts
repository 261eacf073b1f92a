import type { HistoryEvent } from '../check/history.ts';
import type { Effect } from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import type { Fault } from './fault.ts';
import type { Told } from './told.ts';
import type { Violation } from './violation.ts';

/** One transition of a chart, as its source describes it. */
export interface TakenTransition {
  /** `source/trigger/branch`, as in `src/statechart/read/model.ts`. */
  readonly id: string;
  /** The state in which it was taken, such as `follower.leased`. */
  readonly state: string;
  /** The event's type; an `after` timer's is `xstate.after.…`. */
  readonly event: string;
  readonly rule: string | null;
  readonly description: string | null;
}

/** A node's state, in short. */
export interface StateSummary {
  /** The chart's state value, as a path such as `follower.leased`. */
  readonly state: string;
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
}

/** Everything that happens in a simulated cluster, in the order in which it happens. */
export type SimulationEvent =
  /** The role chart of `node` handled one event, with everything that it raised. */
  | {
      readonly type: 'chart';
      readonly node: NodeId;
      readonly before: StateSummary;
      readonly after: StateSummary;
      readonly transitions: readonly TakenTransition[];
      readonly effects: readonly Effect[];
    }
  | { readonly type: 'sent' | 'delivered' | 'lost'; readonly message: Message }
  | { readonly type: 'synced'; readonly node: NodeId; readonly term: Term; readonly lastIndex: LogIndex }
  | { readonly type: 'applied'; readonly node: NodeId; readonly index: LogIndex; readonly term: Term }
  | { readonly type: 'started'; readonly node: NodeId; readonly state: StateSummary }
  /** It lost power, or was killed. */
  | { readonly type: 'crashed'; readonly node: NodeId }
  /** It stopped by itself. */
  | { readonly type: 'stopped'; readonly node: NodeId; readonly reason: string }
  /** It would not start on the disk that it found. */
  | { readonly type: 'refused'; readonly node: NodeId; readonly reason: string }
  | { readonly type: 'faultBegins' | 'faultEnds'; readonly fault: Fault }
  /** No fault is left, and no more will come. */
  | { readonly type: 'healed' }
  | { readonly type: 'client'; readonly event: HistoryEvent }
  | { readonly type: 'violation'; readonly violation: Violation }
  | { readonly type: 'told'; readonly told: Told };

/** An event with its virtual time. */
export type TimedEvent = SimulationEvent & { readonly atMs: number };
