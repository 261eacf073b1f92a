import { describe, expect, it } from 'vitest';
import { defaultSettings, type RaftInput } from '../../src/raft/context.ts';
import type { Effect } from '../../src/raft/effects.ts';
import type { ReadRequested, TransferRequested } from '../../src/raft/inputs.ts';
import type { AppendEntries, AppendEntriesResponse, Message } from '../../src/raft/messages.ts';
import type { Entry, Term } from '../../src/raft/types.ts';
import { ChartNode } from '../machines/raft/chart-node.ts';
import { entriesOf, noop, paramsOf, requestVote, sendsOf, votersOf } from './contexts.ts';
import { TinyCluster } from './tiny-cluster.ts';

/** Bugs that implementations of Raft have had: what a correct node does instead. */

const at = (currentTerm: Term, ...terms: readonly Term[]) => ({
  hardState: { currentTerm, votedFor: null },
  entries: entriesOf(...terms),
});

const append = (patch: Partial<AppendEntries> = {}): AppendEntries => ({
  type: 'AppendEntries',
  from: 2,
  to: 1,
  term: 5,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  round: 0,
  ...patch,
});

const grant = (from: number, term: Term): Message => ({
  type: 'RequestVoteResponse',
  from,
  to: 1,
  term,
  voteGranted: true,
});
const preGrant = (from: number, term: Term): Message =>
  ({ ...grant(from, term), type: 'PreVoteResponse' }) as Message;
const matched = (from: number, term: Term, matchIndex: number, round = 0): Message => ({
  type: 'AppendEntriesResponse',
  from,
  to: 1,
  term,
  success: true,
  prevLogIndex: 0,
  matchIndex,
  conflictTerm: 0,
  conflictIndex: 0,
  round,
});

const answerOf = (node: ChartNode, message: Message) => sendsOf(node.receive(message));

describe('votes', () => {
  it('a node that granted its vote and restarted refuses another in that term (paper §5.2)', () => {
    const node = new ChartNode();
    const effects = node.receive(requestVote({ from: 2, term: 5 }));
    expect(effects.at(-1)).toMatchObject({ params: { message: { voteGranted: true } } });
    expect(effects.findIndex(({ type }) => type === 'persist')).toBeLessThan(
      effects.findIndex(({ type }) => type === 'send'),
    );
    node.restart();
    expect(node.context).toMatchObject({ currentTerm: 5, votedFor: 2 });
    expect(answerOf(node, requestVote({ from: 3, term: 5 }))).toMatchObject([{ voteGranted: false }]);
    expect(answerOf(node, requestVote({ from: 2, term: 5 }))).toMatchObject([{ voteGranted: true }]);
  });

  it('a grant that is delivered twice is one vote: a candidate of five needs two others (paper §5.2)', () => {
    const node = new ChartNode({ voters: votersOf(5) });
    node.fire('electionTimeout');
    for (const from of [2, 2, 2]) node.receive(preGrant(from, 1));
    expect(node.role).toBe('preCandidate');
    node.receive(preGrant(3, 1));
    expect(node.role).toBe('candidate');
    for (const from of [2, 2, 2]) node.receive(grant(from, 1));
    expect(node.role).toBe('candidate');
    expect(node.context.votesGranted).toEqual([1, 2]);
    node.receive(grant(3, 1));
    expect(node.role).toBe('leader');
  });

  it('a grant of an older term, after a new campaign, is ignored (paper §5.1)', () => {
    const node = new ChartNode();
    node.fire('electionTimeout');
    node.receive(preGrant(2, 1));
    node.fire('electionTimeout');
    node.receive(preGrant(2, 2));
    expect(node.role).toBe('candidate');
    expect(node.context.currentTerm).toBe(2);
    expect(node.receive(grant(3, 1))).toEqual([]);
    expect(node.role).toBe('candidate');
    expect(node.context.votesGranted).toEqual([1]);
  });

  it('a grant that comes while the node asks for pre-votes again makes no leader (paper §5.2; thesis §9.6)', () => {
    const node = new ChartNode();
    node.fire('electionTimeout');
    node.receive(preGrant(2, 1));
    node.fire('electionTimeout');
    expect(node.role).toBe('preCandidate');
    for (const from of [2, 3]) expect(node.receive(grant(from, 1))).toEqual([]);
    expect(node.role).toBe('preCandidate');
    expect(node.context.votesGranted).toEqual([1]);
  });

  it.each(['leader', 'candidate'] as const)(
    'a %s that steps down within its term has still voted for itself (paper §5.2)',
    (role) => {
      const node = new ChartNode();
      if (role === 'leader') {
        node.elect();
        node.fire('quorumCheck');
      } else {
        node.fire('electionTimeout');
        node.receive(preGrant(2, 1));
        node.receive(append({ term: 1, from: 3 }));
        node.fire('leaderLease');
      }
      expect(node.role).toBe('follower');
      expect(node.context).toMatchObject({ currentTerm: 1, votedFor: 1 });
      expect(answerOf(node, requestVote({ from: 2, term: 1 }))).toMatchObject([{ voteGranted: false }]);
      expect(node.context.votedFor).toBe(1);
    },
  );

  it('a candidate has its own vote on disk before it asks, and refuses a rival (paper §5.2)', () => {
    const node = new ChartNode();
    node.fire('electionTimeout');
    const effects = node.receive(preGrant(2, 1));
    expect(effects.map(({ type }) => type)).toEqual(['persist', 'send', 'send']);
    expect(paramsOf(effects, 'persist')).toMatchObject([{ currentTerm: 1, votedFor: 1 }]);
    expect(answerOf(node, requestVote({ from: 2, term: 1 }))).toMatchObject([{ voteGranted: false }]);
    expect(node.role).toBe('candidate');
    node.restart();
    expect(answerOf(node, requestVote({ from: 2, term: 1 }))).toMatchObject([{ voteGranted: false }]);
  });

  it('a pre-vote leaves neither a vote nor a term behind (thesis §9.6)', () => {
    const node = new ChartNode({}, at(4));
    for (const from of [2, 3]) {
      const request = { ...requestVote({ from, term: 5 }), type: 'PreVote' } as const;
      expect(answerOf(node, request)).toMatchObject([{ voteGranted: true, term: 5 }]);
    }
    expect(node.context).toMatchObject({ currentTerm: 4, votedFor: null });
    expect(node.disk.hardState).toEqual({ currentTerm: 4, votedFor: null });
  });

  it('a node that failed in the middle of a step starts again with the vote that it had persisted (paper §5.2)', () => {
    const node = new ChartNode();
    node.receive(requestVote({ from: 3, term: 7 }));
    expect(() => node.step({ type: 'Applied', index: 99 })).toThrow('only committed entries are applied');
    node.restart();
    expect(node.context).toMatchObject({ currentTerm: 7, votedFor: 3, commitIndex: 0 });
    expect(answerOf(node, requestVote({ from: 2, term: 7 }))).toMatchObject([{ voteGranted: false }]);
  });
});

describe('logs', () => {
  it('a previous entry of another term at the same index is refused (Figure 2, AppendEntries 2)', () => {
    const node = new ChartNode({}, at(2, 1));
    const effects = node.receive(append({ prevLogIndex: 1, prevLogTerm: 2, entries: entriesOf(5) }));
    expect(sendsOf(effects)).toMatchObject([{ success: false, conflictTerm: 1, conflictIndex: 1 }]);
    expect(node.disk.entries).toEqual(entriesOf(1));
  });

  it('an empty append with a high commit index commits no divergent tail (Figure 2, AppendEntries 5)', () => {
    const node = new ChartNode({}, at(3, 1, 1, 3, 3));
    const effects = node.receive(append({ prevLogIndex: 2, prevLogTerm: 1, leaderCommit: 4 }));
    expect(node.context.commitIndex).toBe(2);
    expect(paramsOf(effects, 'apply')).toEqual([{ lastIndex: 2 }]);
  });

  it.each([
    ['a delayed append', { prevLogIndex: 0, entries: entriesOf(1, 1) }],
    ['a repeated append', { prevLogIndex: 2, prevLogTerm: 1, entries: entriesOf(4, 4) }],
    ['a heartbeat at an inner index', { prevLogIndex: 1, prevLogTerm: 1 }],
    ['a heartbeat at the beginning', { prevLogIndex: 0 }],
  ])('%s deletes nothing that matches (Figure 2, AppendEntries 3)', (_, patch) => {
    const node = new ChartNode({}, at(5, 1, 1, 4, 4));
    const effects = node.receive(append(patch));
    expect(node.disk.entries).toEqual(entriesOf(1, 1, 4, 4));
    expect(node.context.log.lastIndex).toBe(4);
    expect(paramsOf(effects, 'persist')).toEqual([]);
    expect(sendsOf(effects)).toMatchObject([{ success: true }]);
  });

  it('a wiped follower gets a commit index that it does not reach: it commits what matched (paper §5.3)', () => {
    const leader = new ChartNode({ id: 2 }, at(4, 1, 1, 1));
    const wiped = new ChartNode({ id: 1 });
    const cluster = new TinyCluster([leader, wiped, new ChartNode({ id: 3 }, at(4, 1, 1, 1))]);
    cluster.run(leader, leader.fire('electionTimeout'));
    cluster.settle();
    expect(leader.role).toBe('leader');
    cluster.run(leader, leader.fire('heartbeatInterval'));
    cluster.settle();
    expect(wiped.context.commitIndex).toBe(4);
    expect(wiped.disk.entries).toEqual([...entriesOf(1, 1, 1), noop(5)]);

    const emptied = new ChartNode({ id: 1 });
    const effects = emptied.receive(append({ prevLogIndex: 4, prevLogTerm: 5, leaderCommit: 4 }));
    expect(sendsOf(effects)).toMatchObject([{ success: false, conflictIndex: 1 }]);
    emptied.receive(append({ prevLogIndex: 0, entries: entriesOf(1, 1), leaderCommit: 4 }));
    expect(emptied.context.commitIndex).toBe(2);
  });
});

describe('commitment', () => {
  it('Figure 8: an entry of an earlier term on a majority waits for one of the own term (paper §5.4.2)', () => {
    const node = new ChartNode({ voters: votersOf(5) }, at(3, 1, 2));
    node.elect();
    node.answerWrites();
    expect(node.context.currentTerm).toBe(4);
    node.receive(matched(2, 4, 2));
    expect(node.receive(matched(3, 4, 2)).map(({ type }) => type)).not.toContain('apply');
    expect(node.context.commitIndex).toBe(0);
    node.receive(matched(2, 4, 3));
    expect(paramsOf(node.receive(matched(3, 4, 3)), 'apply')).toEqual([{ lastIndex: 3 }]);
  });

  it('an acknowledgement from before the log was overwritten makes no quorum (paper §5.1, §5.3)', () => {
    const node = new ChartNode({}, at(3, 1));
    node.elect();
    node.propose(1, 2);
    node.answerWrites();
    const late = matched(2, 4, 4);
    node.receive(append({ term: 5, prevLogIndex: 1, prevLogTerm: 1, entries: entriesOf(5) }));
    node.fire('leaderLease');
    node.elect();
    expect(node.context).toMatchObject({ currentTerm: 6, commitIndex: 0 });
    node.propose(3, 4);
    node.answerWrites();
    expect(node.receive(late)).toEqual([]);
    expect(node.context.progress[2]!.matchIndex).toBe(0);
    expect(node.context.commitIndex).toBe(0);
  });

  it('a write that its disk answers late, from an earlier term, makes no quorum (thesis §10.2.1)', () => {
    const node = new ChartNode({}, at(3, 1));
    node.elect();
    node.propose(1, 2, 3);
    const late = node.unanswered.at(-1)!;
    expect(late).toEqual({ type: 'Persisted', term: 4, lastIndex: 5 });
    node.unanswered = [];
    node.receive(append({ term: 5, prevLogIndex: 1, prevLogTerm: 1, entries: entriesOf(5) }));
    node.unanswered = [];
    node.elect();
    node.propose(4, 5, 6);
    node.receive(matched(2, 6, 6));
    node.step(late);
    expect(node.context).toMatchObject({ durableIndex: 0, commitIndex: 0 });
    node.answerWrites();
    expect(node.context).toMatchObject({ durableIndex: 6, commitIndex: 6 });
  });

  it('a single node commits only what its disk has answered, and keeps it through a restart (thesis §10.2.1)', () => {
    const node = new ChartNode({ voters: [1] });
    node.fire('electionTimeout');
    expect(node.role).toBe('candidate');
    node.answerWrites();
    expect(node.role).toBe('leader');
    node.answerWrites();
    node.propose(1);
    expect(node.context.commitIndex).toBe(1);
    node.answerWrites();
    expect(node.context.commitIndex).toBe(2);
    node.restart();
    node.fire('electionTimeout');
    node.answerWrites();
    node.answerWrites();
    expect(node.context).toMatchObject({ currentTerm: 2, commitIndex: 3 });
  });
});

describe('leadership', () => {
  it('a leader whose disk hangs steps down after a whole period without a write (thesis §6.2, §10.2.1)', () => {
    const node = new ChartNode();
    node.elect();
    node.answerWrites();
    node.receive(matched(2, 1, 1));
    node.propose(1);
    node.fire('quorumCheck');
    expect(node.role).toBe('leader');
    for (const from of [2, 3]) node.receive(matched(from, 1, 2, node.context.round));
    // Two other disks hold it: it is committed, but this node must make room.
    expect(node.context.commitIndex).toBe(2);
    node.fire('quorumCheck');
    expect(node.role).toBe('follower');
    expect(sendsOf(node.propose(2))).toEqual([]);
    expect(paramsOf(node.lastStep.effects, 'reject')).toEqual([{ ids: [2], leaderId: null }]);
  });

  it('a leader whose disk is slow but writes goes on (thesis §10.2.1)', () => {
    const node = new ChartNode();
    node.elect();
    for (let period = 1; period <= 10; period++) {
      node.answerWrites();
      node.propose(period);
      node.receive(matched(2, 1, period, node.context.round));
      node.fire('quorumCheck');
      expect(node.role).toBe('leader');
    }
  });

  it('a single leader whose disk never answers steps down (thesis §6.2)', () => {
    const node = new ChartNode({ voters: [1] }, at(3, 1));
    node.fire('electionTimeout');
    node.answerWrites();
    expect(node.role).toBe('leader');
    node.fire('quorumCheck');
    expect(node.role).toBe('follower');
    expect(node.context.commitIndex).toBe(0);
  });

  it('a leader without a quorum that still reaches one follower steps down, and the majority elects (thesis §6.2)', () => {
    const nodes = votersOf(5).map((id) => new ChartNode({ id, voters: votersOf(5) }));
    const cluster = new TinyCluster(nodes);
    cluster.run(nodes[0]!, nodes[0]!.fire('electionTimeout'));
    cluster.settle();
    expect(cluster.leaders.map(({ id }) => id)).toEqual([1]);
    cluster.advance(100);
    // Node 2 is the bridge: it hears the old leader and all the others.
    cluster.connect((from, to) => ![from, to].includes(1) || [from, to].includes(2));
    cluster.advance(300);
    expect(cluster.node(1).role).not.toBe('leader');
    cluster.advance(2000);
    const [leader] = cluster.leaders;
    expect(cluster.leaders).toHaveLength(1);
    cluster.run(leader!, leader!.propose(1));
    cluster.settle();
    expect(leader!.context.commitIndex).toBe(leader!.context.log.lastIndex);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a long log of a low term and a short one of a high term elect one of them in bounded time, seed %i (thesis §9.6)',
    (seed) => {
      const long = new ChartNode({ id: 1, seed: 10 * seed + 1 }, at(1, 1, 1, 1, 1, 1));
      const short = new ChartNode({ id: 2, seed: 10 * seed + 2 }, at(9, 1));
      const cluster = new TinyCluster([long, short]);
      cluster.connect((_, to) => to !== 3);
      cluster.advance(2000);
      expect(cluster.leaders.map(({ id }) => id)).toEqual([1]);
      expect(short.disk.entries).toEqual(long.disk.entries);
      expect(long.context.commitIndex).toBe(6);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'two pre-candidates with equal logs do not wait for each other, seed %i (thesis §9.6)',
    (seed) => {
      const nodes = [1, 2].map((id) => new ChartNode({ id, voters: [1, 2], seed: 10 * seed + id }, at(3, 1)));
      const cluster = new TinyCluster(nodes);
      for (const node of nodes) cluster.run(node, node.fire('electionTimeout'));
      expect(nodes.map(({ role }) => role)).toEqual(['preCandidate', 'preCandidate']);
      cluster.advance(2000);
      expect(cluster.leaders).toHaveLength(1);
    },
  );

  it('a node that was cut off does not raise its term, and does not depose the leader when it is back (thesis §9.6)', () => {
    const nodes = votersOf(3).map((id) => new ChartNode({ id }));
    const cluster = new TinyCluster(nodes);
    cluster.run(nodes[0]!, nodes[0]!.fire('electionTimeout'));
    cluster.settle();
    cluster.connect((from, to) => from !== 3 && to !== 3);
    cluster.advance(5000);
    expect(cluster.node(3).role).toBe('preCandidate');
    expect(cluster.node(3).context.currentTerm).toBe(1);
    cluster.connect(() => true);
    cluster.advance(1000);
    expect(cluster.leaders.map(({ id }) => id)).toEqual([1]);
    expect(nodes.map(({ context }) => context.currentTerm)).toEqual([1, 1, 1]);
  });

  it('a follower that is stuck at a newer term makes the leader catch up, and has a leader again (paper §5.1)', () => {
    const nodes = votersOf(3).map((id) => new ChartNode({ id }));
    const cluster = new TinyCluster(nodes);
    cluster.run(nodes[0]!, nodes[0]!.fire('electionTimeout'));
    cluster.settle();
    nodes[2]!.disk = { ...nodes[2]!.disk, hardState: { currentTerm: 6, votedFor: 3 } };
    nodes[2]!.restart();
    cluster.advance(3000);
    expect(cluster.leaders).toHaveLength(1);
    const term = cluster.leaders[0]!.context.currentTerm;
    expect(term).toBeGreaterThan(6);
    for (const { context } of nodes) {
      expect(context.currentTerm).toBe(term);
      expect(context.leaderId).toBe(cluster.leaders[0]!.id);
    }
  });
});

/** Three nodes, node 1 leading term 1, its no-op committed everywhere. */
const withLeader = (input: Partial<RaftInput> = {}): TinyCluster => {
  const nodes = votersOf(3).map((id) => new ChartNode({ id, ...input }));
  const cluster = new TinyCluster(nodes);
  cluster.run(nodes[0]!, nodes[0]!.fire('electionTimeout'));
  cluster.settle();
  cluster.advance(defaultSettings.heartbeatIntervalMs);
  expect(nodes.map(({ context }) => context.commitIndex)).toEqual([1, 1, 1]);
  return cluster;
};
const handOver = (target: number | null): TransferRequested => ({ type: 'TransferRequested', id: 5, target });
const read = (id: number, nowMs = 0): ReadRequested => ({ type: 'ReadRequested', id, nowMs });
const transferAnswers = (effects: readonly Effect[]) => paramsOf(effects, 'rejectRequest');

describe('transfer', () => {
  it('moves the leadership at once, past the leases of the others (thesis §3.10, §4.2.3)', () => {
    const cluster = withLeader();
    const [leader, target, other] = cluster.nodes;
    expect(other!.snapshot.value).toEqual({ follower: 'leased' });
    cluster.run(leader!, leader!.step(handOver(2)));
    cluster.settle();
    expect(cluster.leaders).toEqual([target]);
    expect(other!.context).toMatchObject({ currentTerm: 2, leaderId: 2 });
    expect(leader!.context).toMatchObject({ transferTarget: null, hasHandedOver: false });
  });

  it('whose TimeoutNow is lost is given up after an election timeout: the old leader writes at once (thesis §3.10; go-dqlite#271, openraft#2088)', () => {
    const cluster = withLeader();
    const [leader] = cluster.nodes;
    expect(sendsOf(leader!.step(handOver(2)))).toMatchObject([{ type: 'TimeoutNow', to: 2 }]);
    expect(paramsOf(leader!.propose(1), 'reject')).toEqual([{ ids: [1], leaderId: 2 }]);
    expect(transferAnswers(leader!.fire('transferTimeout'))).toEqual([
      { id: 5, leaderId: 1, reason: 'transferTimedOut' },
    ]);
    cluster.run(leader!, leader!.propose(2));
    cluster.settle();
    expect(leader!.context.commitIndex).toBe(2);
  });

  it('waits for a target that lags, and lets no write in between (thesis §3.10)', () => {
    const cluster = withLeader();
    const [leader, , target] = cluster.nodes;
    cluster.connect((from, to) => ![from, to].includes(3));
    cluster.run(leader!, leader!.propose(1));
    cluster.settle();
    cluster.run(leader!, leader!.step(handOver(3)));
    expect(leader!.snapshot.value).toMatchObject({ leader: { transfer: 'catchingUp' } });
    expect(paramsOf(leader!.propose(2), 'reject')).toEqual([{ ids: [2], leaderId: 3 }]);
    expect(transferAnswers(leader!.step(handOver(2)))).toEqual([
      { id: 5, leaderId: 3, reason: 'transferring' },
    ]);
    cluster.connect(() => true);
    cluster.run(leader!, leader!.fire('heartbeatInterval'));
    cluster.settle();
    expect(cluster.leaders).toEqual([target]);
    expect(target!.context.log.lastIndex).toBe(3);
    // The heartbeat tells the others how far the new leader has committed.
    cluster.advance(defaultSettings.heartbeatIntervalMs);
    expect(cluster.nodes.map(({ context }) => context.commitIndex)).toEqual([3, 3, 3]);
  });

  it('to a target that never catches up is given up, and it catches up without taking over (thesis §3.10)', () => {
    const cluster = withLeader();
    const [leader] = cluster.nodes;
    cluster.connect((from, to) => ![from, to].includes(3));
    cluster.run(leader!, leader!.propose(1));
    cluster.settle();
    cluster.run(leader!, leader!.step(handOver(3)));
    cluster.run(leader!, leader!.fire('transferTimeout'));
    cluster.connect(() => true);
    cluster.run(leader!, leader!.propose(2));
    cluster.advance(2 * defaultSettings.heartbeatIntervalMs);
    expect(cluster.leaders).toEqual([leader]);
    expect(cluster.nodes.map(({ context }) => context.log.lastIndex)).toEqual([3, 3, 3]);
  });

  it('twice in a term may have two targets campaign: the one that lost is refused by the one that leads (paper §5.2)', () => {
    const node = new ChartNode();
    node.receive(append({ from: 3, term: 1 }));
    node.receive({ type: 'TimeoutNow', from: 3, to: 1, term: 1 });
    node.receive(grant(3, 2));
    expect(node.role).toBe('leader');
    const late = requestVote({ from: 2, term: 2, lastLogTerm: 1, lastLogIndex: 1, leadershipTransfer: true });
    expect(answerOf(node, late)).toMatchObject([{ type: 'RequestVoteResponse', to: 2, voteGranted: false }]);
    expect(node.role).toBe('leader');
  });

  it('is refused by a node that does not lead, which names the leader', () => {
    const [, follower] = withLeader().nodes;
    expect(transferAnswers(follower!.step(handOver(3)))).toEqual([
      { id: 5, leaderId: 1, reason: 'notLeader' },
    ]);
  });

  it('of an older term reaches the target late: it stays where it is (paper §5.1)', () => {
    const node = new ChartNode();
    node.receive(append({ term: 5 }));
    expect(node.receive({ type: 'TimeoutNow', from: 3, to: 1, term: 4 })).toEqual([]);
    expect(node.role).toBe('follower');
  });
});

describe('reads', () => {
  const confirmedBy = (effects: readonly Effect[]) => paramsOf(effects, 'confirmRead');
  const answered = (node: ChartNode, from: number, round: number) =>
    confirmedBy(node.receive(matched(from, node.context.currentTerm, node.context.log.lastIndex, round)));

  it('before the own-term commit wait for it, and for a round after it (thesis §6.4; etcd#11483)', () => {
    const node = new ChartNode();
    node.elect();
    expect(node.step(read(7))).toEqual([]);
    node.answerWrites();
    const committed = node.receive(matched(2, 1, 1));
    expect(confirmedBy(committed)).toEqual([]);
    expect(paramsOf(committed, 'replicate')).toMatchObject([{ round: 1 }, { round: 1 }]);
    expect(answered(node, 2, 0)).toEqual([]);
    expect(answered(node, 2, 1)).toEqual([{ id: 7, index: 1 }]);
  });

  it('asked for twice with acknowledgements of before confirm nothing (etcd#20418)', () => {
    const cluster = withLeader();
    const leader = cluster.node(1);
    leader.step(read(7));
    const first = leader.context.round;
    leader.step(read(7));
    leader.step(read(8));
    expect(answered(leader, 2, first - 1)).toEqual([]);
    expect(answered(leader, 2, first)).toEqual([{ id: 7, index: 1 }]);
    // Another one came when the first round had begun, so that round says nothing about it.
    for (const from of [2, 3, 2]) expect(answered(leader, from, first)).toEqual([]);
    expect(answered(leader, 3, first + 1)).toEqual([{ id: 8, index: 1 }]);
  });

  it('of an idle cluster cost one trip there and back, and write nothing (thesis §6.4)', () => {
    const cluster = withLeader();
    const leader = cluster.node(1);
    const asked = leader.step(read(7));
    expect(asked.map(({ type }) => type)).toEqual(['replicate', 'replicate']);
    cluster.run(leader, asked);
    expect(cluster.settle()).toBe(2);
    expect(leader.context.reads).toEqual([]);
    expect(cluster.nodes.map(({ context }) => context.log.lastIndex)).toEqual([1, 1, 1]);
  });

  it('whose heartbeats are lost are confirmed by the next ones (thesis §6.4)', () => {
    const cluster = withLeader();
    const leader = cluster.node(1);
    leader.step(read(7));
    expect(leader.context.reads).toHaveLength(1);
    cluster.advance(defaultSettings.heartbeatIntervalMs);
    expect(leader.context.reads).toEqual([]);
  });

  it('of a leader that was deposed without knowing are never answered, and refused when it learns (thesis §6.4)', () => {
    const cluster = withLeader();
    const old = cluster.node(1);
    cluster.connect((from, to) => ![from, to].includes(1));
    cluster.run(old, old.step(read(7)));
    cluster.settle();
    expect(old.role).toBe('leader');
    expect(old.context.reads).toHaveLength(1);
    const next = append({ from: 2, term: 2, prevLogIndex: 1, prevLogTerm: 1 });
    expect(paramsOf(old.receive(next), 'rejectRead')).toEqual([{ id: 7, leaderId: null }]);
  });

  it('of a leader that led before are not confirmed by a late refusal of what it sent then (thesis §6.4)', () => {
    const leader = new ChartNode({}, at(1, 1));
    leader.elect();
    leader.answerWrites();
    leader.receive(matched(2, 2, 2));
    leader.step(read(7));
    expect(leader.context).toMatchObject({ currentTerm: 2, round: 1 });
    // Node 3 is in term 2 already when a heartbeat of term 1 gets there, of a round of that term.
    const behind = new ChartNode({ id: 3 }, at(2, 1));
    const heartbeat = append({ from: 1, to: 3, term: 1, prevLogIndex: 1, prevLogTerm: 1, round: 1 });
    const [refusal] = answerOf(behind, heartbeat);
    expect(refusal).toMatchObject({ type: 'AppendEntriesResponse', term: 2, success: false });
    expect(confirmedBy(leader.receive(refusal!))).toEqual([]);
    expect(leader.context.reads).toHaveLength(1);
    // Nor is it taken for one that has lost what it acknowledged since.
    leader.receive(matched(3, 2, 2));
    expect(paramsOf(leader.receive(refusal!), 'report')).toEqual([]);
    expect(leader.context.progress[3]!.state).toBe('replicate');
    expect(answered(leader, 3, 1)).toEqual([{ id: 7, index: 2 }]);
  });

  it('through a follower are confirmed by its leader, and answered there (thesis §6.4)', () => {
    const cluster = withLeader();
    const follower = cluster.node(2);
    const seen: Effect[] = [];
    const receive = follower.receive.bind(follower);
    follower.receive = (message) => {
      const effects = receive(message);
      seen.push(...effects);
      return effects;
    };
    cluster.run(follower, follower.step(read(7)));
    cluster.settle();
    expect(confirmedBy(seen)).toEqual([{ id: 7, index: 1 }]);
  });

  it('by lease end with a transfer: the election of the target passes all leases (thesis §3.10, §6.4.1)', () => {
    const settings = { ...defaultSettings, leaseReads: true };
    const node = new ChartNode({ settings });
    node.elect();
    node.answerWrites();
    const at = (nowMs: number, from: number) =>
      node.step({
        type: 'Received',
        nowMs,
        message: matched(from, 1, 1, node.context.round),
      });
    at(1000, 2);
    node.fire('heartbeatInterval');
    at(1010, 2);
    expect(confirmedBy(node.step(read(7, 1020)))).toEqual([{ id: 7, index: 1 }]);
    expect(confirmedBy(node.step(read(8, 1000 + settings.electionTimeoutMinMs)))).toEqual([]);
    for (const round of [node.context.round]) answered(node, 2, round);
    expect(sendsOf(node.step(handOver(2)))).toMatchObject([{ type: 'TimeoutNow' }]);
    node.fire('transferTimeout');
    node.fire('heartbeatInterval');
    at(1030, 2);
    expect(confirmedBy(node.step(read(9, 1031)))).toEqual([]);
    expect(answered(node, 2, node.context.round)).toEqual([{ id: 9, index: 1 }]);
  });

  it('by lease are owed by a follower that restarts: it votes for nobody until its lease is over (thesis §6.4.1)', () => {
    const settings = { ...defaultSettings, leaseReads: true };
    const node = new ChartNode({ settings });
    expect(node.snapshot.value).toEqual({ follower: 'leased' });
    expect(node.receive(requestVote({ from: 3, term: 5 }))).toEqual([]);
    node.fire('leaderLease');
    expect(answerOf(node, requestVote({ from: 3, term: 5 }))).toMatchObject([{ voteGranted: true }]);
    expect(new ChartNode().snapshot.value).toEqual({ follower: 'unleased' });
  });
});

describe('what no correct node says', () => {
  it('a term that nobody can have got to ends no range of terms: the cluster elects on (paper §5.1)', () => {
    const cluster = withLeader();
    for (const node of cluster.nodes) {
      const from = node.id === 1 ? 2 : 1;
      const frame = append({ from, to: node.id, term: 2 ** 52 });
      expect(node.receive(frame)).toEqual([
        { type: 'report', params: { peer: from, problem: { type: 'termTooFar', term: 2 ** 52 } } },
      ]);
      expect(node.context.currentTerm).toBe(1);
    }
    cluster.connect((from, to) => ![from, to].includes(1));
    cluster.advance(2000);
    expect(cluster.leaders.some(({ id }) => id !== 1)).toBe(true);
  });

  it('a follower that lost its disk under the same leader is counted no more, and never refilled in silence (paper §5.3)', () => {
    const cluster = withLeader();
    const leader = cluster.node(1);
    cluster.run(leader, leader.propose(1));
    cluster.settle();
    cluster.advance(defaultSettings.electionTimeoutMaxMs);
    const { matchIndex, matchRound } = leader.context.progress[2]!;
    expect(matchIndex).toBe(2);
    const late = {
      ...(matched(2, 1, 0, matchRound) as AppendEntriesResponse),
      success: false,
      prevLogIndex: 2,
    };
    expect(paramsOf(leader.receive(late), 'report')).toEqual([]);
    expect(leader.context.progress[2]!.state).toBe('replicate');
    const now = { ...late, round: leader.context.round };
    expect(now.round).toBeGreaterThan(matchRound);
    expect(paramsOf(leader.receive(now), 'report')).toEqual([
      { peer: 2, problem: { type: 'lostEntries', matchIndex: 2 } },
    ]);
    expect(leader.receive(matched(2, 1, 2, leader.context.round))).toEqual([]);
    expect(leader.context.heardFrom).not.toContain(2);
    cluster.connect((from, to) => ![from, to].includes(3));
    cluster.advance(2 * defaultSettings.electionTimeoutMaxMs);
    expect(leader.role).not.toBe('leader');
  });

  it('an answer to a round that has not begun confirms no read, now or later (thesis §6.4)', () => {
    const leader = withLeader().node(1);
    for (const from of [2, 3]) leader.receive(matched(from, 1, 1, leader.context.round + 1000));
    leader.step(read(7));
    expect(paramsOf(leader.lastStep.effects, 'confirmRead')).toEqual([]);
    expect(leader.context.reads).toHaveLength(1);
    leader.receive(matched(2, 1, 1, leader.context.round - 1));
    expect(leader.context.reads).toHaveLength(1);
  });
});

describe('clusters', () => {
  it.each([1, 2, 3, 5, 7])('of %i elect one leader, replicate and commit everywhere (paper §5)', (size) => {
    const nodes = votersOf(size).map((id) => new ChartNode({ id, voters: votersOf(size) }));
    const cluster = new TinyCluster(nodes);
    cluster.advance(1500);
    expect(cluster.leaders).toHaveLength(1);
    const leader = cluster.leaders[0]!;
    cluster.run(leader, leader.propose(1, 2, 3));
    cluster.advance(100);
    const expected: readonly Entry[] = leader.disk.entries;
    expect(expected).toHaveLength(4);
    for (const { context, disk } of nodes) {
      expect(disk.entries).toEqual(expected);
      expect(context).toMatchObject({ commitIndex: 4, lastApplied: 4, leaderId: leader.id });
    }
  });
});
