import { guards } from '../../machines/raft/guards.ts';
import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import type { Effect } from '../../src/raft/effects.ts';
import type { RaftEvent, Received } from '../../src/raft/inputs.ts';
import type { AppendEntries, Message } from '../../src/raft/messages.ts';
import { withDecision, withGuards } from '../../src/simulate/broken/broken-chart.ts';
import { commitsReplicated } from '../../src/simulate/broken/broken-charts.ts';
import { withHandler } from './broken-chart.ts';

type Chart = typeof raftMachine;

const messageOf = (event: RaftEvent): Message => (event as Received).message;

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

/** Row 27: a leader counts itself as soon as it has appended. */
export const leaderCountsBeforeDurable: Chart = withDecision(
  'appendProposals',
  (context, _, { patch, effects }) =>
    commitsReplicated(context, { patch: { ...patch, durableIndex: patch.log!.lastIndex }, effects }),
);
