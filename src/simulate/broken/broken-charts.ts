import { type DecisionName, decisions } from '../../../machines/raft/actions.ts';
import { guards } from '../../../machines/raft/guards.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { currentConfiguration, membersOf } from '../../raft/configuration.ts';
import type { RaftContext } from '../../raft/context.ts';
import type { Decision, Effect } from '../../raft/effects.ts';
import type { RaftEvent } from '../../raft/inputs.ts';
import { append, truncateFrom } from '../../raft/log-shape.ts';
import type { AppendEntries } from '../../raft/messages.ts';
import { quorumIndex } from '../../raft/quorum.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';
import { withDecision, withGuards } from './broken-chart.ts';

type Chart = typeof raftMachine;

/** The answer leaves before the vote is durable. */
export const voteSentBeforePersisted: Chart = withDecision('grantVote', (_, __, right) =>
  answeredFirst(right),
);

/** A follower's answer leaves before the entries are durable. */
export const answerBeforeWrite: Chart = withDecision('acceptAppend', (_, __, right) => answeredFirst(right));

const answeredFirst = ({ patch, effects }: Decision): Decision => ({
  patch,
  effects: [...effects].reverse(),
});

/** Grants are counted, whoever they are from. */
export const votesCounted: Chart = withGuards({
  isVoteCounted: () => false,
  isVoteQuorum: ({ context }) =>
    (context.votesGranted.length + 1) * 2 > currentConfiguration(context.configurations).voters.length,
});

/** A candidate whose log lacks entries is as good as any other. */
export const logNotCompared: Chart = withGuards({ isLogBehind: () => false });

/** Replicas are counted for entries of any term. */
export const oldTermsCommitted: Chart = withDecision(
  'recordMatch',
  (context, _, right) => commitsReplicated(context, right),
  withDecision('recordPersisted', (context, _, right) => commitsReplicated(context, right)),
);

/** Commits whatever a majority holds. */
export const commitsReplicated = (context: RaftContext, { patch, effects }: Decision): Decision => {
  const { configurations, commitIndex, ...after } = { ...context, ...patch };
  const replicated = quorumIndex(currentConfiguration(configurations), (voter) => heldBy(voter, after));
  if (replicated <= commitIndex) return { patch, effects };
  const apply: Effect = { type: 'apply', params: { lastIndex: replicated } };
  return { patch: { ...patch, commitIndex: replicated }, effects: [...effects, apply] };
};

/** As far as the leader knows. */
const heldBy = (
  node: NodeId,
  { id, durableIndex, progress }: Pick<RaftContext, 'id' | 'durableIndex' | 'progress'>,
): LogIndex => (node === id ? durableIndex : (progress[node]?.matchIndex ?? 0));

/** Whatever stands after prevLogIndex is replaced, whether or not it differs. */
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

/** A lease lasts as long as an election timeout by the leader's own clock. */
export const driftIgnored: Chart = withGuards({
  isLeaseHeld: ({ context, event }) =>
    guards.isLeaseHeld({
      context: { ...context, settings: { ...context.settings, maxClockDrift: 0 } },
      event,
    }),
});

/** Reads are answered at once, as if a lease always held. */
export const roundSkipped: Chart = withGuards({ isLeaseHeld: () => true });

/** A majority is as many as it was, but any member is good for it. */
export const learnersCounted: Chart = (
  ['recordMatch', 'recordPersisted'] as const satisfies DecisionName[]
).reduce<Chart>(
  (chart, name) =>
    withDecision(name, (context, event) => decisions[name](ofBestMembers(context, event), event), chart),
  raftMachine,
);

/** As if the members that hold the most were the voters. */
const ofBestMembers = (context: RaftContext, event: RaftEvent): RaftContext => {
  const last = currentConfiguration(context.configurations);
  const heldAfter = (node: NodeId): LogIndex => {
    const before = heldBy(node, context);
    if (event.type === 'Persisted' && node === context.id) return Math.max(before, event.lastIndex);
    const answers = event.type === 'AppendEntriesResponse' && node === event.from;
    return answers ? Math.max(before, event.matchIndex) : before;
  };
  const members = membersOf(last).toSorted((a, b) => heldAfter(b) - heldAfter(a));
  const voters = members.slice(0, last.voters.length);
  return { ...context, configurations: [...context.configurations.slice(0, -1), { ...last, voters }] };
};
