import { expect, it } from 'vitest';
import type { raftMachine } from '../../../../machines/raft/raft.machine.ts';
import { currentConfiguration } from '../../../../src/raft/configuration.ts';
import type { Effect } from '../../../../src/raft/effects.ts';
import { quorumIndex } from '../../../../src/raft/quorum.ts';
import { withDecision, withGuards } from '../../../../src/simulate/broken/broken-chart.ts';
import { stories } from '../../../../src/simulate/scenario/stories.ts';
import { chartWithout } from '../../../../src/verify/paths/chart-without.ts';
import { commitBeyondMatch, prevTermNotCompared, quorumNotChecked } from '../../../mutants/broken-rules.ts';
import { transcriptOf } from '../golden-transcripts.ts';

/** The old voters are not asked while a configuration is joint. */
const newVotersAlone = withDecision('recordMatch', (context, _, right) => {
  const { id, progress, durableIndex, configurations, commitIndex } = { ...context, ...right.patch };
  const replicated = quorumIndex({ ...currentConfiguration(configurations), outgoing: [] }, (voter) =>
    voter === id ? durableIndex : (progress[voter]?.matchIndex ?? 0),
  );
  if (replicated <= commitIndex) return right;
  const apply: Effect = { type: 'apply', params: { lastIndex: replicated } };
  return { patch: { ...right.patch, commitIndex: replicated }, effects: [...right.effects, apply] };
});

/** The whole log gives way to a snapshot. */
const newerEntriesDropped = withDecision('adoptSnapshot', (_, __, right) => {
  const { snapshot } = right.patch;
  const { index, term } = snapshot!;
  const log = { ...right.patch.log!, snapshotIndex: index, snapshotTerm: term, lastIndex: index, runs: [] };
  return { ...right, patch: { ...right.patch, log } };
});

/** A leader answers reads without asking anybody whether it still leads. */
const readsAnsweredAtOnce = withDecision('startReadRound', (context, event, right) => {
  if (event.type !== 'ReadRequested') return right;
  const effect: Effect = { type: 'confirmRead', params: { id: event.id, index: context.commitIndex } };
  return { patch: {}, effects: [effect] };
});

/** What is broken, the story that shows it, and what that story then says. */
const broken: readonly (readonly [string, string, typeof raftMachine, RegExp])[] = [
  [
    'vote-by-vote',
    'a node votes twice in a term',
    withGuards(
      { votedForAnother: () => false },
      withDecision('grantVote', (_, __, right) => right),
    ),
    /a vote stays for its term; found 3 against 1/,
  ],
  [
    'lagging-commit',
    'a follower commits whatever it holds',
    commitBeyondMatch,
    /violated: State Machine Safety: .*entry 5 of term 2/,
  ],
  [
    'pre-vote',
    'nobody asks before it campaigns',
    chartWithout(['preVote']),
    /expected 3 is pre-candidate in term 1; got node3 is candidate in term 2/,
  ],
  [
    'check-quorum',
    'a leader without a majority leads on',
    quorumNotChecked,
    /expected 1 is follower in term 1; got node1 is leader in term 1/,
  ],
  [
    'probe-and-replicate',
    'a leader goes back too far',
    withDecision('backtrack', (context, event, right) => {
      const { from } = event as { readonly from: number };
      const progress = { ...right.patch.progress, ...context.progress };
      return {
        ...right,
        patch: {
          ...right.patch,
          progress: { ...progress, [from]: { ...progress[from]!, nextIndex: 1 } as never },
        },
      };
    }),
    /expected progress 1 2 next 6; got next 1/,
  ],
  ['figure-7', 'the term of the entry before is not compared', prevTermNotCompared, /violated: Log Matching/],
  [
    'snapshot',
    'a follower takes every snapshot for an old one',
    withGuards({ isSnapshotStale: () => true }),
    /expected 3 took "Begins its log with the snapshot"; got node3 took/,
  ],
  [
    'snapshot-with-newer-entries',
    'the entries after a snapshot are dropped',
    newerEntriesDropped,
    /expected 3 log 0 0 1 1; got log 0 0 1$/,
  ],
  [
    'add-and-remove-voter',
    'a learner campaigns',
    withGuards({ isNotVoter: () => false }),
    /expected 4 is follower in term 1; got node4 is pre-candidate/,
  ],
  ['joint-configuration', 'the old voters are not asked', newVotersAlone, /violated: Committed On Majority/],
  [
    'leader-transfer',
    'a lease holds against whom the leader wants',
    withGuards({
      isDisruptiveVote: ({ event }) =>
        /Vote$/.test((event as never as { message: { type: string } }).message.type),
    }),
    /expected 3 took "A majority voted for it"/,
  ],
  [
    'read-index',
    'a leader answers reads at once',
    readsAnsweredAtOnce,
    /expected told nothing; got told value 1/,
  ],
];

it.each(broken)('raftchart scenario %s fails when %s', async (name, _, machine, expected) => {
  const story = stories.find((each) => each.name === name)!;
  const { failure } = await transcriptOf(story, 1, { machine });
  expect(failure).toMatch(expected);
  expect(failure).toMatch(new RegExp(`^${name}\\.txt:\\d+: `));
});

it('each story of single messages is broken once', () => {
  const held = stories.filter(({ isStepwise }) => isStepwise).map(({ name }) => name);
  expect(broken.map(([name]) => name).toSorted()).toEqual(held.toSorted());
});
