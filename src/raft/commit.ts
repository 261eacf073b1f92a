import { currentConfiguration } from './configuration.ts';
import type { RaftContext } from './context.ts';
import type { Decision, Effect } from './effects.ts';
import type { Applied } from './inputs.ts';
import { termAt } from './log-shape.ts';
import { countedIndex } from './progress.ts';
import { quorumIndex } from './quorum.ts';
import type { LogIndex } from './types.ts';

/** What decides how far a leader may commit. */
export type CommitView = Pick<
  RaftContext,
  'id' | 'currentTerm' | 'log' | 'configurations' | 'commitIndex' | 'progress' | 'durableIndex'
>;

/**
 * Highest index that the leader may commit. Replicas are counted only for an entry of `currentTerm`; earlier entries
 * commit with it. The leader counts its own log only as far as it is durable. Raft paper §5.4.2, Figure 8; thesis §10.2.1.
 */
export const nextCommitIndex = (leader: CommitView): LogIndex => {
  const replicated = quorumIndex(currentConfiguration(leader.configurations), (id) =>
    id === leader.id ? leader.durableIndex : countedIndex(leader.progress[id]),
  );
  if (termAt(leader.log, replicated) !== leader.currentTerm) return leader.commitIndex;
  return Math.max(leader.commitIndex, replicated);
};

/** Commits as far as the rule allows, and applies what that adds. Figure 2, Leaders, last rule. */
export const advanceCommit = (
  leader: CommitView,
): { readonly commitIndex: LogIndex; readonly effects: readonly Effect[] } => {
  const commitIndex = nextCommitIndex(leader);
  if (commitIndex === leader.commitIndex) return { commitIndex, effects: [] };
  return {
    commitIndex,
    effects: [{ type: 'apply', params: { lastIndex: commitIndex } }],
  };
};

/** The state machine has applied the log up to this index. Figure 2, All Servers. */
export const recordApplied = (_: RaftContext, event: Applied): Decision => ({
  patch: { lastApplied: event.index },
  effects: [],
});
