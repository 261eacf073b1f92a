import { describe, expect, it } from 'vitest';
import { defaultSettings, noLeadership, type RaftContext } from '../../src/raft/context.ts';
import { append, emptyLog } from '../../src/raft/log-shape.ts';
import { advance, type Progress } from '../../src/raft/progress.ts';
import {
  appendProposals,
  backtrack,
  becomeLeader,
  isDiskStalled,
  isMatchBeyondLog,
  isPersistedInOtherTerm,
  isQuorumLost,
  isStaleRejection,
  isUnknownFollower,
  recordContact,
  recordMatch,
  recordPersisted,
  rejectProposals,
  resign,
  sendHeartbeats,
  startQuorumCheck,
} from '../../src/raft/replication.ts';
import { appendResponse, command, contextOf, logOf, noop, paramsOf, votersOf } from './contexts.ts';

const replicating = (nextIndex: number, matchIndex: number, inflight: readonly number[] = []): Progress => ({
  state: 'replicate',
  nextIndex,
  matchIndex,
  matchRound: 0,
  round: 0,
  inflight,
});
const probing = (
  nextIndex: number,
  matchIndex = 0,
  inflight: readonly [] | readonly [number] = [],
): Progress => ({
  state: 'probe',
  nextIndex,
  matchIndex,
  matchRound: 0,
  round: 0,
  inflight,
});

/** Leader 1 of term 5. */
const leader = (patch: Partial<RaftContext>, size = 3): RaftContext =>
  contextOf({ currentTerm: 5, votedFor: 1, leaderId: 1, ...patch }, { voters: votersOf(size) });

const rejection = (prevLogIndex: number, conflictTerm: number, conflictIndex: number) =>
  appendResponse({ success: false, prevLogIndex, conflictTerm, conflictIndex });

const propose = (...bytes: readonly number[]) => ({
  type: 'Proposed' as const,
  proposals: bytes.map((byte) => ({ id: byte, payload: Uint8Array.of(byte) })),
});

describe('new leader', () => {
  const before = contextOf({ currentTerm: 5, votedFor: 1, log: logOf(1, 4) });
  const { patch, effects } = becomeLeader(before);

  it('opens its term with a no-op, persisted and sent to everybody (paper §8)', () => {
    expect(patch.log).toEqual({ ...logOf(1, 4, 5), tailBytes: 2 });
    expect(effects.map(({ type }) => type)).toEqual(['persist', 'replicate', 'replicate']);
    expect(paramsOf(effects, 'persist')).toEqual([
      { currentTerm: 5, votedFor: 1, firstIndex: 3, entries: [noop(5)], lastIndex: 3 },
    ]);
    expect(paramsOf(effects, 'replicate')).toEqual(
      [2, 3].map((to) => ({
        to,
        term: 5,
        prevLogIndex: 2,
        prevLogTerm: 4,
        runs: [{ term: 5, firstIndex: 3 }],
        lastIndex: 3,
        leaderCommit: 0,
        round: 0,
      })),
    );
  });

  it('probes every follower behind what its log held, and knows of no match (Figure 2, leaders)', () => {
    expect(patch.progress).toEqual({ 2: probing(3, 0, [3]), 3: probing(3, 0, [3]) });
    expect(patch).toMatchObject({ leaderId: 1, durableIndex: 0, heardFrom: [], checkedIndex: 1 });
  });

  it('that resigns keeps nothing but its log (Figure 2, volatile state on leaders)', () => {
    expect(resign(leader({}))).toEqual({ patch: { ...noLeadership, leaderId: null }, effects: [] });
  });
});

describe('proposals', () => {
  it('are appended, accepted, persisted and pipelined, in this order (Figure 2, Leaders)', () => {
    const context = leader({ log: logOf(5), progress: { 2: replicating(2, 1), 3: probing(1, 0, [1]) } });
    const { patch, effects } = appendProposals(context, propose(7, 8));
    expect(effects.map(({ type }) => type)).toEqual(['accept', 'persist', 'replicate']);
    expect(paramsOf(effects, 'accept')).toEqual([{ ids: [7, 8], firstIndex: 2, term: 5 }]);
    expect(paramsOf(effects, 'persist')).toMatchObject([
      { firstIndex: 2, lastIndex: 3, entries: [7, 8].map((byte) => command(5, Uint8Array.of(byte))) },
    ]);
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ to: 2, prevLogIndex: 1, lastIndex: 3 }]);
    expect(patch.progress).toEqual({ 2: replicating(4, 1, [3]), 3: probing(1, 0, [1]) });
  });

  it('do not leave while the window is full, and leave when an answer makes room (thesis §10.2.2)', () => {
    const settings = { ...defaultSettings, maxMessagesInFlight: 2 };
    let context = leader({
      settings,
      log: logOf(5),
      progress: { 2: replicating(2, 1), 3: replicating(2, 1) },
    });
    const sentTo2: number[] = [];
    for (const byte of [1, 2, 3]) {
      const { patch, effects } = appendProposals(context, propose(byte));
      context = { ...context, ...patch };
      sentTo2.push(
        ...paramsOf(effects, 'replicate').flatMap(({ to, lastIndex }) => (to === 2 ? [lastIndex] : [])),
      );
    }
    expect(sentTo2).toEqual([2, 3]);
    const { effects } = recordMatch(context, appendResponse({ prevLogIndex: 1, matchIndex: 2 }));
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ to: 2, prevLogIndex: 3, lastIndex: 4 }]);
  });

  it('are refused elsewhere with the leader, if one is known (paper §8)', () => {
    expect(rejectProposals(contextOf({ leaderId: 3 }), propose(7, 8)).effects).toEqual([
      { type: 'reject', params: { ids: [7, 8], leaderId: 3 } },
    ]);
    expect(rejectProposals(contextOf(), propose(7)).effects).toEqual([
      { type: 'reject', params: { ids: [7], leaderId: null } },
    ]);
  });
});

describe('a message to a follower', () => {
  it('carries as many entries as allowed, and the next one goes on from there (thesis §10.2.2)', () => {
    const settings = { ...defaultSettings, maxEntriesPerMessage: 2, maxMessagesInFlight: 3 };
    const context = leader({ settings, log: logOf(5, 5, 5, 5, 5, 5, 5), progress: { 2: probing(1) } });
    const { effects, patch } = recordMatch(context, appendResponse());
    const sent = paramsOf(effects, 'replicate');
    expect(sent.map(({ prevLogIndex, lastIndex }) => [prevLogIndex, lastIndex])).toEqual([
      [0, 2],
      [2, 4],
      [4, 6],
    ]);
    expect(patch.progress![2]).toEqual(replicating(7, 0, [2, 4, 6]));
  });

  it('ends where the next entry would exceed the bytes allowed; a larger entry travels alone', () => {
    const settings = { ...defaultSettings, maxMessageBytes: 100 };
    const sizes = [60, 30, 30, 500, 10];
    const log = append(
      emptyLog,
      sizes.map((size) => command(5, new Uint8Array(size))),
      100,
    );
    const { effects } = recordMatch(leader({ settings, log, progress: { 2: probing(1) } }), appendResponse());
    expect(paramsOf(effects, 'replicate').map(({ lastIndex }) => lastIndex)).toEqual([2, 3, 4, 5]);
  });

  it('names the runs of terms that it carries (paper §5.3)', () => {
    const context = leader({ log: logOf(1, 1, 2, 2, 5), progress: { 2: probing(2) } });
    const { effects } = recordMatch(context, appendResponse({ prevLogIndex: 1, matchIndex: 1 }));
    expect(paramsOf(effects, 'replicate')).toMatchObject([
      {
        prevLogIndex: 1,
        prevLogTerm: 1,
        lastIndex: 5,
        runs: [
          { term: 1, firstIndex: 2 },
          { term: 2, firstIndex: 3 },
          { term: 5, firstIndex: 5 },
        ],
      },
    ]);
  });

  it('as a heartbeat is empty, goes to everybody, and stands behind all that was sent (Figure 2, Leaders)', () => {
    const context = leader({
      log: logOf(1, 5, 5, 5),
      commitIndex: 2,
      progress: { 2: replicating(5, 2, [3, 4]), 3: probing(2, 0, [4]) },
    });
    const { patch, effects } = sendHeartbeats(context);
    expect(patch).toEqual({});
    const common = { term: 5, runs: [], leaderCommit: 2, round: 0 };
    expect(paramsOf(effects, 'replicate')).toEqual([
      { ...common, to: 2, prevLogIndex: 4, prevLogTerm: 5, lastIndex: 4 },
      { ...common, to: 3, prevLogIndex: 1, prevLogTerm: 1, lastIndex: 1 },
    ]);
  });
});

describe('an answer that matched', () => {
  it('commits what a majority holds, then sends what waits with that commit index (paper §5.3, §5.4.2)', () => {
    const context = leader({
      log: logOf(5, 5, 5),
      durableIndex: 3,
      progress: { 2: probing(1, 0, [2]), 3: probing(1) },
    });
    const { patch, effects } = recordMatch(context, appendResponse({ matchIndex: 2 }));
    expect(patch.commitIndex).toBe(2);
    expect(patch.heardFrom).toEqual([2]);
    expect(effects.map(({ type }) => type)).toEqual(['apply', 'replicate']);
    expect(paramsOf(effects, 'apply')).toEqual([{ lastIndex: 2 }]);
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ to: 2, lastIndex: 3, leaderCommit: 2 }]);
  });

  it('that is late or repeated changes no progress and sends nothing (paper §5.3)', () => {
    const progress = { 2: replicating(4, 3), 3: replicating(4, 3) };
    const context = leader({ log: logOf(5, 5, 5), durableIndex: 3, commitIndex: 3, progress });
    const { patch, effects } = recordMatch(context, appendResponse({ matchIndex: 1 }));
    expect(patch.progress).toEqual(progress);
    expect(patch.commitIndex).toBe(3);
    expect(effects).toEqual([]);
  });

  it('is not believed from a stranger, or beyond the log (paper §5.3)', () => {
    const context = leader({ log: logOf(5, 5), progress: { 2: probing(3), 3: probing(3) } });
    expect(isUnknownFollower(context, appendResponse({ from: 9 }))).toBe(true);
    expect(isUnknownFollower(context, appendResponse({ from: 1 }))).toBe(true);
    expect(isUnknownFollower(context, appendResponse())).toBe(false);
    expect(isMatchBeyondLog(context, appendResponse({ matchIndex: 3 }))).toBe(true);
    expect(isMatchBeyondLog(context, appendResponse({ matchIndex: 2 }))).toBe(false);
  });
});

describe('a rejection', () => {
  it.each([
    // Our log is 1 1 4 4 5 5 5, as the figure of the paper's last words in §5.3 would have it.
    { hint: [0, 4], next: 4, case: 'a short follower is sent all that it lacks' },
    { hint: [3, 3], next: 3, case: 'a term that we lack is skipped whole' },
    { hint: [4, 3], next: 5, case: 'of a term that we have, what we have of it is kept' },
    { hint: [1, 1], next: 3, case: 'even if it ends early here' },
    { hint: [0, 99], next: 7, case: 'no hint makes it go forward' },
    { hint: [0, 0], next: 1, case: 'no hint makes it go below 1' },
  ])('of prev 7 with hint $hint probes at $next: $case (paper §5.3)', ({ hint, next }) => {
    const log = logOf(1, 1, 4, 4, 5, 5, 5);
    const context = leader({ log, progress: { 2: probing(8, 0, [8]), 3: probing(8) } });
    const { patch, effects } = backtrack(context, rejection(7, hint[0]!, hint[1]!));
    expect(patch.progress![2]).toEqual(probing(next, 0, [7]));
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ to: 2, prevLogIndex: next - 1, lastIndex: 7 }]);
    expect(patch.heardFrom).toEqual([2]);
  });

  it('never goes back behind what is known to match (paper §5.3)', () => {
    const context = leader({ log: logOf(5, 5, 5, 5), progress: { 2: replicating(5, 2, [3, 4]) } });
    expect(backtrack(context, rejection(4, 0, 1)).patch.progress![2]).toEqual(probing(3, 2, [4]));
  });

  it('counts while probing only if it answers the probe (paper §5.3)', () => {
    const context = leader({ log: logOf(5, 5, 5, 5), progress: { 2: probing(3, 0, [4]) } });
    expect(isStaleRejection(context, rejection(2, 0, 1))).toBe(false);
    expect(isStaleRejection(context, rejection(1, 0, 1))).toBe(true);
    expect(isStaleRejection(context, rejection(4, 0, 1))).toBe(true);
  });

  it('counts while replicating only for what is in flight (paper §5.3)', () => {
    const context = leader({ log: logOf(5, 5, 5, 5, 5), progress: { 2: replicating(5, 2, [3, 4]) } });
    const stale = [1, 2, 3, 4, 5].map((prev) => isStaleRejection(context, rejection(prev, 0, 1)));
    expect(stale).toEqual([true, true, false, false, true]);
  });

  it('of what is known to match is contradicted, while probing too (paper §5.3)', () => {
    const context = leader({ log: logOf(5, 5, 5, 5), progress: { 2: probing(3, 2, [4]) } });
    expect(isStaleRejection(context, rejection(2, 0, 1))).toBe(true);
  });

  it('that is stale still shows that the follower lives (thesis §6.2)', () => {
    const progress = { 2: replicating(3, 2), 3: replicating(3, 2) };
    const context = leader({ heardFrom: [3], progress });
    expect(recordContact(context, rejection(1, 0, 1))).toEqual({
      patch: { heardFrom: [2, 3], progress },
      effects: [],
      raised: [],
    });
    const again = recordContact(leader({ heardFrom: [2], progress }), rejection(1, 0, 1));
    expect(again.patch.heardFrom).toEqual([2]);
  });
});

describe('loss', () => {
  it('of the last messages in a full window shows up at the next heartbeat (Figure 2, Leaders)', () => {
    const settings = { ...defaultSettings, maxMessagesInFlight: 2, maxEntriesPerMessage: 1 };
    const context = leader({ settings, log: logOf(5, 5, 5, 5), progress: { 2: replicating(4, 1, [2, 3]) } });
    const [heartbeat] = paramsOf(sendHeartbeats(context).effects, 'replicate');
    expect(heartbeat!.prevLogIndex).toBe(3);
    const refused = rejection(heartbeat!.prevLogIndex, 0, 2);
    expect(isStaleRejection(context, refused)).toBe(false);
    const { patch, effects } = backtrack(context, refused);
    expect(patch.progress![2]).toEqual(probing(2, 1, [2]));
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ prevLogIndex: 1, lastIndex: 2 }]);
    expect(advance(patch.progress![2]!, { type: 'matched', matchIndex: 2, round: 0 })).toEqual(
      replicating(3, 2),
    );
  });

  it('of a probe shows up at the next heartbeat, whose answer frees its place (Figure 2, Leaders)', () => {
    const context = leader({ log: logOf(1, 5), progress: { 2: probing(2, 0, [2]), 3: probing(2, 0, [2]) } });
    const [heartbeat] = paramsOf(sendHeartbeats(context).effects, 'replicate');
    expect(heartbeat).toMatchObject({ to: 2, prevLogIndex: 1, lastIndex: 1 });
    const { patch, effects } = recordMatch(context, appendResponse({ prevLogIndex: 1, matchIndex: 1 }));
    expect(patch.progress![2]).toEqual(replicating(3, 1, [2]));
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ prevLogIndex: 1, lastIndex: 2 }]);
  });

  it('of all answers shows up at the next heartbeat, which acknowledges everything (Figure 2, Leaders)', () => {
    const context = leader({ log: logOf(5, 5, 5), progress: { 2: replicating(4, 0, [1, 2, 3]) } });
    const { patch } = recordMatch(context, appendResponse({ prevLogIndex: 3, matchIndex: 3 }));
    expect(patch.progress![2]).toEqual(replicating(4, 3));
  });
});

describe('own disk', () => {
  it('is counted as far as it answered, and commits (thesis §10.2.1)', () => {
    const progress = { 2: replicating(4, 3), 3: replicating(4, 0) };
    const context = leader({ log: logOf(5, 5, 5), durableIndex: 1, progress });
    const { patch, effects } = recordPersisted(context, { type: 'Persisted', term: 5, lastIndex: 3 });
    expect(patch).toEqual({ durableIndex: 3, commitIndex: 3 });
    expect(paramsOf(effects, 'apply')).toEqual([{ lastIndex: 3 }]);
    expect(recordPersisted(context, { type: 'Persisted', term: 5, lastIndex: 0 }).patch.durableIndex).toBe(1);
  });

  it('is not believed about writes of another term (thesis §10.2.1)', () => {
    const answer = { type: 'Persisted', lastIndex: 3 } as const;
    expect(isPersistedInOtherTerm(leader({}), { ...answer, term: 4 })).toBe(true);
    expect(isPersistedInOtherTerm(leader({}), { ...answer, term: 5 })).toBe(false);
  });
});

describe('quorum check (thesis §6.2)', () => {
  it.each([
    { size: 1, heard: [], lost: false },
    { size: 2, heard: [], lost: true },
    { size: 2, heard: [2], lost: false },
    { size: 3, heard: [], lost: true },
    { size: 3, heard: [3], lost: false },
    { size: 5, heard: [2], lost: true },
    { size: 5, heard: [2, 5], lost: false },
    { size: 7, heard: [2, 3], lost: true },
    { size: 7, heard: [2, 3, 4], lost: false },
    { size: 3, heard: [8, 9], lost: true },
  ])('of $size voters that heard $heard: quorum lost is $lost', ({ size, heard, lost }) => {
    expect(isQuorumLost(leader({ heardFrom: heard }, size))).toBe(lost);
  });

  it.each([
    {
      was: 'nothing was written',
      durableIndex: 3,
      log: logOf(5, 5, 5, 5, 5),
      nowDurable: 3,
      isStalled: true,
    },
    {
      was: 'one of two was written',
      durableIndex: 3,
      log: logOf(5, 5, 5, 5, 5),
      nowDurable: 4,
      isStalled: false,
    },
    { was: 'nothing waited', durableIndex: 3, log: logOf(5, 5, 5), nowDurable: 3, isStalled: false },
  ])(
    'of a disk by which in a whole period $was, it says that it hangs: $isStalled',
    ({ durableIndex, log, nowDurable, isStalled }) => {
      const before = leader({ durableIndex, log });
      const after = { ...before, ...startQuorumCheck(before).patch, durableIndex: nowDurable };
      expect(isDiskStalled(after)).toBe(isStalled);
    },
  );

  it('starts a period with nobody heard, and with what waits for the disk now', () => {
    expect(startQuorumCheck(leader({ heardFrom: [2, 3], log: logOf(5, 5) }))).toEqual({
      patch: { heardFrom: [], checkedIndex: 1, round: 1, checkedRound: 1, openRounds: [], progress: {} },
      effects: [],
      raised: [],
    });
  });
});
