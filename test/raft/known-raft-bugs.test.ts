import { describe, expect, it } from 'vitest';
import type { AppendEntries, Message } from '../../src/raft/messages.ts';
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
const matched = (from: number, term: Term, matchIndex: number): Message => ({
  type: 'AppendEntriesResponse',
  from,
  to: 1,
  term,
  success: true,
  prevLogIndex: 0,
  matchIndex,
  conflictTerm: 0,
  conflictIndex: 0,
  round: 0,
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
    expect(sendsOf(effects)).toMatchObject([{ success: false, conflictTerm: 1, conflictIndex: 1, round: 0 }]);
    expect(node.disk.entries).toEqual(entriesOf(1));
  });

  it('an empty append with a high commit index commits no divergent tail (Figure 2, AppendEntries 5)', () => {
    const node = new ChartNode({}, at(3, 1, 1, 3, 3));
    const effects = node.receive(append({ prevLogIndex: 2, prevLogTerm: 1, leaderCommit: 4, round: 0 }));
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
    const effects = emptied.receive(append({ prevLogIndex: 4, prevLogTerm: 5, leaderCommit: 4, round: 0 }));
    expect(sendsOf(effects)).toMatchObject([{ success: false, conflictIndex: 1, round: 0 }]);
    emptied.receive(append({ prevLogIndex: 0, entries: entriesOf(1, 1), leaderCommit: 4, round: 0 }));
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
    expect(node.role).toBe('leader');
    node.answerWrites();
    node.propose(1);
    expect(node.context.commitIndex).toBe(1);
    node.answerWrites();
    expect(node.context.commitIndex).toBe(2);
    node.restart();
    node.fire('electionTimeout');
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
    node.receive(matched(2, 1, 2));
    node.receive(matched(3, 1, 2));
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
      node.receive(matched(2, 1, period));
      node.fire('quorumCheck');
      expect(node.role).toBe('leader');
    }
  });

  it('a single leader whose disk never answers steps down (thesis §6.2)', () => {
    const node = new ChartNode({ voters: [1] }, at(3, 1));
    node.fire('electionTimeout');
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
