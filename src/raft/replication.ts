import { caughtUpFor } from './catch-up.ts';
import { advanceCommit } from './commit.ts';
import { currentConfiguration, membersOf } from './configuration.ts';
import { noLeadership, type RaftContext } from './context.ts';
import type { Decision } from './effects.ts';
import { type FollowerResponse, hear } from './hear.ts';
import type { Persisted, Proposed } from './inputs.ts';
import { lastIndexOfTerm } from './log-shape.ts';
import { committedConfiguration, refusedChange } from './membership.ts';
import type { AppendEntriesResponse } from './messages.ts';
import { advance, initialProgress, type Progress } from './progress.ts';
import { hasQuorum } from './quorum.ts';
import { nextRound, refusedReads, termCommittedBy } from './reads.ts';
import { appendAndReplicate, heartbeats, sendMore } from './send-entries.ts';
import { repeatedChunks } from './snapshots.ts';
import { targetReadyBy } from './transfer.ts';
import { type Entry, emptyPayload, type LogIndex, type NodeId } from './types.ts';

/**
 * Starts leading: a no-op opens the term, so that entries of earlier terms can commit, and announces the leader.
 * Figure 2, "Volatile state on leaders"; Raft paper §8.
 */
export const becomeLeader = (context: RaftContext): Decision => {
  const { leading, patch: begun } = leadershipOf(context);
  const noop: Entry = { term: context.currentTerm, kind: 'noop', payload: emptyPayload };
  const { patch, effects } = appendAndReplicate(leading, [noop]);
  return { patch: { ...begun, ...patch }, effects };
};

/**
 * Starts leading as Figure 2 has it, "Leaders": initial empty AppendEntries announce the leader. No node of ours does, since nothing of earlier terms commits before the next
 * command; other implementations do.
 */
export const becomeLeaderWithoutNoop = (context: RaftContext): Decision => {
  const { leading, patch } = leadershipOf(context);
  return { patch, effects: heartbeats(leading) };
};

/** What a leader begins with. */
const leadershipOf = (context: RaftContext) => {
  const progress: Record<NodeId, Progress> = {};
  for (const member of membersOf(currentConfiguration(context.configurations))) {
    if (member !== context.id) progress[member] = initialProgress(context.log.lastIndex);
  }
  const patch = { ...noLeadership, progress, leaderId: context.id };
  const checked = { ...patch, checkedIndex: nextDurableIndex({ ...context, ...patch }) };
  return { leading: { ...context, ...checked }, patch: checked };
};

/** Stops leading. The entries stay: the next leader decides what becomes of them. Raft paper §5.3. */
export const resign = (context: RaftContext): Decision => ({
  patch: { ...noLeadership, leaderId: null },
  effects: [...refusedReads(context), ...refusedChange(context)],
});

/** "If command received from client: append entry to local log." Figure 2, Leaders. */
export const appendProposals = (context: RaftContext, event: Proposed): Decision => {
  const firstIndex = context.log.lastIndex + 1;
  const term = context.currentTerm;
  const entries = event.proposals.map(({ payload }): Entry => ({ term, kind: 'command', payload }));
  const { patch, effects } = appendAndReplicate(context, entries);
  const ids = event.proposals.map(({ id }) => id);
  return { patch, effects: [{ type: 'accept', params: { ids, firstIndex, term } }, ...effects] };
};

/** Not the leader, or not for long: the client is told who is, if that is known. */
export const rejectProposals = (context: RaftContext, event: Proposed): Decision => {
  const ids = event.proposals.map(({ id }) => id);
  const leaderId = context.transferTarget ?? context.leaderId;
  return { patch: {}, effects: [{ type: 'reject', params: { ids, leaderId } }] };
};

/** Repeats that it leads. With lease reads, each of its heartbeats begins a round, whose answers renew the lease. */
export const sendHeartbeats = (context: RaftContext): Decision => {
  if (!context.settings.leaseReads) return { patch: {}, effects: heartbeats(context) };
  const { patch, raised } = nextRound(context);
  return { patch, effects: heartbeats({ ...context, ...patch }), raised };
};

/** Whether the answer comes from a node that this leader does not replicate to. */
export const isUnknownFollower = (context: RaftContext, response: FollowerResponse): boolean =>
  context.progress[response.from] === undefined;

/** Whether the answer claims entries that this leader does not have: no correct follower does. */
export const isMatchBeyondLog = (context: RaftContext, response: AppendEntriesResponse): boolean =>
  response.success && response.matchIndex > context.log.lastIndex;

/** Whether the answer names a round that has not begun: no correct follower repeats what it was not sent. */
export const isRoundNotBegun = (context: RaftContext, response: FollowerResponse): boolean =>
  response.round > context.round;

/** Whether what the follower says of its log is believed no more. */
export const isQuarantined = (context: RaftContext, response: FollowerResponse): boolean =>
  context.progress[response.from]!.state === 'lost';

/**
 * Whether the follower refuses to go on from an entry that it had acknowledged. An old rejection may come late or twice, so only the answer to
 * a message of a later round than the one in which the leader heard of the match is proof.
 */
export const hasLostEntries = (context: RaftContext, response: AppendEntriesResponse): boolean => {
  const { matchIndex, matchRound } = context.progress[response.from]!;
  return !response.success && response.prevLogIndex <= matchIndex && response.round > matchRound;
};

/** Counts it no more, neither for entries nor for the quorum check, and says so: its disk has to be replaced. */
export const quarantine = (context: RaftContext, { from }: AppendEntriesResponse): Decision => {
  const progress = advance(context.progress[from]!, { type: 'lost' });
  const { matchIndex } = progress;
  return {
    patch: {
      progress: { ...context.progress, [from]: progress },
      heardFrom: context.heardFrom.filter((id) => id !== from),
    },
    effects: [{ type: 'report', params: { peer: from, problem: { type: 'lostEntries', matchIndex } } }],
  };
};

/** Whether a rejection answers a message that the leader has since moved on from: acting on it would go back again. */
export const isStaleRejection = (context: RaftContext, response: AppendEntriesResponse): boolean => {
  if (response.success) return false;
  const { state, nextIndex, matchIndex } = context.progress[response.from]!;
  if (response.prevLogIndex <= matchIndex) return true;
  return state === 'probe' ? response.prevLogIndex !== nextIndex - 1 : response.prevLogIndex >= nextIndex;
};

export const isAppendRejected = (response: AppendEntriesResponse): boolean => !response.success;

/** The follower is alive, but says nothing new. */
export const recordContact = (context: RaftContext, response: AppendEntriesResponse): Decision => {
  const heard = hear(context, response, context.progress[response.from]!);
  const { from } = response;
  return {
    patch: { ...heard.patch, progress: { ...context.progress, [from]: heard.progress } },
    effects: [],
    raised: heard.raised,
  };
};

/** "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry", a term at a time. DIVERGENCE 2. */
export const backtrack = (context: RaftContext, response: AppendEntriesResponse): Decision => {
  const { from, conflictTerm, conflictIndex, prevLogIndex } = response;
  const lastOfTerm = conflictTerm === 0 ? 0 : lastIndexOfTerm(context.log, conflictTerm, prevLogIndex);
  const hinted = lastOfTerm > 0 ? lastOfTerm + 1 : conflictIndex;
  const nextIndex = Math.min(hinted, prevLogIndex);
  const heard = hear(context, response, context.progress[from]!);
  const progress = advance(heard.progress, { type: 'rejected', nextIndex });
  return { ...sendMore(context, from, progress, heard.patch), raised: heard.raised };
};

/** "If successful: update nextIndex and matchIndex for follower", commit what that allows, send what is waiting. Figure 2, Leaders. */
export const recordMatch = (context: RaftContext, response: AppendEntriesResponse): Decision => {
  const { from, matchIndex } = response;
  const heard = hear(context, response, context.progress[from]!);
  // The entries may have come by themselves: then it needs the snapshot no more.
  const isSnapshotNeedless =
    heard.progress.state === 'snapshot' && matchIndex >= heard.progress.snapshot.index;
  const type = isSnapshotNeedless ? 'installed' : 'matched';
  const progress = advance(heard.progress, { type, matchIndex, round: context.round });
  const commit = advanceCommit({ ...context, progress: { ...context.progress, [from]: progress } });
  const next = { ...context, ...heard.patch, commitIndex: commit.commitIndex };
  const more = sendMore(next, from, progress, { ...heard.patch, commitIndex: commit.commitIndex });
  return {
    patch: more.patch,
    effects: [...commit.effects, ...more.effects],
    raised: [
      ...heard.raised,
      ...termCommittedBy(next),
      ...targetReadyBy(context, from, progress),
      ...caughtUpFor(next, { ...context.progress, [from]: progress }),
      ...committedConfiguration(context, commit.commitIndex),
    ],
  };
};

/** Whether this leader's write was issued before its term: what it covered may have been replaced since. */
export const isPersistedInOtherTerm = (context: RaftContext, event: Persisted): boolean =>
  event.term !== context.currentTerm;

/** The leader's own disk has caught up: now it counts itself. Thesis §10.2.1. */
export const recordPersisted = (context: RaftContext, event: Persisted): Decision => {
  const durableIndex = Math.max(context.durableIndex, event.lastIndex);
  const { commitIndex, effects } = advanceCommit({ ...context, durableIndex });
  return {
    patch: { durableIndex, commitIndex },
    effects,
    raised: [
      ...termCommittedBy({ ...context, durableIndex, commitIndex }),
      ...committedConfiguration(context, commitIndex),
    ],
  };
};

/** Whether fewer than a majority, this leader included, have answered since the last check. Thesis §6.2. */
export const isQuorumLost = (context: RaftContext): boolean =>
  !hasQuorum(currentConfiguration(context.configurations), [...context.heardFrom, context.id]);

/** Whether the disk has written nothing in a whole period although entries waited for it. A node whose disk hangs must not lead; one whose disk is only behind may. */
export const isDiskStalled = (context: RaftContext): boolean => context.durableIndex < context.checkedIndex;

/** Starts the next period of the quorum check, with a round of its own: what is answered to an earlier one does not count. Thesis §6.2. */
export const startQuorumCheck = (context: RaftContext): Decision => {
  const { patch, raised } = nextRound(context);
  const { progress, effects } = repeatedChunks({ ...context, ...patch });
  return {
    patch: {
      ...patch,
      progress,
      heardFrom: [],
      checkedIndex: nextDurableIndex(context),
      checkedRound: patch.round,
    },
    effects,
    raised,
  };
};

/** The entry that becomes durable next, unless all are durable: once it is, the disk does not hang. */
const nextDurableIndex = ({ durableIndex, log }: RaftContext): LogIndex =>
  Math.min(durableIndex + 1, log.lastIndex);
