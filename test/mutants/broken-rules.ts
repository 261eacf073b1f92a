import { guards } from '../../machines/raft/guards.ts';
import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import { currentConfiguration } from '../../src/raft/configuration.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import type { Decision, Effect } from '../../src/raft/effects.ts';
import type { RaftEvent, Received } from '../../src/raft/inputs.ts';
import { append, truncateFrom } from '../../src/raft/log-shape.ts';
import type { AppendEntries, Message } from '../../src/raft/messages.ts';
import { quorumIndex } from '../../src/raft/quorum.ts';
import { withDecision, withGuards, withHandler } from './broken-chart.ts';

type Chart = typeof raftMachine;

const messageOf = (event: RaftEvent): Message => (event as Received).message;

/** Row 1: the answer leaves before the vote is durable. */
export const voteSentBeforePersisted: Chart = withDecision('grantVote', (_, __, { patch, effects }) => ({
  patch,
  effects: [...effects].reverse(),
}));

/** Row 2: grants are counted, whoever they are from. */
export const votesCounted: Chart = withGuards({
  isVoteCounted: () => false,
  isVoteQuorum: ({ context }) =>
    (context.votesGranted.length + 1) * 2 > currentConfiguration(context.configurations).voters.length,
});

/** Row 3: any entry at prevLogIndex will do, whatever its term. */
export const prevTermNotCompared: Chart = withGuards({
  isLogMismatch: ({ context, event }) => (event as AppendEntries).prevLogIndex > context.log.lastIndex,
});

/** Row 4: a grant of an earlier campaign counts for this one. */
export const staleVoteCounted: Chart = withGuards({
  isStaleResponse: (args) =>
    messageOf(args.event).type !== 'RequestVoteResponse' && guards.isStaleResponse(args),
});

/** Row 5: a leader that steps down forgets whom it voted for, in the same term. */
export const voteClearedOnStepDown: Chart = withDecision('resign', (_, __, { patch, effects }) => ({
  patch: { ...patch, votedFor: null },
  effects,
}));

/** Row 6: a candidate keeps its vote for itself neither in mind nor on disk. */
export const ownVoteNotRecorded: Chart = withDecision('startElection', (_, __, { patch, effects }) => ({
  patch: { ...patch, votedFor: null },
  effects: effects.map(
    (effect): Effect =>
      effect.type === 'persist' ? { ...effect, params: { ...effect.params, votedFor: null } } : effect,
  ),
}));

/** Row 7: replicas are counted for entries of any term. */
export const oldTermsCommitted: Chart = withDecision(
  'recordMatch',
  (context, _, right) => commitsReplicated(context, right),
  withDecision('recordPersisted', (context, _, right) => commitsReplicated(context, right)),
);

const commitsReplicated = (context: RaftContext, { patch, effects }: Decision): Decision => {
  const { id, progress, durableIndex, configurations, commitIndex } = { ...context, ...patch };
  const replicated = quorumIndex(currentConfiguration(configurations), (voter) =>
    voter === id ? durableIndex : (progress[voter]?.matchIndex ?? 0),
  );
  if (replicated <= commitIndex) return { patch, effects };
  const apply: Effect = { type: 'apply', params: { lastIndex: replicated } };
  return { patch: { ...patch, commitIndex: replicated }, effects: [...effects, apply] };
};

/** Row 12, first half: a refused pre-vote teaches the asker no term. */
export const preVoteRefusalTeachesNoTerm: Chart = withGuards({
  isNewerTerm: (args) => messageOf(args.event).type !== 'PreVoteResponse' && guards.isNewerTerm(args),
});

/** Row 12, second half: two pre-candidates refuse each other. */
export const preCandidatesRefuse: Chart = withHandler('preCandidate', 'PreVote', { actions: 'denyPreVote' });

/** Row 13: a leader that hears from no majority goes on. */
export const quorumNotChecked: Chart = withGuards({ isQuorumLost: () => false });

/** Row 17: a follower commits what the leader has committed, up to the end of its own log. */
export const commitBeyondMatch: Chart = withDecision('acceptAppend', (context, event, { patch, effects }) => {
  const { leaderCommit } = event as AppendEntries;
  const { lastIndex } = { ...context, ...patch }.log;
  const commitIndex = Math.max(context.commitIndex, Math.min(leaderCommit, lastIndex));
  const others = effects.filter(({ type }) => type !== 'apply');
  if (commitIndex === context.commitIndex) return { patch, effects: others };
  const apply: Effect = { type: 'apply', params: { lastIndex: commitIndex } };
  return { patch: { ...patch, commitIndex }, effects: [...others, apply] };
});

/** Row 18: whatever stands after prevLogIndex is replaced, whether or not it differs. */
export const matchingEntriesDeleted: Chart = withDecision('acceptAppend', (context, event, right) => {
  const { entries, prevLogIndex } = event as AppendEntries;
  if (entries.length === 0 || prevLogIndex >= context.log.lastIndex) return right;
  const { currentTerm, votedFor, settings } = context;
  const firstIndex = prevLogIndex + 1;
  const kept = truncateFrom(context.log, firstIndex, settings.maxMessageBytes);
  const log = append(kept, entries, settings.maxMessageBytes);
  const persist: Effect = {
    type: 'persist',
    params: { currentTerm, votedFor, firstIndex, entries, lastIndex: log.lastIndex },
  };
  return {
    patch: { ...right.patch, log },
    effects: [persist, ...right.effects.filter(({ type }) => type !== 'persist')],
  };
});

/** Row 27: a leader counts itself as soon as it has appended. */
export const leaderCountsBeforeDurable: Chart = withDecision(
  'appendProposals',
  (context, _, { patch, effects }) =>
    commitsReplicated(context, { patch: { ...patch, durableIndex: patch.log!.lastIndex }, effects }),
);
