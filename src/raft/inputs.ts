import type { MemberChange } from './members.ts';
import type { Message } from './messages.ts';
import type { LogIndex, NodeId, Term } from './types.ts';

/** A message has arrived. The only way in for messages from outside: the term gate stands here. */
export interface Received {
  readonly type: 'Received';
  readonly message: Message;
  /** When, on the node's clock. Only lease reads ask for it. */
  readonly nowMs?: number;
}

/** A `persist` is durable: `term` and `lastIndex` are those of when it was issued. */
export interface Persisted {
  readonly type: 'Persisted';
  readonly term: Term;
  readonly lastIndex: LogIndex;
}

/** The state machine has applied everything up to `index`. */
export interface Applied {
  readonly type: 'Applied';
  readonly index: LogIndex;
}

/** A snapshot of this node's own state machine is durable: it stands for the log up to `index`. */
export interface SnapshotSaved {
  readonly type: 'SnapshotSaved';
  readonly index: LogIndex;
  readonly term: Term;
}

/** The snapshot at `index` that the leader has sent is complete, sound and durable beside the log. */
export interface SnapshotReceived {
  readonly type: 'SnapshotReceived';
  readonly index: LogIndex;
}

/** What was received of the snapshot at `index` is of no use: damaged, or it found no room. */
export interface SnapshotFailed {
  readonly type: 'SnapshotFailed';
  readonly index: LogIndex;
}

/** A client's command. `id` comes back in `accept` or `reject`. */
export interface Proposal {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Clients want these commands replicated, in this order. */
export interface Proposed {
  readonly type: 'Proposed';
  readonly proposals: readonly Proposal[];
}

/** A client wants another node to lead. `id` comes back in `rejectRequest`, unless the leadership moves. Thesis §3.10. */
export interface TransferRequested {
  readonly type: 'TransferRequested';
  readonly id: number;
  /** Null: the follower that has most of the log. */
  readonly target: NodeId | null;
}

/** A client wants other members. `id` comes back in `acceptRequest` or `rejectRequest`. Thesis §4. */
export interface ConfigurationProposed {
  readonly type: 'ConfigurationProposed';
  readonly id: number;
  readonly changes: readonly MemberChange[];
}

/** A client wants to read. `id` comes back in `confirmRead` or `rejectRead`; it must be new in the life of the cluster, restarts included. */
export interface ReadRequested {
  readonly type: 'ReadRequested';
  readonly id: number;
  /** Now, on the node's clock. */
  readonly nowMs: number;
}

/** Everything that a node's chart is sent from outside; timers come from the chart's own `after`. */
export type Input =
  | Received
  | Persisted
  | Applied
  | SnapshotSaved
  | SnapshotReceived
  | SnapshotFailed
  | Proposed
  | ConfigurationProposed
  | TransferRequested
  | ReadRequested;

/** What a rule noticed, for the region or state whose concern it is. */
export type Raised =
  /** The learners that are to vote hold what the round asks for. */
  | { readonly type: 'CaughtUp' }
  /** The joint configuration in force is committed, and this leader has committed an entry of its own term. */
  | { readonly type: 'JointCommitted' }
  /** A configuration that is not joint has just been committed. */
  | { readonly type: 'FinalCommitted' }
  /** The target of a transfer holds the whole log. */
  | { readonly type: 'TargetReady' }
  /** A majority has answered a round that reads wait for. */
  | { readonly type: 'RoundConfirmed' }
  /** An entry of the leader's own term is committed, and reads wait for that. */
  | { readonly type: 'TermCommitted' };

/** What the roles see: inputs, messages as the term gate delivers them, and what the node's own rules noticed. */
export type RaftEvent = Input | Message | Raised;
