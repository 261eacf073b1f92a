import type { RaftContext } from './context.ts';
import type { Raised } from './inputs.ts';
import type { TermRun } from './log-shape.ts';
import type { InstallSnapshot, Message } from './messages.ts';
import type { Snapshot } from './snapshot.ts';
import type { Entry, HardState, LogIndex, NodeId, Round, Term } from './types.ts';

/** Make this durable, in order of issue. Answered by `Persisted { term: currentTerm, lastIndex }`. */
export interface Persist extends HardState {
  /** Replaces the log from here on; 0 when there are no entries. */
  readonly firstIndex: LogIndex;
  readonly entries: readonly Entry[];
  /** The log's last index with these entries. */
  readonly lastIndex: LogIndex;
}

/** Send `message` once everything persisted before is durable. */
export interface Send {
  readonly message: Message;
}

/**
 * A leader's AppendEntries, which may leave before its own disk is done (thesis §10.2.1). Names its entries as
 * `runs` of (index, term) up to `lastIndex`; none when `lastIndex` is `prevLogIndex`. The payloads come from the log store:
 * where a stored term differs, the message is dropped as if the network had lost it.
 */
export interface Replicate {
  readonly to: NodeId;
  readonly term: Term;
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly runs: readonly TermRun[];
  readonly lastIndex: LogIndex;
  readonly leaderCommit: LogIndex;
  readonly round: Round;
}

/**
 * A leader's InstallSnapshot: the chunk from `offset` on of this snapshot. Like `replicate` it may leave at once, since a
 * snapshot is durable before the chart hears of it; where the store lacks it, the message is as good as lost.
 */
export interface SendChunk {
  readonly to: NodeId;
  readonly term: Term;
  readonly snapshot: Snapshot;
  readonly offset: number;
  readonly round: Round;
}

/**
 * Keep this chunk of the snapshot, which follows what was kept before; at offset 0 it begins anew. The last one is answered by
 * `SnapshotReceived` or `SnapshotFailed`.
 */
export interface StoreChunk {
  readonly chunk: InstallSnapshot;
}

/**
 * Make the received snapshot the beginning of the log, durably and in the order of the writes: the log begins right after it, and what
 * follows it stays if the log has the snapshot's last entry, with its term. Answered by `Persisted`; the `apply` that follows restores the
 * state machine.
 */
export interface InstallReceived extends HardState {
  readonly snapshot: Snapshot;
  /** The log's last index after that. */
  readonly lastIndex: LogIndex;
}

/** The log needs nothing up to `index`, whose entry has `term`, any more: a snapshot stands for it. */
export interface Compact {
  readonly index: LogIndex;
  readonly term: Term;
}

/** Apply the entries up to `lastIndex`, which are committed now. Answered by `Applied`. */
export interface Apply {
  readonly lastIndex: LogIndex;
}

/** The proposals `ids` stand in the log from `firstIndex` on, in `term`. Whether they commit shows when they are applied. */
export interface Accept {
  readonly ids: readonly number[];
  readonly firstIndex: LogIndex;
  readonly term: Term;
}

/** Why a request to the leader was refused, or given up. */
export type RefusalReason =
  /** This node does not lead. */
  | 'notLeader'
  /** The leadership is being handed to `leaderId`: one transfer at a time. */
  | 'transferring'
  /** The target of a transfer leads already. */
  | 'targetLeads'
  /** The target of a transfer is no other voter. */
  | 'targetUnknown'
  /** The target of a transfer did not take over in time: this node leads on. */
  | 'transferTimedOut'
  /** No entry of this leader's term is committed yet: it takes changes of the members a moment later. */
  | 'notReady'
  /** Another change of the members is under way. */
  | 'changing'
  /** The members are already as asked for. */
  | 'unchanged'
  /** The change names a node that is not a member, or not in that part. */
  | 'memberUnknown'
  /** Nobody would vote any more. */
  | 'noVoter'
  /** The change would let another disk count as a voter. */
  | 'voterOnOtherDisk'
  /** A learner that is to vote does not catch up. */
  | 'notCaughtUp'
  /** This node leads no longer: whether the change will be completed is not known here. */
  | 'leadershipLost';

/** The proposals `ids` were not taken: `leaderId` leads, or is to lead; null if no leader is known. */
export interface Reject {
  readonly ids: readonly number[];
  readonly leaderId: NodeId | null;
}

/** The request `id` is done: the configuration at `index` is committed. */
export interface AcceptRequest {
  readonly id: number;
  readonly index: LogIndex;
}

/** The request `id` was refused, or given up: `leaderId` leads, or is to lead; null if no leader is known. */
export interface RejectRequest {
  readonly id: number;
  readonly leaderId: NodeId | null;
  readonly reason: RefusalReason;
}

/** The read `id` may be answered once everything up to `index` is applied. */
export interface ConfirmRead {
  readonly id: number;
  readonly index: LogIndex;
}

/** The read `id` was not taken: `leaderId` leads, or null if no leader is known. */
export interface RejectRead {
  readonly id: number;
  readonly leaderId: NodeId | null;
}

/** A peer did what no correct one does: people should know. */
export interface Report {
  readonly peer: NodeId;
  readonly problem: Problem;
}

export type Problem =
  /** It named a term that no correct cluster gets to. */
  | { readonly type: 'termTooFar'; readonly term: Term }
  /** It has lost entries that it had acknowledged up to `matchIndex`. */
  | { readonly type: 'lostEntries'; readonly matchIndex: LogIndex };

/** The parameters of each effect, by its name. */
export type EffectParams = {
  persist: Persist;
  send: Send;
  replicate: Replicate;
  apply: Apply;
  sendChunk: SendChunk;
  storeChunk: StoreChunk;
  installSnapshot: InstallReceived;
  compact: Compact;
  accept: Accept;
  reject: Reject;
  acceptRequest: AcceptRequest;
  rejectRequest: RejectRequest;
  confirmRead: ConfirmRead;
  rejectRead: RejectRead;
  report: Report;
};

export type EffectName = keyof EffectParams;

/** An effect that is missing here does not compile. */
const effects: { readonly [Name in EffectName]: null } = {
  persist: null,
  send: null,
  replicate: null,
  apply: null,
  sendChunk: null,
  storeChunk: null,
  installSnapshot: null,
  compact: null,
  accept: null,
  reject: null,
  acceptRequest: null,
  rejectRequest: null,
  confirmRead: null,
  rejectRead: null,
  report: null,
};

export const effectNames = Object.keys(effects) as readonly EffectName[];

export type Effect = {
  [Name in EffectName]: { readonly type: Name; readonly params: EffectParams[Name] };
}[EffectName];

/** Whether an action of this name is an effect, and not one that stays inside the chart. */
export const isEffectName = (name: string): name is EffectName => Object.hasOwn(effects, name);

/** What a rule computes: the change to the context, effects in the order in which they must happen, and what it noticed on the way. */
export interface Decision {
  readonly patch: Partial<RaftContext>;
  readonly effects: readonly Effect[];
  /** Handled by the chart right after this step. */
  readonly raised?: readonly Raised[];
}

/** The request `id` is refused, or given up. */
export const rejectedRequest = (
  { id }: { readonly id: number },
  leaderId: NodeId | null,
  reason: RefusalReason,
): Effect => ({ type: 'rejectRequest', params: { id, leaderId, reason } });

export const send = (message: Message): Effect => ({ type: 'send', params: { message } });

/** Persist the hard state alone. */
export const persistHardState = (hardState: HardState, lastIndex: LogIndex): Effect => ({
  type: 'persist',
  params: {
    currentTerm: hardState.currentTerm,
    votedFor: hardState.votedFor,
    firstIndex: 0,
    entries: [],
    lastIndex,
  },
});
