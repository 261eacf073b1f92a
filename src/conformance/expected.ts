import type { TimerName } from '../node/step.ts';
import type { Entry, LogIndex, NodeId, Term } from '../raft/types.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import type { AdapterState } from './protocol.ts';

/** What an adapter's answer to one step must be, after what its capabilities allow for. */
export interface Expected {
  readonly role: AdapterState['role'];
  readonly term: Term;
  readonly votedFor: NodeId | null;
  /** A commit index may be kept over a restart, or learned again. */
  readonly commitIndex: { readonly min: LogIndex; readonly max: LogIndex };
  /** null: not compared. */
  readonly log: ExpectedLog | null;
  /** null: not compared. */
  readonly timers: readonly TimerName[] | null;
  readonly messages: ExpectedMessages;
}

/** The terms of a log's entries, and the entry after which they begin. */
export interface ExpectedLog {
  readonly begin: { readonly index: LogIndex; readonly term: Term };
  readonly terms: readonly Term[];
}

export interface ExpectedMessages {
  /** All but AppendEntries: each must be there, and no other. */
  readonly replies: readonly PathMessage[];
  /** Replies that may be there as well, or instead of one of the above of their type and addressee. */
  readonly alsoAllowed: readonly PathMessage[];
  /** Answers to reads may be there as well. */
  readonly mayAnswerReads: boolean;
  /** Refusals of votes among the replies above may also be missing. */
  readonly mayBeSilent: boolean;
  /** The replies above may also be missing, and only say yes or no. */
  readonly isStaleAnswer: boolean;
  /** Answers carry a term. */
  readonly hasTerms: boolean;
  readonly hasHints: boolean;
  /** AppendEntries and its answers carry rounds. */
  readonly hasRounds: boolean;
  /** A vote request says whether a leader asked for it. */
  readonly hasTransfer: boolean;
  /** The highest that it can know of, within its log. */
  readonly commitIndex: LogIndex;
  readonly hasSeparateHeartbeats: boolean;
  /** What the leader sends, by follower. */
  readonly appends: readonly ExpectedAppends[];
  /** Against which every AppendEntries is held; null: not a leader. */
  readonly leader: LeaderView | null;
}

/** The AppendEntries to one follower in one step. */
export interface ExpectedAppends {
  readonly to: NodeId;
  /** `exact`: these, in this order; more only if they are sound. `sound`: any that are sound. */
  readonly how: 'exact' | 'sound';
  readonly messages: readonly Extract<PathMessage, { type: 'AppendEntries' }>[];
  /** At least one must be there. */
  readonly isRequired: boolean;
  /** One of them must have a `prevLogIndex` below this one: it must go back. null: no matter. */
  readonly below: LogIndex | null;
}

/** A leader's term and log, which whatever it sends must agree with. */
export interface LeaderView {
  readonly term: Term;
  readonly begin: ExpectedLog['begin'];
  /** Those after `begin`. */
  readonly entries: readonly Entry[];
}
