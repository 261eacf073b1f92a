import type { TimerName } from '../../node/step.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { PathMessage } from '../paths/path.ts';

/** What can happen next in an explored cluster. Plain JSON: a schedule is a list of these, and says all about a run. */
export type ClusterEvent =
  /** A message that is under way arrives; `again`: and stays under way, as a duplicate. */
  | { readonly type: 'deliver'; readonly message: PathMessage; readonly again?: true }
  | { readonly type: 'lose'; readonly message: PathMessage }
  | { readonly type: 'timeout'; readonly node: NodeId; readonly timer: TimerName }
  /** A client's command reaches this node. */
  | { readonly type: 'propose'; readonly node: NodeId }
  /** With asynchronous writes: the oldest write of this node becomes durable. */
  | { readonly type: 'durable'; readonly node: NodeId }
  /**
   * The node loses power, and starts again on what its disk kept: what was durable, and the first `writes` of those that
   * were not. With `during` it dies in the middle of that event, right after `effects` of its effects are done and before
   * anything else: a `persist` is done when its write is queued, a `send` when its message leaves (the same message again in one
   * event counts once), another when it is carried out. With a prompt disk the writes of an event become durable one by one once the chart's step is over, each before
   * what waits for it leaves.
   */
  | {
      readonly type: 'crash';
      readonly node: NodeId;
      readonly writes: number;
      readonly during?: ClusterEvent;
      readonly effects?: number;
    };

/** One event of a schedule, with what was lost on the way because the bag of messages was full. */
export interface ScheduledEvent {
  readonly event: ClusterEvent;
  readonly dropped: readonly PathMessage[];
}

export interface ExploreOptions {
  readonly nodes: number;
  /** No node enters a later term, nor asks for one. */
  readonly maxTerm: Term;
  /** No log grows beyond this index. */
  readonly maxLog: LogIndex;
  /**
   * How many messages can be under way at once. A full bag loses what is sent: each choice of what still fits is tried. The same
   * message twice is one, and one that can only be ignored takes no room. Not read with `loss` and `duplicates`: any number then.
   */
  readonly messages: number;
  /** Any message under way may be lost. */
  readonly loss: boolean;
  /** Any message under way may arrive again and again. */
  readonly duplicates: boolean;
  /** How many times a node may lose power, all nodes together. */
  readonly crashes: number;
  /** `prompt`: a write is durable before anything else happens. `slow`: it becomes durable at any later time. */
  readonly disk: 'prompt' | 'slow';
}

/** What came of an exploration. */
export interface ExploreFigures {
  /** Distinct cluster states, after symmetry. */
  readonly states: number;
  /** Steps from one to another. */
  readonly edges: number;
  /** Longest shortest way from the start; null where states are not met on shortest ways. */
  readonly depth: number | null;
  /** States that a bound kept from going on: a term or an entry too many. */
  readonly cut: number;
  /** Messages that a full bag lost. */
  readonly dropped: number;
  /** Distinct states and steps of single nodes. */
  readonly localStates: number;
  readonly localSteps: number;
  /** Bytes of the tables. */
  readonly bytes: number;
  /** Seconds of real time. */
  readonly seconds: number;
}
