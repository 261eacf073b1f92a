import { describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../../../src/raft/context.ts';
import type { Effect } from '../../../src/raft/effects.ts';
import type { MemberChange } from '../../../src/raft/members.ts';
import { appendResponse, paramsOf, requestVote, sendsOf } from '../../raft/contexts.ts';
import { ChartNode } from './chart-node.ts';

const member = { peer: '127.0.0.1:7004', client: null, logId: null };
const add = (node: number): MemberChange => ({ type: 'add', node, member });
const promote = (node: number): MemberChange => ({ type: 'promote', node });
const demote = (node: number): MemberChange => ({ type: 'demote', node });
const remove = (node: number): MemberChange => ({ type: 'remove', node });
/** Another disk. */
const exchange = (node: number): MemberChange => ({
  type: 'update',
  node,
  member: { ...member, logId: 'b'.repeat(32) },
});

const ask = (node: ChartNode, ...changes: readonly MemberChange[]): readonly Effect[] =>
  node.step({ type: 'ConfigurationProposed', id: 7, changes });

/** These followers hold the whole log, and so does the node's own disk. */
const acknowledge = (node: ChartNode, ...peers: readonly number[]): readonly Effect[] => [
  ...node.answerWrites(),
  ...peers.flatMap((from) =>
    node.receive({
      type: 'AppendEntriesResponse',
      from,
      to: node.id,
      term: node.context.currentTerm,
      success: true,
      prevLogIndex: 0,
      matchIndex: node.context.log.lastIndex,
      conflictTerm: 0,
      conflictIndex: 0,
      round: node.context.round,
    }),
  ),
];

/** Node 1 leads voters 1 to 3; its no-op is committed. */
const leader = (): ChartNode => {
  const node = new ChartNode();
  node.elect();
  acknowledge(node, 2, 3);
  return node;
};

/** With learner 4, which holds nothing yet. */
const withLearner = (): ChartNode => {
  const node = leader();
  ask(node, add(4));
  acknowledge(node, 2, 3);
  return node;
};

const configurationState = ({ snapshot }: ChartNode): unknown =>
  (snapshot.value as { leader: { configuration: unknown } }).leader.configuration;

const refusals = (effects: readonly Effect[]) =>
  paramsOf(effects, 'rejectRequest').map(({ leaderId, reason }) => ({ leaderId, reason }));

describe('a change of the members is refused with its reason', () => {
  const follower = () => {
    const node = new ChartNode();
    node.receive({
      type: 'AppendEntries',
      from: 2,
      to: 1,
      term: 1,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommit: 0,
      round: 0,
    });
    return node;
  };
  const preCandidate = () => {
    const node = new ChartNode();
    node.fire('electionTimeout');
    return node;
  };
  const candidate = () => {
    const node = preCandidate();
    node.receive({ type: 'PreVoteResponse', from: 2, to: 1, term: 1, voteGranted: true });
    return node;
  };
  const unready = () => {
    const node = new ChartNode();
    node.elect();
    return node;
  };
  const handingOver = () => {
    const node = leader();
    node.step({ type: 'TransferRequested', id: 1, target: 3 });
    return node;
  };
  const changing = (...changes: readonly MemberChange[]) => {
    const node = withLearner();
    ask(node, ...changes);
    return node;
  };

  it.each([
    { case: 'by a follower', node: follower, leaderId: 2, reason: 'notLeader' },
    { case: 'by a pre-candidate', node: preCandidate, leaderId: null, reason: 'notLeader' },
    { case: 'by a candidate', node: candidate, leaderId: null, reason: 'notLeader' },
    { case: 'before its own term commits', node: unready, leaderId: 1, reason: 'notReady' },
    { case: 'while it hands over', node: handingOver, leaderId: 3, reason: 'transferring' },
    { case: 'while learners catch up', node: () => changing(promote(4)), leaderId: 1, reason: 'changing' },
    { case: 'in the joint phase', node: () => changing(demote(3)), leaderId: 1, reason: 'changing' },
    { case: 'before one is committed', node: () => changing(add(5)), leaderId: 1, reason: 'changing' },
  ])('$case: $reason', ({ node, leaderId, reason }) => {
    expect(refusals(ask(node(), add(9)))).toEqual([{ leaderId, reason }]);
  });

  it.each([
    { changes: [promote(9)], reason: 'memberUnknown' },
    { changes: [demote(9)], reason: 'memberUnknown' },
    { changes: [promote(2)], reason: 'unchanged' },
    { changes: [remove(9)], reason: 'unchanged' },
    { changes: [remove(1), remove(2), demote(3)], reason: 'noVoter' },
    { changes: [exchange(2)], reason: 'voterOnOtherDisk' },
    { changes: [demote(2), exchange(2)], reason: 'voterOnOtherDisk' },
    { changes: [exchange(4), promote(4)], reason: 'voterOnOtherDisk' },
  ])('$changes: $reason', ({ changes, reason }) => {
    const node = withLearner();
    const { context } = node;
    expect(refusals(ask(node, ...changes))).toEqual([{ leaderId: 1, reason }]);
    expect(node.context).toEqual(context);
    expect(configurationState(node)).toBe('settled');
  });
});

describe('a change of the members', () => {
  it('of learners alone is one entry, and done when that is committed (thesis §4.2.1)', () => {
    const node = leader();
    expect(sendsOf(ask(node, add(4)))).toEqual([]);
    expect(configurationState(node)).toBe('leaving');
    expect(node.context.progress[4]).toMatchObject({ state: 'probe' });
    expect(paramsOf(acknowledge(node, 2), 'acceptRequest')).toEqual([{ id: 7, index: 2 }]);
    expect(configurationState(node)).toBe('settled');
  });

  it('brings a learner up to date before it votes, and goes through a joint configuration (thesis §4.2.1, §4.3)', () => {
    const node = withLearner();
    ask(node, promote(4));
    expect(configurationState(node)).toEqual({ catchingUp: 'inTime' });
    expect(node.context.log.lastIndex).toBe(2);
    acknowledge(node, 4);
    expect(configurationState(node)).toBe('joint');
    expect(node.context.configurations.at(-1)).toMatchObject({
      index: 3,
      voters: [1, 2, 3, 4],
      outgoing: [1, 2, 3],
    });
    // A majority of the new voters is not enough without one of the old.
    acknowledge(node, 4);
    expect(configurationState(node)).toBe('joint');
    acknowledge(node, 2, 4);
    expect(configurationState(node)).toBe('leaving');
    expect(node.context.configurations.at(-1)).toMatchObject({
      index: 4,
      voters: [1, 2, 3, 4],
      outgoing: [],
    });
    const done = acknowledge(node, 2, 4);
    expect(paramsOf(done, 'acceptRequest')).toEqual([{ id: 7, index: 4 }]);
    expect(configurationState(node)).toBe('settled');
  });

  it('gives a learner up that gets no further, and waits for one that does, however slowly', () => {
    const node = withLearner();
    ask(node, promote(4));
    node.fire('catchUpRound');
    expect(configurationState(node)).toEqual({ catchingUp: 'late' });
    node.receive(appendResponse({ from: 4, term: 1, matchIndex: 1, round: node.context.round }));
    expect(refusals(node.fire('catchUpTimeout'))).toEqual([]);
    expect(configurationState(node)).toEqual({ catchingUp: 'late' });
    expect(refusals(node.fire('catchUpTimeout'))).toEqual([{ leaderId: 1, reason: 'notCaughtUp' }]);
    expect(configurationState(node)).toBe('settled');
    expect(node.context.configurations.at(-1)).toMatchObject({ voters: [1, 2, 3], learners: [4] });
  });

  it('never makes one decide that held everything and is gone: no majority might be left', () => {
    const node = withLearner();
    acknowledge(node, 2, 3, 4);
    node.fire('quorumCheck');
    acknowledge(node, 2, 3);
    ask(node, promote(4));
    expect(configurationState(node)).toEqual({ catchingUp: 'inTime' });
    node.fire('catchUpRound');
    expect(refusals(node.fire('catchUpTimeout'))).toEqual([{ leaderId: 1, reason: 'notCaughtUp' }]);
    expect(node.context.configurations.at(-1)).toMatchObject({
      voters: [1, 2, 3],
      outgoing: [],
      learners: [4],
    });
  });

  it('gives a learner up whose tenth round takes too long (thesis §4.2.1)', () => {
    const node = withLearner();
    ask(node, promote(4));
    for (let round = 1; round < 10; round++) {
      node.fire('catchUpRound');
      acknowledge(node, 4);
      expect(configurationState(node)).toEqual({ catchingUp: 'inTime' });
    }
    node.fire('catchUpRound');
    expect(refusals(acknowledge(node, 4))).toEqual([{ leaderId: 1, reason: 'notCaughtUp' }]);
    expect(configurationState(node)).toBe('settled');
  });

  it('that removes the leader has it lead until that is committed, answer, hand over and step down (thesis §4.2.2)', () => {
    const node = leader();
    ask(node, remove(1));
    acknowledge(node, 2, 3);
    expect(configurationState(node)).toBe('leaving');
    const done = acknowledge(node, 2, 3);
    expect(paramsOf(done, 'acceptRequest')).toEqual([{ id: 7, index: 3 }]);
    expect(sendsOf(done)).toMatchObject([{ type: 'TimeoutNow', to: 2 }]);
    expect(node.snapshot.value).toEqual({ follower: 'unleased' });
    node.fire('electionTimeout');
    expect(node.snapshot.value).toEqual({ follower: 'unleased' });
  });

  it('that its leader leaves behind in the joint phase is completed by the next one (thesis §4.3)', () => {
    const node = leader();
    ask(node, demote(3));
    expect(configurationState(node)).toBe('joint');
    const lost = node.receive({
      type: 'AppendEntriesResponse',
      from: 2,
      to: 1,
      term: 2,
      success: false,
      prevLogIndex: 0,
      matchIndex: 0,
      conflictTerm: 0,
      conflictIndex: 1,
      round: 0,
    });
    expect(refusals(lost)).toEqual([{ leaderId: null, reason: 'leadershipLost' }]);
    node.answerWrites();
    node.elect();
    expect(configurationState(node)).toBe('joint');
    acknowledge(node, 2, 3);
    expect(configurationState(node)).toBe('leaving');
    // Nobody has asked this leader.
    expect(paramsOf(acknowledge(node, 2, 3), 'acceptRequest')).toEqual([]);
    expect(node.context.configurations.at(-1)).toMatchObject({ voters: [1, 2], learners: [3], outgoing: [] });
  });
});

describe('a disk takes the place of another', () => {
  const rejected = (node: ChartNode, from: number) =>
    node.receive({
      type: 'AppendEntriesResponse',
      from,
      to: 1,
      term: 1,
      success: false,
      prevLogIndex: node.context.progress[from]!.nextIndex - 1,
      matchIndex: 0,
      conflictTerm: 0,
      conflictIndex: 1,
      round: node.context.round,
    });
  /** Voter 3 was demoted for it. */
  const demoted = () => {
    const node = leader();
    ask(node, add(3));
    acknowledge(node, 2, 3);
    ask(node, { type: 'demote', node: 3, isReplaced: true });
    acknowledge(node, 2, 3);
    acknowledge(node, 2, 3);
    expect(configurationState(node)).toBe('settled');
    return node;
  };

  it('once its node is a learner, which starts from nothing and votes again when it has caught up', () => {
    const node = demoted();
    expect(node.context.configurations.at(-1)).toMatchObject({
      learners: [3],
      members: { 3: { logId: null, wasVoter: true } },
    });
    ask(node, exchange(3));
    expect(node.context.progress[3]).toMatchObject({ state: 'probe', matchIndex: 0 });
    acknowledge(node, 2);
    expect(configurationState(node)).toBe('settled');
    // The empty disk denies what the old one had acknowledged, and has lost nothing.
    rejected(node, 3);
    expect(node.context.progress[3]).toMatchObject({ state: 'probe', nextIndex: 1 });
    ask(node, promote(3));
    expect(configurationState(node)).toEqual({ catchingUp: 'inTime' });
    acknowledge(node, 2, 3);
    expect(configurationState(node)).toBe('joint');
    acknowledge(node, 2, 3);
    acknowledge(node, 2, 3);
    const { voters, members } = node.context.configurations.at(-1)!;
    expect([voters, members[3]]).toEqual([[1, 2, 3], { ...member, logId: 'b'.repeat(32) }]);
  });

  it('and what the old one has acknowledged makes no majority', () => {
    const node = demoted();
    ask(node, exchange(3));
    expect(node.context.heardFrom).toContain(2);
    expect(node.context.heardFrom).not.toContain(3);
    acknowledge(node, 2);
    ask(node, promote(3));
    node.step({ type: 'Proposed', proposals: [{ id: 1, payload: new Uint8Array(1) }] });
    expect(configurationState(node)).toEqual({ catchingUp: 'inTime' });
    expect(node.context.progress[3]).toMatchObject({ matchIndex: 0 });
  });

  it('or is filled again where it has lost what it held', () => {
    const node = demoted();
    ask(node, promote(3));
    acknowledge(node, 3);
    acknowledge(node, 2, 3);
    acknowledge(node, 2, 3);
    node.step({ type: 'ReadRequested', id: 1, nowMs: 0 });
    const lost = rejected(node, 3);
    expect(paramsOf(lost, 'report')).toMatchObject([{ peer: 3, problem: { type: 'lostEntries' } }]);
    expect(node.context.progress[3]).toMatchObject({ state: 'lost' });
    ask(node, { type: 'demote', node: 3, isReplaced: true });
    expect(node.context.progress[3]).toMatchObject({ state: 'lost' });
    acknowledge(node, 2);
    expect(node.context.progress[3]).toMatchObject({ state: 'probe', matchIndex: 0 });
    acknowledge(node, 2);
    ask(node, promote(3));
    acknowledge(node, 3);
    acknowledge(node, 2, 3);
    acknowledge(node, 2, 3);
    expect(node.context.configurations.at(-1)).toMatchObject({ voters: [1, 2, 3], learners: [] });
  });
});

describe('a learner', () => {
  const learner = (settings: Settings = defaultSettings) => {
    const configuration = { index: 0, voters: [2, 3], outgoing: [], learners: [1], members: {} };
    return new ChartNode({ snapshot: { index: 0, term: 0, configuration }, settings });
  };

  it('never campaigns, neither by itself nor when told to (thesis §4.2.1)', () => {
    const node = learner();
    expect(sendsOf(node.fire('electionTimeout'))).toEqual([]);
    expect(node.role).toBe('follower');
    expect(node.isArmed('electionTimeout')).toBe(true);
    expect(sendsOf(node.receive({ type: 'TimeoutNow', from: 2, to: 1, term: 1 }))).toEqual([]);
    expect(node.role).toBe('follower');
  });

  it('that waited in vain considers votes at once, whatever clocks leaders rely on', () => {
    const node = learner({ ...defaultSettings, leaseReads: true });
    expect(node.snapshot.value).toEqual({ follower: 'leased' });
    node.fire('leaderLease');
    node.fire('electionTimeout');
    expect(node.snapshot.value).toEqual({ follower: 'unleased' });
  });

  it('grants its vote all the same: it may be a voter, and not know it yet (thesis §4.2.1)', () => {
    const node = learner();
    const granted = node.receive(requestVote({ from: 2, to: 1, term: 1, lastLogIndex: 0, lastLogTerm: 0 }));
    expect(sendsOf(granted)).toMatchObject([{ type: 'RequestVoteResponse', voteGranted: true }]);
  });
});
