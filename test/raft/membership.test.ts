import { describe, expect, it } from 'vitest';
import {
  abandonChange,
  caughtUpFor,
  isCatchUpExhausted,
  isCatchUpStuck,
  needsCatchUp,
  noteCatchUp,
  startCatchUp,
  startNextRound,
} from '../../src/raft/catch-up.ts';
import { type Configuration, firstConfiguration } from '../../src/raft/configuration.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import { type MemberChange, nothingReached } from '../../src/raft/members.ts';
import {
  appendConfiguration,
  appendFinal,
  appendJoint,
  committedConfiguration,
  completeChange,
  handOver,
  hasNoVoter,
  isConfigurationUnchanged,
  isSelfRemoved,
  keepsVoters,
  namesUnknownMember,
  putsVoterOnOtherDisk,
} from '../../src/raft/membership.ts';
import { initialProgress, type Progress } from '../../src/raft/progress.ts';
import { recordMatch, sendHeartbeats } from '../../src/raft/replication.ts';
import { targetAfter } from '../../src/raft/target.ts';
import { appendResponse, contextOf, logOf, paramsOf, sendsOf } from './contexts.ts';

const member = (node: number) => ({ peer: `127.0.0.1:700${node}`, client: null, logId: null });

const held = (matchIndex: number): Progress => ({
  ...initialProgress(matchIndex),
  state: 'replicate',
  matchIndex,
});

/** Node 1 leads term 5 of voters 1 to 3, with learner 4; its log of five entries is committed. */
const leader = (patch: Partial<RaftContext> = {}, configuration: Partial<Configuration> = {}): RaftContext =>
  contextOf({
    currentTerm: 5,
    leaderId: 1,
    log: logOf(1, 1, 2, 5, 5),
    commitIndex: 5,
    durableIndex: 5,
    configurations: [{ ...firstConfiguration([1, 2, 3]), learners: [4], ...configuration }],
    progress: { 2: held(5), 3: held(5), 4: held(5) },
    heardFrom: [2, 3, 4],
    ...patch,
  });

const proposal = (...changes: readonly MemberChange[]) =>
  ({ type: 'ConfigurationProposed', id: 9, changes }) as const;
const add = (node: number): MemberChange => ({ type: 'add', node, member: member(node) });
const promote = (node: number): MemberChange => ({ type: 'promote', node });
const demote = (node: number): MemberChange => ({ type: 'demote', node });
const remove = (node: number): MemberChange => ({ type: 'remove', node });

describe('a change of the members (thesis §4)', () => {
  it.each([
    { case: 'a learner is added', changes: [add(5)], unknown: false, noVoter: false, keeps: true },
    { case: 'a learner is removed', changes: [remove(4)], unknown: false, noVoter: false, keeps: true },
    { case: 'a learner is promoted', changes: [promote(4)], unknown: false, noVoter: false, keeps: false },
    { case: 'a voter is demoted', changes: [demote(3)], unknown: false, noVoter: false, keeps: false },
    { case: 'a stranger is promoted', changes: [promote(7)], unknown: true, noVoter: false, keeps: false },
    { case: 'a stranger is demoted', changes: [demote(7)], unknown: true, noVoter: false, keeps: false },
    {
      case: 'one is added and promoted at once',
      changes: [add(5), promote(5)],
      unknown: true,
      noVoter: false,
      keeps: false,
    },
    {
      case: 'one is removed and promoted at once',
      changes: [remove(4), promote(4)],
      unknown: true,
      noVoter: false,
      keeps: false,
    },
    {
      case: 'all are demoted',
      changes: [demote(1), demote(2), demote(3)],
      unknown: false,
      noVoter: true,
      keeps: false,
    },
    {
      case: 'all are removed',
      changes: [remove(1), remove(2), remove(3)],
      unknown: false,
      noVoter: true,
      keeps: false,
    },
    {
      case: 'several at once',
      changes: [add(5), promote(4), remove(1)],
      unknown: false,
      noVoter: false,
      keeps: false,
    },
  ])(
    '$case: unknown $unknown, nobody votes $noVoter, the voters stay $keeps',
    ({ changes, unknown, noVoter, keeps }) => {
      const event = proposal(...(changes as readonly MemberChange[]));
      expect(namesUnknownMember(leader(), event)).toBe(unknown);
      expect(hasNoVoter(leader(), event)).toBe(noVoter);
      expect(keepsVoters(leader(), event)).toBe(keeps);
    },
  );

  it('marks a voter whose disk is to be replaced, until it votes again', () => {
    const members = { 2: member(2), 4: member(4) };
    const current = { ...firstConfiguration([1, 2, 3], members), learners: [4] };
    const markOf = (node: number, ...changes: readonly MemberChange[]) =>
      targetAfter(current, changes)!.members[node]!.wasVoter;
    const replaced: MemberChange = { type: 'demote', node: 2, isReplaced: true };
    expect(markOf(2, demote(2))).toBeUndefined();
    expect(markOf(2, replaced)).toBe(true);
    expect(markOf(2, replaced, { type: 'update', node: 2, member: member(2) })).toBe(true);
    expect(markOf(2, replaced, promote(2))).toBeUndefined();
    expect(markOf(4, { type: 'demote', node: 4, isReplaced: true })).toBeUndefined();
  });

  it('says how far a disk had come, for as long as that disk counts', () => {
    const seen = { start: 7, run: 'r7' };
    const disk = (logId: string): MemberChange => ({ type: 'name', node: 2, logId, seen });
    const members = { 2: { ...member(2), logId: 'two' } };
    const current = { ...firstConfiguration([1, 2, 3], members), learners: [4] };
    const memberAfter = (...changes: readonly MemberChange[]) => targetAfter(current, changes)!.members[2]!;
    expect(memberAfter(disk('two'))).toEqual({ ...member(2), logId: 'two', seen });
    expect(memberAfter(disk('b'))).toEqual({ ...member(2), logId: 'two' });
    expect(memberAfter(disk('two'), { type: 'update', node: 2, member: member(2) }).seen).toEqual(seen);
    const replaced = { ...member(2), logId: 'b' };
    expect(memberAfter(disk('two'), { type: 'update', node: 2, member: replaced })).toEqual(replaced);
    const unchanged = proposal({ type: 'promote', node: 2 }, disk('two'));
    expect(isConfigurationUnchanged(leader({}, current), unchanged)).toBe(true);
  });

  const name = (node: number, logId: string): MemberChange => ({ type: 'name', node, logId });
  const named = (node: number, logId: string | null): MemberChange => ({
    type: 'update',
    node,
    member: { ...member(node), logId },
  });
  it.each<{ case: string; changes: readonly MemberChange[]; moves: boolean }>([
    { case: 'a learner is on another disk', changes: [named(4, 'b')], moves: false },
    { case: 'a learner stays on its disk', changes: [named(4, null)], moves: false },
    { case: 'a voter is on another disk', changes: [named(2, 'b')], moves: true },
    { case: 'a voter is named the disk that it has', changes: [named(2, 'two')], moves: false },
    { case: 'the disk of a voter is named for the first time', changes: [named(3, 'b')], moves: true },
    { case: 'beside it that disk is named of another', changes: [named(3, 'b'), name(2, 'b')], moves: true },
    { case: 'beside it another disk is named of it', changes: [named(3, 'b'), name(3, 'c')], moves: true },
    { case: 'a voter stays on its disk', changes: [named(2, null)], moves: false },
    { case: 'one that was a voter until now', changes: [demote(2), named(2, 'b')], moves: true },
    { case: 'one that is a voter from now on', changes: [named(4, 'b'), promote(4)], moves: true },
    { case: 'one that is removed and added', changes: [remove(2), add(2)], moves: true },
    { case: 'a voter is removed', changes: [remove(2)], moves: false },
    {
      case: 'a node is added on its disk',
      changes: [{ ...add(5), member: { ...member(5), logId: 'b' } }],
      moves: false,
    },
    { case: 'a learner is promoted', changes: [promote(4)], moves: false },
    { case: 'the disk that a voter has is named', changes: [name(3, 'b')], moves: false },
    { case: 'another one is named, which changes nothing', changes: [name(2, 'b')], moves: false },
    { case: 'the one that it is given is named', changes: [named(2, 'b'), name(2, 'b')], moves: true },
  ] as { case: string; changes: readonly MemberChange[]; moves: boolean }[])(
    '$case: a voter on another disk $moves',
    ({ changes, moves }) => {
      const disk = (node: number, logId: string | null) => ({ [node]: { ...member(node), logId } });
      const members = { ...disk(2, 'two'), ...disk(3, null), ...disk(4, 'four') };
      expect(putsVoterOnOtherDisk(leader({}, { members }), proposal(...changes))).toBe(moves);
    },
  );

  it('names the disks that the leader knows, and nothing but that is no change', () => {
    const members = { 2: member(2), 4: member(4) };
    const context = leader({}, { members });
    expect(isConfigurationUnchanged(context, proposal(name(2, 'two')))).toBe(true);
    const event = proposal(promote(4), name(2, 'two'), name(3, 'three'), name(4, 'four'), name(9, 'nine'));
    expect(isConfigurationUnchanged(context, event)).toBe(false);
    const { patch } = appendJoint(context, event);
    expect(patch.configurations!.at(-1)!.members).toEqual({
      2: { ...member(2), logId: 'two' },
      // Where it is, only the transport knows.
      3: { peer: null, client: null, logId: 'three' },
      4: { ...member(4), logId: 'four' },
    });
    expect(patch.progress).toMatchObject({ 2: { matchIndex: 5 }, 4: { matchIndex: 5 } });
  });

  it.each([
    { changes: [promote(2)], same: true },
    { changes: [demote(4)], same: true },
    { changes: [remove(9)], same: true },
    { changes: [], same: true },
    { changes: [add(2)], same: false },
    { changes: [add(4)], same: false },
  ])('that holds already is none: $changes is $same', ({ changes, same }) => {
    expect(isConfigurationUnchanged(leader(), proposal(...(changes as readonly MemberChange[])))).toBe(same);
  });

  it('of learners alone is one entry, in force at once; the next heartbeat finds the new one', () => {
    const { patch, effects } = appendConfiguration(leader(), proposal(add(5)));
    expect(patch.configurations!.at(-1)).toMatchObject({
      index: 6,
      voters: [1, 2, 3],
      outgoing: [],
      learners: [4, 5],
    });
    expect(patch.progress![5]).toMatchObject({ state: 'probe', matchIndex: 0 });
    expect(paramsOf(effects, 'persist')).toMatchObject([
      { firstIndex: 6, entries: [{ kind: 'configuration' }] },
    ]);
    expect(paramsOf(effects, 'replicate').map(({ to }) => to)).toEqual([2, 3, 4]);
    const next = { ...leader(), ...patch };
    expect(paramsOf(sendHeartbeats(next).effects, 'replicate').map(({ to }) => to)).toContain(5);
  });

  it('of voters is joint first: old and new decide together, and a demoted voter votes until it is over', () => {
    const { patch } = appendJoint(leader(), proposal(promote(4), demote(3)));
    expect(patch.configurations!.at(-1)).toMatchObject({
      voters: [1, 2, 4],
      outgoing: [1, 2, 3],
      learners: [3],
    });
    const final = appendFinal(leader({ ...patch, commitIndex: 6 }));
    expect(final.patch.configurations!.at(-1)).toMatchObject({
      voters: [1, 2, 4],
      outgoing: [],
      learners: [3],
    });
  });

  it('is left by a successor that has only the log to go by', () => {
    const joint = { ...firstConfiguration([1, 2, 4]), index: 4, outgoing: [1, 2, 3], learners: [3] };
    const successor = leader({ configurations: [joint], commitIndex: 3, change: null });
    expect(committedConfiguration(successor, 3)).toEqual([]);
    expect(committedConfiguration(successor, 5)).toEqual([{ type: 'JointCommitted' }]);
    // Committed by its predecessor: its own first commit lets it go on.
    const later = leader({ configurations: [joint], commitIndex: 4, change: null });
    expect(committedConfiguration(later, 5)).toEqual([{ type: 'JointCommitted' }]);
  });

  it('is complete when its last configuration is committed, and only then', () => {
    const final = { ...firstConfiguration([1, 2]), index: 5 };
    const context = leader({ configurations: [final], commitIndex: 4 });
    expect(committedConfiguration(context, 4)).toEqual([]);
    expect(committedConfiguration(context, 5)).toEqual([{ type: 'FinalCommitted' }]);
    expect(committedConfiguration({ ...context, commitIndex: 5 }, 6)).toEqual([]);
  });

  it('that is complete answers, tells those who are gone with a last heartbeat, and forgets them', () => {
    const change = {
      id: 9,
      target: firstConfiguration([1, 2]),
      roundEnd: 0,
      rounds: 0,
      reached: nothingReached,
    };
    const context = leader({
      configurations: [{ ...firstConfiguration([1, 2]), index: 5 }],
      change,
      heardFrom: [2, 3],
    });
    const { patch, effects } = completeChange(context);
    expect(Object.keys(patch.progress!)).toEqual(['2']);
    expect(patch).toMatchObject({ change: null, heardFrom: [2] });
    expect(paramsOf(effects, 'acceptRequest')).toEqual([{ id: 9, index: 5 }]);
    expect(paramsOf(effects, 'replicate')).toMatchObject([
      { to: 3, leaderCommit: 5 },
      { to: 4, leaderCommit: 5 },
    ]);
  });

  it('that leaves the leader alone answers the reads that waited for the removed', () => {
    const reads = [{ from: 1, id: 7, round: 3, index: 5 }];
    const joint = leader(
      { reads, round: 3, progress: { 2: held(5) } },
      { voters: [1], outgoing: [1, 2], learners: [] },
    );
    expect(appendFinal(joint).raised).toEqual([{ type: 'RoundConfirmed' }]);
    expect(appendFinal({ ...joint, reads: [] }).raised).toEqual([]);
  });

  it('that removes the leader lets the best follower campaign (thesis §4.2.2)', () => {
    const context = leader({
      configurations: [{ ...firstConfiguration([2, 3]), index: 5 }],
      progress: { 2: held(4), 3: held(5) },
    });
    expect(isSelfRemoved(context)).toBe(true);
    expect(sendsOf(handOver(context).effects)).toMatchObject([{ type: 'TimeoutNow', to: 3, term: 5 }]);
    // Whoever has been told already is not made to compete with another.
    const progress = { 2: held(5), 3: held(5) };
    const handing = { ...context, progress, transferTarget: 3 };
    expect(sendsOf(handOver(handing).effects)).toMatchObject([{ to: 3 }]);
    expect(sendsOf(handOver({ ...handing, progress: { ...progress, 3: held(4) } }).effects)).toMatchObject([
      { to: 2 },
    ]);
    // Nor is one that votes no longer: it could not campaign.
    const demoted = { progress: { ...progress, 4: held(5) }, transferTarget: 4 };
    expect(sendsOf(handOver({ ...context, ...demoted }).effects)).toMatchObject([{ to: 2 }]);
  });
});

describe('learners that are to vote (thesis §4.2.1)', () => {
  const behind = { progress: { 2: held(5), 3: held(5), 4: held(2) } };

  it('catch up first', () => {
    expect(needsCatchUp(leader(), proposal(promote(4)))).toBe(false);
    expect(needsCatchUp(leader(behind), proposal(promote(4)))).toBe(true);
    expect(needsCatchUp(leader(behind), proposal(demote(3)))).toBe(false);
  });

  it('have caught up when they hold what there was when the round began', () => {
    const { patch } = startCatchUp(leader(behind), proposal(promote(4)));
    expect(patch.change).toMatchObject({ id: 9, roundEnd: 5, rounds: 1, reached: { entries: 2, bytes: 0 } });
    const context = leader({ ...behind, ...patch, log: logOf(1, 1, 2, 5, 5, 5) });
    expect(caughtUpFor(context, { 4: held(4) })).toEqual([]);
    expect(caughtUpFor(context, { 4: held(5) })).toEqual([{ type: 'CaughtUp' }]);
    expect(caughtUpFor(leader(behind), { 4: held(5) })).toEqual([]);
  });

  it('have answered since the last quorum check: one that is gone may have held everything', () => {
    const silent = { heardFrom: [2, 3] };
    expect(needsCatchUp(leader(silent), proposal(promote(4)))).toBe(true);
    const { patch } = startCatchUp(leader(silent), proposal(promote(4)));
    const context = leader({ ...silent, ...patch });
    expect(caughtUpFor(context, context.progress)).toEqual([]);
    const response = appendResponse({ from: 4, term: 5, matchIndex: 5, prevLogIndex: 5 });
    expect(recordMatch(context, response).raised).toContainEqual({ type: 'CaughtUp' });
  });

  it('are on a disk that is named where those of others are: a member that never met it would believe another', () => {
    const name = (node: number): MemberChange => ({ type: 'name', node, logId: `${node}`.repeat(32) });
    const named = leader({}, { members: { 1: { ...member(1), logId: 'a' }, 4: member(4) } });
    expect(needsCatchUp(named, proposal(promote(4)))).toBe(true);
    const { patch } = startCatchUp(named, proposal(promote(4)));
    expect(caughtUpFor({ ...named, ...patch }, named.progress)).toEqual([]);
    expect(needsCatchUp(named, proposal(promote(4), name(4)))).toBe(false);
    // As in one process, where there are no disks.
    expect(needsCatchUp(leader({}, { members: { 4: member(4) } }), proposal(promote(4)))).toBe(false);
  });

  it('have ten rounds, each up to what was appended meanwhile', () => {
    let context = leader({ ...behind, ...startCatchUp(leader(behind), proposal(promote(4))).patch });
    for (let round = 1; round < 10; round++) {
      expect(isCatchUpExhausted(context)).toBe(false);
      context = { ...context, log: logOf(1, 1, 2, 5, 5, 5), ...startNextRound(context).patch };
    }
    expect(context.change).toMatchObject({ rounds: 10, roundEnd: 6 });
    expect(isCatchUpExhausted(context)).toBe(true);
  });

  it('are given up if they get no further, and change no majority', () => {
    const { patch } = startCatchUp(leader(behind), proposal(promote(4)));
    expect(isCatchUpStuck(leader({ ...behind, ...patch }))).toBe(true);
    expect(isCatchUpStuck(leader({ ...patch, progress: { ...behind.progress, 4: held(3) } }))).toBe(false);
    // One that has arrived moves on with every command, and does not make up for one that is silent.
    const beside = { ...patch, progress: { ...behind.progress, 3: held(9) } };
    expect(isCatchUpStuck(leader(beside))).toBe(true);
    const given = abandonChange(leader({ ...behind, ...patch }));
    expect(given.patch).toEqual({ change: null });
    expect(paramsOf(given.effects, 'rejectRequest')).toMatchObject([{ id: 9, reason: 'notCaughtUp' }]);
  });

  it('get further with each chunk of a snapshot, and when it is installed', () => {
    const receiving = (offset: number): Progress => ({
      ...initialProgress(0),
      state: 'snapshot',
      snapshot: { index: 2, term: 1, configuration: firstConfiguration([1, 2, 3]) },
      offset,
      isIdle: false,
      inflight: [],
    });
    const holding = (progress: Progress) => ({ progress: { ...behind.progress, 4: progress } });
    const begun = startCatchUp(leader(holding(receiving(0))), proposal(promote(4))).patch;
    const later = { ...begun, ...noteCatchUp(leader({ ...begun, ...holding(receiving(1000)) })).patch };
    expect(isCatchUpStuck(leader({ ...later, ...holding(receiving(1000)) }))).toBe(true);
    expect(isCatchUpStuck(leader({ ...later, ...holding(receiving(2000)) }))).toBe(false);
    expect(isCatchUpStuck(leader({ ...later, ...holding(held(2)) }))).toBe(false);
  });
});
