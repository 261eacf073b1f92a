import type { Configuration } from '../../raft/configuration.ts';
import type { LogShape } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { Progress } from '../../raft/progress.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { Violation } from '../../trace/violation.ts';
import type { NetworkPlan } from '../plan.ts';
import type { Flight } from '../under-way.ts';

/** A timer of a role chart that runs. Times in virtual microseconds. */
export interface FrameTimer {
  /** As the chart names the delay. */
  readonly name: string;
  readonly setUs: number;
  /** Null: it expires when somebody says so. */
  readonly expiresUs: number | null;
}

/** What a disk holds for certain. */
export interface FrameDisk {
  readonly term: Term;
  readonly votedFor: NodeId | null;
  readonly log: LogShape;
  /** How many writes have not become durable yet. */
  readonly waiting: number;
  readonly isSlow: boolean;
  readonly isFull: boolean;
  /** It took the place of one that was lost, and what happens on it does not count yet. */
  readonly isOther: boolean;
}

/** One node at one moment: plain data. */
export interface FrameNode {
  readonly id: NodeId;
  /** Without a process only `disk` means anything, and the rest is what it restarts with. */
  readonly isUp: boolean;
  readonly isPaused: boolean;
  /** How many times as fast as time its clock runs. */
  readonly clockRate: number;
  /** The role chart's state, as traces name it: `follower.leased`. */
  readonly state: string;
  /** The outermost of these: `follower`. */
  readonly role: string;
  readonly term: Term;
  readonly votedFor: NodeId | null;
  /** Who leads, as far as it knows. */
  readonly leader: NodeId | null;
  readonly votesGranted: readonly NodeId[];
  readonly log: LogShape;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  /** The configuration in force there; null: it knows none. */
  readonly configuration: Configuration | null;
  /** What a leader knows of the others; of any other node empty. */
  readonly progress: Readonly<Record<NodeId, Progress>>;
  /** Reads that wait for a round of heartbeats, or to be applied. */
  readonly reads: number;
  readonly timers: readonly FrameTimer[];
  /** Messages that wait until what they promise is durable, in order. */
  readonly outbox: readonly Message[];
  readonly disk: FrameDisk;
  /** Why it stopped by itself or would not start; null: it did not. */
  readonly failure: string | null;
}

/** A cluster at one moment, right after a virtual event and all that follows from it at once. Parts that did not change are those of the frame before. */
export interface Frame {
  readonly atUs: number;
  /** How many directives of the script are done. */
  readonly done: number;
  /** How many virtual events have happened, and how many events of the trace. */
  readonly steps: number;
  readonly events: number;
  readonly nodes: readonly FrameNode[];
  readonly flights: readonly Flight[];
  /** Links on which everything is lost. */
  readonly cuts: readonly (readonly [from: NodeId, to: NodeId])[];
  /** The property that does not hold; null: all do. */
  readonly violation: Violation | null;
  /** What becomes of messages that are sent from now on. */
  readonly rates: NetworkPlan;
}
