import { advanceCommit } from './commit.ts';
import { currentConfiguration } from './configuration.ts';
import { noLeadership, type RaftContext } from './context.ts';
import type { Decision, Effect } from './effects.ts';
import type { Persisted, Proposed } from './inputs.ts';
import { append, batchEnd, lastIndexOfTerm, runsBetween, termAt } from './log-shape.ts';
import type { AppendEntriesResponse } from './messages.ts';
import { advance, hasRoom, initialProgress, type Progress } from './progress.ts';
import { hasQuorum } from './quorum.ts';
import { type Entry, emptyPayload, type LogIndex, type NodeId } from './types.ts';

/**
 * Starts leading: a no-op opens the term, so that entries of earlier terms can commit, and announces the leader.
 * Figure 2, "Volatile state on leaders"; Raft paper §8.
 */
export const becomeLeader = (context: RaftContext): Decision => {
  const progress: Record<NodeId, Progress> = {};
  for (const voter of currentConfiguration(context.configurations).voters) {
    if (voter !== context.id) progress[voter] = initialProgress(context.log.lastIndex);
  }
  const leading = { ...context, ...noLeadership, progress, checkedIndex: context.log.lastIndex };
  const noop: Entry = { term: context.currentTerm, kind: 'noop', payload: emptyPayload };
  const { patch, effects } = appendAndReplicate(leading, [noop]);
  return {
    patch: { ...noLeadership, ...patch, checkedIndex: leading.checkedIndex, leaderId: context.id },
    effects,
  };
};

/** Stops leading. The entries stay: the next leader decides what becomes of them. Raft paper §5.3. */
export const resign = (): Decision => ({ patch: { ...noLeadership, leaderId: null }, effects: [] });

/** "If command received from client: append entry to local log." Figure 2, Leaders. */
export const appendProposals = (context: RaftContext, event: Proposed): Decision => {
  const firstIndex = context.log.lastIndex + 1;
  const term = context.currentTerm;
  const entries = event.proposals.map(({ payload }): Entry => ({ term, kind: 'command', payload }));
  const { patch, effects } = appendAndReplicate(context, entries);
  const ids = event.proposals.map(({ id }) => id);
  return { patch, effects: [{ type: 'accept', params: { ids, firstIndex, term } }, ...effects] };
};

/** Not the leader: the client is told who is, if that is known. */
export const rejectProposals = (context: RaftContext, event: Proposed): Decision => ({
  patch: {},
  effects: [
    { type: 'reject', params: { ids: event.proposals.map(({ id }) => id), leaderId: context.leaderId } },
  ],
});

/**
 * An empty AppendEntries to everyone, after all that was sent: a lost message shows up as a rejection, and an
 * unanswered probe is repeated. Figure 2, Leaders: "repeat during idle periods".
 */
export const sendHeartbeats = (context: RaftContext): Decision => ({
  patch: {},
  effects: peersOf(context).map((to) => {
    const { nextIndex } = context.progress[to]!;
    return replicate(context, to, nextIndex, nextIndex - 1);
  }),
});

/** Whether the answer comes from a node that this leader does not replicate to. */
export const isUnknownFollower = (context: RaftContext, response: AppendEntriesResponse): boolean =>
  context.progress[response.from] === undefined;

/** Whether the answer claims entries that this leader does not have: no correct follower does. */
export const isMatchBeyondLog = (context: RaftContext, response: AppendEntriesResponse): boolean =>
  response.success && response.matchIndex > context.log.lastIndex;

/** Whether a rejection answers a message that the leader has since moved on from: acting on it would go back again. */
export const isStaleRejection = (context: RaftContext, response: AppendEntriesResponse): boolean => {
  if (response.success) return false;
  const { state, nextIndex, matchIndex } = context.progress[response.from]!;
  // Also covers a follower that lost its disk: retrying from what it once held would be rejected again, endlessly.
  if (response.prevLogIndex <= matchIndex) return true;
  return state === 'probe' ? response.prevLogIndex !== nextIndex - 1 : response.prevLogIndex >= nextIndex;
};

export const isAppendRejected = (response: AppendEntriesResponse): boolean => !response.success;

/** The follower is alive, but says nothing new. */
export const recordContact = (context: RaftContext, response: AppendEntriesResponse): Decision => ({
  patch: { heardFrom: withMember(context.heardFrom, response.from) },
  effects: [],
});

/** "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry", a term at a time. DIVERGENCE 2. */
export const backtrack = (context: RaftContext, response: AppendEntriesResponse): Decision => {
  const { from, conflictTerm, conflictIndex, prevLogIndex } = response;
  const lastOfTerm = conflictTerm === 0 ? 0 : lastIndexOfTerm(context.log, conflictTerm, prevLogIndex);
  const hinted = lastOfTerm > 0 ? lastOfTerm + 1 : conflictIndex;
  const nextIndex = Math.min(hinted, prevLogIndex);
  const progress = advance(context.progress[from]!, { type: 'rejected', nextIndex });
  return sendMore(context, from, progress, recordContact(context, response).patch);
};

/** "If successful: update nextIndex and matchIndex for follower", commit what that allows, send what is waiting. Figure 2, Leaders. */
export const recordMatch = (context: RaftContext, response: AppendEntriesResponse): Decision => {
  const { from, matchIndex } = response;
  const progress = advance(context.progress[from]!, { type: 'matched', matchIndex });
  const patch = recordContact(context, response).patch;
  const commit = advanceCommit({ ...context, progress: { ...context.progress, [from]: progress } });
  const next = { ...context, commitIndex: commit.commitIndex };
  const more = sendMore(next, from, progress, { ...patch, commitIndex: commit.commitIndex });
  return { patch: more.patch, effects: [...commit.effects, ...more.effects] };
};

/** Whether this leader's write was issued before its term: what it covered may have been replaced since. */
export const isPersistedInOtherTerm = (context: RaftContext, event: Persisted): boolean =>
  event.term !== context.currentTerm;

/** The leader's own disk has caught up: now it counts itself. Thesis §10.2.1. */
export const recordPersisted = (context: RaftContext, event: Persisted): Decision => {
  const durableIndex = Math.max(context.durableIndex, event.lastIndex);
  const { commitIndex, effects } = advanceCommit({ ...context, durableIndex });
  return { patch: { durableIndex, commitIndex }, effects };
};

/** Whether fewer than a majority, this leader included, have answered since the last check. Thesis §6.2. */
export const isQuorumLost = (context: RaftContext): boolean =>
  !hasQuorum(currentConfiguration(context.configurations), [...context.heardFrom, context.id]);

/** Whether entries that were in the log at the last check are still not durable here: a node whose disk hangs must not lead. */
export const isDiskStalled = (context: RaftContext): boolean => context.durableIndex < context.checkedIndex;

/** Starts the next period of the quorum check. */
export const startQuorumCheck = (context: RaftContext): Decision => ({
  patch: { heardFrom: [], checkedIndex: context.log.lastIndex },
  effects: [],
});

/** Appends, persists, and, without waiting for its own disk, sends to every follower that has room. Thesis §10.2.1. */
const appendAndReplicate = (context: RaftContext, entries: readonly Entry[]): Decision => {
  const { settings, currentTerm, votedFor } = context;
  const firstIndex = context.log.lastIndex + 1;
  const log = append(context.log, entries, settings.maxMessageBytes);
  const next = { ...context, log };
  const effects: Effect[] = [];
  const progress: Record<NodeId, Progress> = { ...context.progress };
  for (const to of peersOf(context)) {
    const more = fillPipeline(next, to, progress[to]!);
    progress[to] = more.progress;
    effects.push(...more.effects);
  }
  const persist: Effect = {
    type: 'persist',
    params: { currentTerm, votedFor, firstIndex, entries, lastIndex: log.lastIndex },
  };
  return { patch: { log, progress }, effects: [persist, ...effects] };
};

const sendMore = (
  context: RaftContext,
  to: NodeId,
  from: Progress,
  patch: Partial<RaftContext>,
): Decision => {
  const { progress, effects } = fillPipeline(context, to, from);
  return { patch: { ...patch, progress: { ...context.progress, [to]: progress } }, effects };
};

/** Sends entries from `nextIndex` on, in as many messages as there is room for. A probe with nothing to send goes out empty. */
const fillPipeline = (
  context: RaftContext,
  to: NodeId,
  from: Progress,
): { readonly progress: Progress; readonly effects: readonly Effect[] } => {
  const { log, settings } = context;
  const effects: Effect[] = [];
  let progress = from;
  while (hasRoom(progress, settings.maxMessagesInFlight) && progress.nextIndex <= log.lastIndex) {
    const lastIndex = batchEnd(log, progress.nextIndex, settings.maxEntriesPerMessage);
    effects.push(replicate(context, to, progress.nextIndex, lastIndex));
    progress = advance(progress, { type: 'sent', lastIndex });
  }
  return { progress, effects };
};

const replicate = (context: RaftContext, to: NodeId, firstIndex: LogIndex, lastIndex: LogIndex): Effect => ({
  type: 'replicate',
  params: {
    to,
    term: context.currentTerm,
    prevLogIndex: firstIndex - 1,
    prevLogTerm: termAt(context.log, firstIndex - 1),
    runs: runsBetween(context.log, firstIndex, lastIndex),
    lastIndex,
    leaderCommit: context.commitIndex,
  },
});

const peersOf = (context: RaftContext): readonly NodeId[] => Object.keys(context.progress).map(Number);

const withMember = (sorted: readonly NodeId[], id: NodeId): readonly NodeId[] =>
  sorted.includes(id) ? sorted : [...sorted, id].sort((a, b) => a - b);
