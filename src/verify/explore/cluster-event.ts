import type { TimerName } from '../../node/step.ts';
import type { MemberChange } from '../../raft/members.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { PathMessage } from '../paths/path.ts';

/** What can happen next in an explored cluster. Plain JSON: a schedule is a list of these, and determines a run completely. */
export type ClusterEvent =
  /** A message under way arrives; `again`: and stays under way, as a duplicate. */
  | { readonly type: 'deliver'; readonly message: PathMessage; readonly again?: true }
  | { readonly type: 'lose'; readonly message: PathMessage }
  | { readonly type: 'timeout'; readonly node: NodeId; readonly timer: TimerName }
  /** A client's command reaches this node. */
  | { readonly type: 'propose'; readonly node: NodeId }
  /** A client asks this node, which leads, to hand over to `target`. */
  | { readonly type: 'transfer'; readonly node: NodeId; readonly target: NodeId }
  /** A client asks this node for a read; reads are numbered from 1 in the order in which they are asked for. */
  | { readonly type: 'read'; readonly node: NodeId; readonly id: number }
  /** A client asks this node, which leads, for these changes of the members, all in one. */
  | { readonly type: 'change'; readonly node: NodeId; readonly changes: readonly MemberChange[] }
  /** A snapshot of what this node has applied becomes durable, and its log drops what the snapshot stands for. */
  | { readonly type: 'snapshot'; readonly node: NodeId }
  /** With asynchronous writes: the snapshot that this node has received turns out to be sound. */
  | { readonly type: 'checked'; readonly node: NodeId }
  /** With asynchronous writes: the oldest write of this node becomes durable. */
  | { readonly type: 'durable'; readonly node: NodeId }
  /**
   * The node loses power, and restarts on what its disk kept: what was durable, and the first `writes` of those that
   * were not. With `during` it crashes in the middle of that event, right after `effects` of its effects are done and before
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

/** One event of a schedule, with the messages lost because the bag was full. */
export interface ScheduledEvent {
  readonly event: ClusterEvent;
  readonly dropped: readonly PathMessage[];
}

export interface ExploreOptions {
  /** The voters that the cluster starts with: nodes 1, 2, … */
  readonly nodes: number;
  /** Nodes after those that are not members at first: they run, with an empty log. */
  readonly spares: number;
  /** No node enters a later term, or asks for one. */
  readonly maxTerm: Term;
  /** No log grows beyond this index. */
  readonly maxLog: LogIndex;
  /**
   * How many messages can be under way at once. A full bag loses what is sent: each choice of what still fits is tried. The same
   * message twice counts as one, and one that can only be ignored takes no room. Not used with both `loss` and `duplicates`: any number then.
   */
  readonly messages: number;
  /** Any message under way may be lost. */
  readonly loss: boolean;
  /** Any message under way may arrive again and again. */
  readonly duplicates: boolean;
  /** How many power losses there may be, over all nodes together. */
  readonly crashes: number;
  /** How many leadership transfers clients may ask for. */
  readonly transfers: number;
  /** How many reads clients may ask for. No leader begins more rounds than that in one term, so repeated requests get no further. */
  readonly reads: number;
  /** How many snapshots nodes may take of what they have applied, over all nodes together. */
  readonly snapshots: number;
  /** How many changes of the members clients may ask for. */
  readonly reconfigurations: number;
  /** `prompt`: a write is durable before anything else happens. `slow`: it becomes durable at any later time. */
  readonly disk: 'prompt' | 'slow';
}

/** How many nodes there are, members or not. */
export const sizeOf = ({ nodes, spares }: Pick<ExploreOptions, 'nodes' | 'spares'>): number => nodes + spares;

/** What an exploration amounted to. */
export interface ExploreFigures {
  /** Distinct cluster states, after symmetry. */
  readonly states: number;
  /** Steps from one to another. */
  readonly edges: number;
  /** The greatest distance from the start; null where states are not found by shortest paths. */
  readonly depth: number | null;
  /** States where a bound cut the search off: one term, entry or round too many. */
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
