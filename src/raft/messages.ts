import type { Configuration } from './configuration.ts';
import type { Entry, LogIndex, NodeId, Round, Term } from './types.ts';

/** Every message names its sender, its addressee and a term, as in Figure 2 of the Raft paper. */
export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: Term;
}

/** Asks for a vote in `term`. Raft paper §5.2, §5.4.1. */
export interface RequestVote extends Envelope {
  readonly type: 'RequestVote';
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /** The leader asked its sender to campaign, so a node that has a leader answers it all the same. Thesis §3.10, §4.2.3. */
  readonly leadershipTransfer: boolean;
}

export interface RequestVoteResponse extends Envelope {
  readonly type: 'RequestVoteResponse';
  readonly voteGranted: boolean;
}

/** Asks whether a vote in `term` (the sender's currentTerm + 1) would be granted. Changes no term. Thesis §9.6. */
export interface PreVote extends Envelope {
  readonly type: 'PreVote';
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

/** A grant echoes the term asked for; a refusal carries the responder's currentTerm. Thesis §9.6. */
export interface PreVoteResponse extends Envelope {
  readonly type: 'PreVoteResponse';
  readonly voteGranted: boolean;
}

/** Replicates `entries`, which follow `prevLogIndex`; without entries it is a heartbeat. Raft paper §5.3. */
export interface AppendEntries extends Envelope {
  readonly type: 'AppendEntries';
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly entries: readonly Entry[];
  readonly leaderCommit: LogIndex;
  /** The leader's latest round when it sent this; the answer repeats it. Thesis §6.4. */
  readonly round: Round;
}

export interface AppendEntriesResponse extends Envelope {
  readonly type: 'AppendEntriesResponse';
  readonly success: boolean;
  /** The `prevLogIndex` of the request that this answers: tells a late rejection from a fresh one. */
  readonly prevLogIndex: LogIndex;
  /** On success, the highest index up to which this log is known to equal the leader's, and is durable. 0 in a rejection. */
  readonly matchIndex: LogIndex;
  /** In a rejection, the term of the follower's entry at `prevLogIndex`; 0 if its log is shorter. DIVERGENCE 2. */
  readonly conflictTerm: Term;
  /** In a rejection, the first index of `conflictTerm`, or the follower's last index + 1. DIVERGENCE 2. */
  readonly conflictIndex: LogIndex;
  /**
   * That of the request: shows that the leader was heard after this round began, and says nothing of a later one. 0 where the request
   * was of an older term than the answer: each term counts its own rounds. Thesis §6.4.
   */
  readonly round: Round;
}

/** One chunk of the leader's snapshot, for a follower that needs entries which the leader's log has dropped. Raft paper §7, Figure 13. */
export interface InstallSnapshot extends Envelope {
  readonly type: 'InstallSnapshot';
  /** The snapshot stands for the log up to here. */
  readonly lastIncludedIndex: LogIndex;
  readonly lastIncludedTerm: Term;
  /** That in force at `lastIncludedIndex`. Thesis, Figure 5.3. */
  readonly configuration: Configuration;
  /** Of the whole snapshot, in bytes. */
  readonly sizeBytes: number;
  /** CRC-32 of the whole snapshot. */
  readonly checksum: number;
  /** Where in the snapshot the chunk begins, in bytes. */
  readonly offset: number;
  readonly data: Uint8Array;
  /** CRC-32 of `data`. */
  readonly dataChecksum: number;
  /** Whether it is the last chunk. */
  readonly done: boolean;
  readonly round: Round;
}

export interface InstallSnapshotResponse extends Envelope {
  readonly type: 'InstallSnapshotResponse';
  /** That of the request. */
  readonly lastIncludedIndex: LogIndex;
  /** Whether the follower holds everything that the snapshot stands for, durably. */
  readonly success: boolean;
  /** On success, the highest index up to which its log is known to equal the leader's; otherwise 0. */
  readonly matchIndex: LogIndex;
  /** Where the chunk that it waits for begins, in bytes; 0 on success. */
  readonly offset: number;
  readonly round: Round;
}

/** The leader asks the follower that is to succeed it to campaign at once. Thesis §3.10. */
export interface TimeoutNow extends Envelope {
  readonly type: 'TimeoutNow';
}

/** A follower asks its leader how far a read must have applied the log to be linearizable. Thesis §6.4. */
export interface ReadIndex extends Envelope {
  readonly type: 'ReadIndex';
  /** The follower's name for this request: comes back in the answer. */
  readonly readId: number;
}

export interface ReadIndexResponse extends Envelope {
  readonly type: 'ReadIndexResponse';
  readonly readId: number;
  /** False: the sender does not lead, or no longer. */
  readonly success: boolean;
  /** On success, the index that the read must have applied; otherwise 0. */
  readonly readIndex: LogIndex;
}

export type Message =
  | RequestVote
  | RequestVoteResponse
  | PreVote
  | PreVoteResponse
  | AppendEntries
  | AppendEntriesResponse
  | InstallSnapshot
  | InstallSnapshotResponse
  | TimeoutNow
  | ReadIndex
  | ReadIndexResponse;

export type MessageType = Message['type'];
