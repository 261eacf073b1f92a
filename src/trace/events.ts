import type { HistoryEvent } from '../check/history.ts';
import type { RaftInput } from '../raft/context.ts';
import type { Effect } from '../raft/effects.ts';
import type { Input } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';
import type { LogIndex, NodeId, Term } from '../raft/types.ts';
import type { TimerType } from '../statechart/read/xstate-internals.ts';
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

/** What the role chart was given: an input, or the event of an expired timer. */
export type TracedInput = Input | { readonly type: TimerType };

/** Everything that happens in a simulated cluster, in the order in which it happens. */
export type SimulationEvent =
  /** The role chart of `node` handled one event, with everything that it raised. What it sent at once comes after it. */
  | {
      readonly type: 'chart';
      readonly node: NodeId;
      /** The steps of one run are numbered from 1 on. A counterexample of the explorer leaves them and the inputs out. */
      readonly step?: number;
      readonly input?: TracedInput;
      readonly before: StateSummary;
      readonly after: StateSummary;
      readonly transitions: readonly TakenTransition[];
      readonly effects: readonly Effect[];
      /** Its line tells neither effects nor more of a transition than which one it is: the chart itself says the rest. */
      readonly isBrief?: true;
    }
  /** It lost power in the middle of this step, after some of these effects; what they had done follows. */
  | {
      readonly type: 'interrupted';
      readonly node: NodeId;
      readonly step: number;
      readonly input: TracedInput;
      readonly effects: readonly Effect[];
    }
  | { readonly type: 'sent' | 'delivered' | 'lost'; readonly message: Message }
  /** Briefly, a message to each of these has left, in this order: which ones, the chart itself says. */
  | { readonly type: 'left'; readonly node: NodeId; readonly to: readonly NodeId[] }
  /** So many writes of this run are durable by now, and the disk is as the last of them left it: only from here on may others hear of a vote or entries. */
  | {
      readonly type: 'synced';
      readonly node: NodeId;
      /** A counterexample of the explorer leaves it out. */
      readonly writes?: number;
      readonly term: Term;
      readonly votedFor: NodeId | null;
      readonly lastIndex: LogIndex;
    }
  | { readonly type: 'applied'; readonly node: NodeId; readonly index: LogIndex; readonly term: Term }
  /** A run begins from what its disk held: its commit index is that of its snapshot, since Figure 2 keeps none durable. */
  | {
      readonly type: 'started';
      readonly node: NodeId;
      readonly state: StateSummary;
      /** Left out in a counterexample of the explorer, and where a run begins to count later than it began, as on a disk that has taken the place of another. */
      readonly found?: RaftInput;
      /** The run before it may have been killed, before the last lines that tell of it were written. */
      readonly mayFollowKill?: true;
    }
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
