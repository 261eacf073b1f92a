import { describe, expect, test } from 'vitest';
import { decisions } from '../../../machines/raft/actions.ts';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { RaftContext } from '../../../src/raft/context.ts';
import type { Effect } from '../../../src/raft/effects.ts';
import type { RaftEvent } from '../../../src/raft/inputs.ts';
import type { AppendEntriesResponse } from '../../../src/raft/messages.ts';
import { withDecision, withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import * as shipped from '../../../src/simulate/broken/broken-charts.ts';
import { replayOnNodes } from '../../../src/verify/driven/driven-cluster.ts';
import type { ExploreOptions, ScheduledEvent } from '../../../src/verify/explore/cluster-event.ts';
import type { ExplorerParts } from '../../../src/verify/explore/exploration.ts';
import { type Explored, explore } from '../../../src/verify/explore/explore.ts';
import { playSchedule } from '../../../src/verify/explore/schedule-player.ts';
import * as rules from '../../mutants/broken-rules.ts';
import { type ScriptedStep, scheduleOf as scriptedSchedule } from './scripted-schedule.ts';
import { smallCluster } from './small-cluster.ts';

type Chart = typeof raftMachine;

const voteNotWritten = withDecision('grantVote', (_, __, { patch, effects }) => ({
  patch,
  effects: effects.filter(({ type }) => type !== 'persist'),
}));

/** The node's own assertions left out: the properties must tell. */
const votesTwice = withDecision(
  'grantVote',
  (_, __, right) => right,
  withGuards({ votedForAnother: () => false }),
);

/** An append writes its entries with the vote left out, and then all again with it: a whole event makes it good. */
const voteWrittenLast = withDecision('acceptAppend', (_, __, { patch, effects }) => ({
  patch,
  effects: effects.flatMap((effect): readonly Effect[] =>
    effect.type === 'persist'
      ? [{ ...effect, params: { ...effect.params, votedFor: null } }, effect]
      : [effect],
  ),
}));

const answeredInThisRound = (context: RaftContext, event: RaftEvent): RaftEvent => ({
  ...(event as AppendEntriesResponse),
  round: context.round,
});

/** Any answer counts for the round that reads wait for, whichever round it names. */
const roundIgnored = (['recordMatch', 'recordContact', 'backtrack'] as const).reduce<Chart>(
  (chart, name) =>
    withDecision(
      name,
      (context, event) => decisions[name](context, answeredInThisRound(context, event)),
      chart,
    ),
  raftMachine,
);

/** Node 2 acknowledges an entry of node 1 and then leads itself; its acknowledgement arrives once more, when node 1 has begun a round. */
const lateAnswer: readonly ScriptedStep[] = [
  ['timeout', 1, 'electionTimeout'],
  ['deliver', 'PreVote', 1, 2],
  ['deliver', 'PreVoteResponse', 2, 1],
  ['deliver', 'RequestVote', 1, 2],
  ['deliver', 'RequestVoteResponse', 2, 1],
  ['deliver', 'AppendEntries', 1, 2],
  ['deliverAgain', 'AppendEntriesResponse', 2, 1],
  ['timeout', 2, 'electionTimeout'],
  ['deliver', 'PreVote', 2, 3],
  ['deliver', 'PreVoteResponse', 3, 2],
  ['deliver', 'RequestVote', 2, 3],
  ['deliver', 'RequestVoteResponse', 3, 2],
  ['deliver', 'AppendEntries', 2, 3],
  ['deliver', 'AppendEntriesResponse', 3, 2],
  ['deliver', 'AppendEntries', 2, 3],
  ['deliver', 'AppendEntriesResponse', 3, 2],
  ['read', 1, 1],
  ['deliver', 'AppendEntriesResponse', 2, 1],
];

/** A leader takes commands as if nobody had asked it to hand over. */
const appendsWhileHandingOver = withDecision('rejectProposals', (context, event, right) =>
  context.leaderId === context.id ? decisions.appendProposals(context, event) : right,
);

/** A read is confirmed with the commit index as it was when the leader began. */
const readIndexOfElection = withDecision('startReadRound', (_, __, right) => ({
  ...right,
  patch: { ...right.patch, reads: right.patch.reads!.map((read) => ({ ...read, index: 0 })) },
}));

/** The bug, the chart, where it is looked for, what tells of it. */
const bugs: readonly (readonly [string, Chart, Partial<ExploreOptions>, string, ExplorerParts?])[] = [
  [
    'a vote that no disk keeps (Figure 2, "Persistent state")',
    voteNotWritten,
    { nodes: 2, crashes: 1 },
    'Durable Before Promised',
  ],
  [
    'a vote that is told before a slow disk has it (Figure 2)',
    shipped.voteSentBeforePersisted,
    { maxLog: 0, disk: 'slow' },
    'Durable Before Promised',
  ],
  [
    'an append that is acknowledged before a slow disk has it (Figure 2)',
    shipped.answerBeforeWrite,
    { nodes: 2, disk: 'slow' },
    'Durable Before Promised',
  ],
  [
    'one voter that is counted twice, of four (paper §5.2)',
    shipped.votesCounted,
    { nodes: 4, messages: 1, duplicates: true },
    'Election Safety',
  ],
  [
    'an append onto an entry of another term (paper §5.3)',
    rules.prevTermNotCompared,
    { maxTerm: 2, maxLog: 2, messages: 1, loss: true, crashes: 1 },
    'Log Matching',
    // What is left out for the chart as it is has nothing to do with this rule.
    { reductions: true },
  ],
  [
    'a vote of an earlier campaign that is counted (paper §5.2)',
    rules.staleVoteCounted,
    { maxTerm: 2, crashes: 1 },
    'Election Safety',
  ],
  ['a second vote in one term (paper §5.2)', votesTwice, { maxLog: 0 }, 'One Vote Per Term'],
  [
    'a vote for a candidate whose log lacks what is committed (paper §5.4.1)',
    shipped.logNotCompared,
    { maxTerm: 2, messages: 1 },
    'Leader Completeness',
  ],
  [
    'a death between two writes of one event (Figure 2, "Persistent state")',
    voteWrittenLast,
    { nodes: 2, crashes: 1 },
    'One Vote Per Term',
  ],
  [
    'a read that is answered without a round (thesis §6.4)',
    shipped.roundSkipped,
    { maxTerm: 2, maxLog: 2, messages: 1, reads: 1 },
    'Read Safety',
    { reductions: true },
  ],
  [
    'a read of a leader that has committed nothing in its term (thesis §6.4)',
    withGuards({ isOwnTermUncommitted: () => false }),
    { maxTerm: 2, maxLog: 2, messages: 1, reads: 1 },
    'Read Safety',
    { reductions: true },
  ],
  [
    'a read whose index is taken before it was asked for (thesis §6.4)',
    readIndexOfElection,
    { nodes: 2, messages: 2, reads: 1 },
    'Read Safety',
  ],
  ['the same on a slow disk', voteWrittenLast, { nodes: 2, crashes: 1, disk: 'slow' }, 'One Vote Per Term'],
];

const scheduleOf = (explored: Explored): readonly ScheduledEvent[] =>
  'schedule' in explored ? explored.schedule : [];

describe('a bug that real implementations had is found, and real nodes show it as well:', () => {
  test.each(bugs.map(([name, ...bug]) => ({ name, bug })))('$name', async ({ bug }) => {
    const [machine, bounds, property, parts] = bug;
    const options = { ...smallCluster, ...bounds };
    const found = explore(options, { ...parts, machine });
    expect(found).toMatchObject({ outcome: 'violation', violation: { property } });
    const schedule = scheduleOf(found);
    const played = [...playSchedule(options, schedule, machine)];
    expect(played.at(-1)).toMatchObject({
      type: 'violation',
      atMs: schedule.length,
      violation: { property },
    });
    const live = await replayOnNodes(schedule, { options, machine });
    // A real node may stop by its own assertion where the properties tell.
    expect([property, 'Node Keeps Running']).toContain(live?.property);
  });

  test('deaths in the middle of an event are told as such, and are no violation but of that bug', () => {
    const options: ExploreOptions = { ...smallCluster, nodes: 2, crashes: 1 };
    const last = scheduleOf(explore(options, { machine: voteWrittenLast })).at(-1);
    expect(last?.event).toMatchObject({ type: 'crash', node: 2, writes: 1, effects: 1 });
    expect(last?.event).toMatchObject({ during: { type: 'deliver', message: { type: 'AppendEntries' } } });
    expect(explore({ ...options, crashes: 0 }, { machine: voteWrittenLast }).outcome).toBe('exhausted');
  });

  test('a round that is confirmed by a late answer to an earlier message (etcd-io/etcd#20418)', async () => {
    const options = { nodes: 3, disk: 'prompt' } as const;
    const schedule = scriptedSchedule(options, lateAnswer);
    expect([...playSchedule(options, schedule)].at(-1)?.type).not.toBe('violation');
    expect(await replayOnNodes(schedule, { options })).toBeNull();
    const property = 'Read Safety';
    const played = [...playSchedule(options, schedule, roundIgnored)];
    expect(played.at(-1)).toMatchObject({ type: 'violation', violation: { property } });
    expect(await replayOnNodes(schedule, { options, machine: roundIgnored })).toMatchObject({ property });
  });

  test('a leader that goes on appending after it has handed over breaks nothing (thesis §3.10)', () => {
    const options: ExploreOptions = { ...smallCluster, nodes: 2, maxTerm: 2, maxLog: 2, transfers: 1 };
    expect(explore(options, { machine: appendsWhileHandingOver }).outcome).toBe('exhausted');
  });

  test('two pre-candidates that refuse each other are stuck, and real nodes go there (thesis §9.6)', async () => {
    const options: ExploreOptions = { ...smallCluster, nodes: 2 };
    const machine = rules.preCandidatesRefuse;
    const found = explore(options, { machine });
    expect(found.outcome).toBe('stuck');
    const schedule = scheduleOf(found);
    expect([...playSchedule(options, schedule, machine)].at(-1)).toMatchObject({ atMs: schedule.length });
    expect(await replayOnNodes(schedule, { options, machine })).toBeNull();
  });
});
