import { describe, expect, it } from 'vitest';
import { defaultSettings, type RaftContext, type WaitingRead } from '../../src/raft/context.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { Progress } from '../../src/raft/progress.ts';
import {
  answerByLease,
  answered,
  confirmForwardedRead,
  confirmReads,
  forwardRead,
  holdRead,
  isLeaderUnknown,
  isLeaseHeld,
  isOwnTermUncommitted,
  isReadRefused,
  isRoundUnderWay,
  keepsTime,
  nextRound,
  recordTime,
  refusedReads,
  refuseRead,
  refuseReadIndex,
  rejectForwardedRead,
  startHeldReads,
  startReadRound,
  termCommittedBy,
} from '../../src/raft/reads.ts';
import {
  hasLostEntries,
  isQuorumLost,
  isRoundNotBegun,
  quarantine,
  recordContact,
  recordMatch,
  sendHeartbeats,
  startQuorumCheck,
} from '../../src/raft/replication.ts';
import { appendEntries, appendResponse, contextOf, logOf, paramsOf, sendsOf, votersOf } from './contexts.ts';

const followerAt = (round: number, patch: Partial<Progress> = {}): Progress =>
  ({
    state: 'replicate',
    nextIndex: 2,
    matchIndex: 1,
    matchRound: 0,
    round,
    inflight: [],
    ...patch,
  }) as Progress;

/** Leader 1 of term 5, whose one entry is committed. */
const leader = (patch: Partial<RaftContext> = {}, size = 3): RaftContext =>
  contextOf(
    {
      currentTerm: 5,
      votedFor: 1,
      leaderId: 1,
      log: logOf(5),
      commitIndex: 1,
      durableIndex: 1,
      progress: Object.fromEntries(
        votersOf(size)
          .slice(1)
          .map((id) => [id, followerAt(0)]),
      ),
      ...patch,
    },
    { voters: votersOf(size) },
  );

const ask = (id: number, nowMs = 0) => ({ type: 'ReadRequested', id, nowMs }) as const;
const forwarded = (readId: number) => ({ type: 'ReadIndex', from: 3, to: 1, term: 5, readId }) as const;
const waiting = (id: number, round: number, index = 1, from = 1): WaitingRead => ({ from, id, round, index });
const raisedBy = (decision: { readonly raised?: readonly { readonly type: string }[] }) =>
  (decision.raised ?? []).map(({ type }) => type);

const timed = { ...defaultSettings, leaseReads: true };

describe('a read', () => {
  it('may begin only once an entry of the own term is committed (paper §8; thesis §6.4)', () => {
    expect(isOwnTermUncommitted(leader())).toBe(false);
    expect(isOwnTermUncommitted(leader({ commitIndex: 0 }))).toBe(true);
    expect(isOwnTermUncommitted(leader({ log: logOf(4, 5), commitIndex: 1 }))).toBe(true);
  });

  it('starts a round at once: everybody is sent a heartbeat that names it (thesis §6.4)', () => {
    const decision = startReadRound(leader({ round: 4 }), ask(7));
    expect(decision.patch).toMatchObject({ round: 5, reads: [waiting(7, 5)] });
    expect(paramsOf(decision.effects, 'replicate')).toMatchObject([
      { to: 2, round: 5, lastIndex: 1, prevLogIndex: 1 },
      { to: 3, round: 5, lastIndex: 1, prevLogIndex: 1 },
    ]);
    expect(raisedBy(decision)).toEqual([]);
  });

  it('of the only voter is confirmed by nobody else', () => {
    const decision = startReadRound(leader({}, 1), ask(7));
    expect(decision.effects).toEqual([]);
    expect(raisedBy(decision)).toEqual(['RoundConfirmed']);
  });

  it('that comes during a round waits for the next: that round began before it (thesis §6.4)', () => {
    expect(isRoundUnderWay(leader({ reads: [waiting(7, 5)] }))).toBe(true);
    expect(isRoundUnderWay(leader({ reads: [waiting(7, 0, 0)] }))).toBe(false);
    const { patch } = holdRead(leader({ reads: [waiting(7, 5)] }), forwarded(8));
    expect(patch).toEqual({ reads: [waiting(7, 5), waiting(8, 0, 0, 3)] });
    expect(
      holdRead(leader({ reads: [waiting(8, 5, 1, 3)] }), forwarded(8)).patch,
      'the same once more',
    ).toEqual({});
  });

  it('of a later round than was answered goes on waiting (thesis §6.4)', () => {
    const reads = [waiting(7, 1), waiting(8, 2)];
    const context = leader({ round: 2, reads, progress: { 2: followerAt(1), 3: followerAt(0) } });
    const { patch, effects } = confirmReads(context);
    expect(paramsOf(effects, 'confirmRead')).toEqual([{ id: 7, index: 1 }]);
    expect(patch.reads).toEqual([waiting(8, 2)]);
  });

  it('is answered with the commit index of when its round began (thesis §6.4, step 1)', () => {
    const context = leader({
      round: 5,
      log: logOf(5, 5),
      commitIndex: 2,
      reads: [waiting(7, 5), waiting(8, 5, 1, 3)],
      progress: { 2: followerAt(5), 3: followerAt(0) },
    });
    const { patch, effects } = confirmReads(context);
    expect(patch.reads).toEqual([]);
    expect(effects).toEqual([
      { type: 'confirmRead', params: { id: 7, index: 1 } },
      {
        type: 'send',
        params: {
          message: {
            type: 'ReadIndexResponse',
            from: 1,
            to: 3,
            term: 5,
            readId: 8,
            success: true,
            readIndex: 1,
          },
        },
      },
    ]);
  });

  it('that waited for the round before gets one of its own when that is confirmed', () => {
    const context = leader({
      round: 5,
      reads: [waiting(7, 5), waiting(8, 0, 0)],
      progress: { 2: followerAt(5), 3: followerAt(0) },
    });
    const { patch, effects } = confirmReads(context);
    expect(patch).toMatchObject({ round: 6, reads: [waiting(8, 6)] });
    expect(effects.map(({ type }) => type)).toEqual(['confirmRead', 'replicate', 'replicate']);
  });

  it('that waited for the own term begins its round when that is committed (thesis §6.4, step 1)', () => {
    const held = leader({ reads: [waiting(7, 0, 0)] });
    expect(termCommittedBy(held).map(({ type }) => type)).toEqual(['TermCommitted']);
    expect(termCommittedBy({ ...held, commitIndex: 0 })).toEqual([]);
    expect(termCommittedBy(leader({ reads: [waiting(7, 1)] }))).toEqual([]);
    expect(termCommittedBy(leader({ reads: [waiting(7, 1), waiting(8, 0)] }))).toEqual([]);
    expect(startHeldReads(held).patch).toMatchObject({ round: 1, reads: [waiting(7, 1)] });
  });

  it('is refused when the leader stops leading, and the follower that forwarded it is told', () => {
    const effects = refusedReads(leader({ reads: [waiting(7, 5), waiting(8, 0, 0, 3)] }));
    expect(paramsOf(effects, 'rejectRead')).toEqual([{ id: 7, leaderId: null }]);
    expect(sendsOf(effects)).toMatchObject([{ type: 'ReadIndexResponse', to: 3, readId: 8, success: false }]);
  });
});

describe('a round', () => {
  const asked = leader({ round: 5, reads: [waiting(7, 5)] });
  const answer = (patch: object) => appendResponse({ from: 2, prevLogIndex: 1, matchIndex: 1, ...patch });

  it('is confirmed by an answer to it, and by none to an earlier one (thesis §6.4; etcd#20418)', () => {
    expect(raisedBy(recordMatch(asked, answer({ round: 4 })))).toEqual([]);
    expect(raisedBy(recordMatch(asked, answer({ round: 5 })))).toEqual(['RoundConfirmed']);
  });

  it('is confirmed by a rejection as well: it comes from a follower of this term', () => {
    const stale = answer({ success: false, prevLogIndex: 1, matchIndex: 0, round: 5 });
    expect(raisedBy(recordContact(asked, stale))).toEqual(['RoundConfirmed']);
  });

  it('needs a majority of five: the leader and two others', () => {
    const one = leader({ round: 5, reads: [waiting(7, 5)] }, 5);
    const first = recordMatch(one, answer({ round: 5 }));
    expect(raisedBy(first)).toEqual([]);
    const two = { ...one, ...first.patch };
    expect(raisedBy(recordMatch(two, answer({ round: 5 }))), 'the same follower again').toEqual([]);
    expect(raisedBy(recordMatch(two, answer({ from: 3, round: 5 })))).toEqual(['RoundConfirmed']);
  });

  it('does not count a follower that has lost entries', () => {
    const lost = leader({
      round: 5,
      reads: [waiting(7, 5)],
      progress: { 2: followerAt(5, { state: 'lost' }), 3: followerAt(4) },
    });
    expect(answered(lost).raised).toEqual([]);
    expect(answered({ ...lost, progress: { 2: followerAt(5), 3: followerAt(4) } }).raised).toHaveLength(1);
  });

  it('that has not begun is answered by no correct follower', () => {
    expect(isRoundNotBegun(asked, answer({ round: 5 }))).toBe(false);
    expect(isRoundNotBegun(asked, answer({ round: 6 }))).toBe(true);
  });

  it('once answered stays answered: a late answer takes nothing back', () => {
    const { patch } = recordMatch(
      leader({ round: 5, progress: { 2: followerAt(5), 3: followerAt(0) } }),
      answer({ round: 3 }),
    );
    expect(patch.progress![2]!.round).toBe(5);
  });

  it('begins with each quorum check, and an answer to an earlier one is not heard in it (thesis §6.2)', () => {
    const context = leader({ round: 5, heardFrom: [2, 3] });
    const next = { ...context, ...startQuorumCheck(context).patch };
    expect(next).toMatchObject({ round: 6, checkedRound: 6, heardFrom: [] });
    const late = { ...next, ...recordMatch(next, answer({ round: 5 })).patch };
    expect(late.heardFrom).toEqual([]);
    expect(isQuorumLost(late)).toBe(true);
    const fresh = { ...next, ...recordMatch(next, answer({ round: 6 })).patch };
    expect(fresh.heardFrom).toEqual([2]);
    expect(isQuorumLost(fresh)).toBe(false);
  });

  it('of the only voter is answered as it begins, whatever begins it', () => {
    const alone = leader({ round: 5, settings: timed, nowMs: 90 }, 1);
    const renewed = { round: 6, openRounds: [], leaseStartMs: 90 };
    expect(startQuorumCheck(alone).patch).toMatchObject(renewed);
    expect(sendHeartbeats(alone).patch).toMatchObject(renewed);
    expect(startReadRound(alone, ask(7)).patch).toMatchObject(renewed);
    // Its read waited for a node that is a voter no more.
    const waits = { ...alone, reads: [waiting(7, 5)] };
    for (const decision of [startQuorumCheck(waits), sendHeartbeats(waits)]) {
      expect(raisedBy(decision)).toEqual(['RoundConfirmed']);
    }
  });

  it('begins with a heartbeat only where reads go by leases (thesis §6.4.1)', () => {
    expect(sendHeartbeats(leader({ round: 5 })).patch).toEqual({});
    const { patch, effects } = sendHeartbeats(leader({ round: 5, settings: timed, nowMs: 90 }));
    expect(patch).toEqual({ round: 6, openRounds: [{ round: 6, startMs: 90 }] });
    expect(paramsOf(effects, 'replicate').map(({ round }) => round)).toEqual([6, 6]);
  });

  it('is timed only if the time is known, and only for leases (thesis §6.4.1)', () => {
    const open = leader({ round: 5, openRounds: [{ round: 4, startMs: 70 }], nowMs: 90 });
    const openAfter = (patch: Partial<RaftContext>) => nextRound({ ...open, ...patch }).patch.openRounds;
    expect(openAfter({ settings: timed })).toEqual([
      { round: 4, startMs: 70 },
      { round: 6, startMs: 90 },
    ]);
    expect(openAfter({ settings: timed, nowMs: null })).toBe(open.openRounds);
    expect(openAfter({})).toBe(open.openRounds);
  });
});

describe('a lease', () => {
  const held = leader({ settings: timed, leaseStartMs: 1000, nowMs: 1000 });
  const { electionTimeoutMinMs, maxClockDrift } = timed;
  const leaseMs = (electionTimeoutMinMs * (1 - maxClockDrift)) / (1 + maxClockDrift);

  it('lasts the minimum election timeout from when a confirmed round began, less the drift of clocks (thesis §6.4.1)', () => {
    expect(isLeaseHeld(held, ask(7, 1000))).toBe(true);
    expect(isLeaseHeld(held, ask(7, Math.floor(1000 + leaseMs)))).toBe(true);
    expect(isLeaseHeld(held, ask(7, 1000 + leaseMs))).toBe(false);
  });

  it('goes by the latest time known where a follower asks', () => {
    expect(isLeaseHeld(held, forwarded(7))).toBe(true);
    expect(isLeaseHeld({ ...held, nowMs: 1000 + leaseMs }, forwarded(7))).toBe(false);
    expect(isLeaseHeld({ ...held, nowMs: null }, forwarded(7))).toBe(false);
  });

  it('is off by default, unknown before the first round, and void once it has handed over (thesis §3.10)', () => {
    expect(isLeaseHeld({ ...held, settings: defaultSettings }, ask(7, 1000))).toBe(false);
    expect(isLeaseHeld({ ...held, leaseStartMs: null }, ask(7, 1000))).toBe(false);
    expect(isLeaseHeld({ ...held, hasHandedOver: true }, ask(7, 1000))).toBe(false);
  });

  it('is renewed by the latest round that a majority has answered, from its beginning on', () => {
    const openRounds = [
      { round: 3, startMs: 30 },
      { round: 4, startMs: 40 },
      { round: 5, startMs: 50 },
    ];
    const context = leader({
      settings: timed,
      round: 5,
      openRounds,
      progress: { 2: followerAt(4), 3: followerAt(0) },
    });
    expect(answered(context)).toEqual({
      patch: { openRounds: [{ round: 5, startMs: 50 }], leaseStartMs: 40 },
      raised: [],
    });
    expect(answered({ ...context, progress: {} }).patch).toEqual({});
  });

  it('answers at once, with what is committed', () => {
    expect(answerByLease(held, ask(7)).effects).toEqual([
      { type: 'confirmRead', params: { id: 7, index: 1 } },
    ]);
    expect(sendsOf(answerByLease(held, forwarded(8)).effects)).toMatchObject([
      { type: 'ReadIndexResponse', to: 3, readId: 8, success: true, readIndex: 1 },
    ]);
  });

  it('needs the time, which never runs backwards', () => {
    const message: Message = appendEntries();
    expect(keepsTime(held)).toBe(true);
    expect(keepsTime(leader())).toBe(false);
    expect(recordTime(held, { type: 'Received', message, nowMs: 1200 }).patch).toEqual({ nowMs: 1200 });
    expect(recordTime(held, { type: 'Received', message, nowMs: 900 }).patch).toEqual({ nowMs: 1000 });
    expect(recordTime(leader(), { type: 'Received', message, nowMs: 900 }).patch).toEqual({ nowMs: 900 });
    expect(recordTime(held, { type: 'Received', message }).patch).toEqual({});
  });
});

describe('a follower that is asked for a read', () => {
  const follower = contextOf({ currentTerm: 5, leaderId: 2 });

  it('asks its leader, under the name of its own (thesis §6.4)', () => {
    expect(isLeaderUnknown(follower)).toBe(false);
    expect(sendsOf(forwardRead(follower, ask(7)).effects)).toEqual([
      { type: 'ReadIndex', from: 1, to: 2, term: 5, readId: 7 },
    ]);
  });

  it('refuses it where no leader is known', () => {
    expect(isLeaderUnknown(contextOf())).toBe(true);
    expect(() => forwardRead(contextOf(), ask(7))).toThrow('there is a leader to ask');
    expect(refuseRead(contextOf(), ask(7)).effects).toEqual([
      { type: 'rejectRead', params: { id: 7, leaderId: null } },
    ]);
  });

  it('tells another follower that it does not lead', () => {
    expect(sendsOf(refuseReadIndex(follower, forwarded(7)).effects)).toEqual([
      { type: 'ReadIndexResponse', from: 1, to: 3, term: 5, readId: 7, success: false, readIndex: 0 },
    ]);
  });

  it('passes on what the leader says', () => {
    const envelope = { type: 'ReadIndexResponse', from: 2, to: 1, term: 5, readId: 7 } as const;
    const confirmed = { ...envelope, success: true, readIndex: 4 };
    const refused = { ...envelope, success: false, readIndex: 0 };
    expect([confirmed, refused].map(isReadRefused)).toEqual([false, true]);
    expect(confirmForwardedRead(follower, confirmed).effects).toEqual([
      { type: 'confirmRead', params: { id: 7, index: 4 } },
    ]);
    expect(rejectForwardedRead(follower, refused).effects).toEqual([
      { type: 'rejectRead', params: { id: 7, leaderId: null } },
    ]);
  });
});

describe('a follower that lacks what it had acknowledged', () => {
  const known = { nextIndex: 4, matchIndex: 3, matchRound: 5 };
  const context = leader({
    log: logOf(5, 5, 5),
    round: 6,
    heardFrom: [2, 3],
    progress: { 2: followerAt(5, known), 3: followerAt(0) },
  });
  const refused = (prevLogIndex: number, round: number) =>
    appendResponse({ success: false, prevLogIndex, conflictIndex: 1, round });

  it('shows it when it refuses a message sent after that: one of a later round (paper §5.3)', () => {
    expect(hasLostEntries(context, refused(3, 6))).toBe(true);
    expect(hasLostEntries(context, refused(2, 6))).toBe(true);
  });

  it('is not suspected for an old rejection that comes late, or for one beyond the match (paper §5.3)', () => {
    expect(hasLostEntries(context, refused(3, 5))).toBe(false);
    expect(hasLostEntries(context, refused(4, 6))).toBe(false);
    expect(hasLostEntries(context, appendResponse({ prevLogIndex: 1, matchIndex: 1, round: 6 }))).toBe(false);
  });

  it('counts no more, neither for entries nor for the quorum check, and is reported', () => {
    const { patch, effects } = quarantine(context, refused(3, 6));
    expect(patch.heardFrom).toEqual([3]);
    expect(patch.progress![2]).toMatchObject({ state: 'lost', matchIndex: 3 });
    expect(effects).toEqual([
      { type: 'report', params: { peer: 2, problem: { type: 'lostEntries', matchIndex: 3 } } },
    ]);
    const after = { ...context, ...patch, durableIndex: 3 };
    expect(recordMatch(after, appendResponse({ from: 3, matchIndex: 2, round: 6 })).patch.commitIndex).toBe(
      2,
    );
  });

  it('is suspected only of matches that were known in an earlier round than the message', () => {
    const { patch } = recordMatch(context, appendResponse({ from: 3, matchIndex: 3, round: 6 }));
    expect(patch.progress![3]).toMatchObject({ matchIndex: 3, matchRound: 6 });
  });
});
