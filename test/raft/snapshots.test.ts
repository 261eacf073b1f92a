import { describe, expect, it } from 'vitest';
import { acceptAppend, isLogMismatch } from '../../src/raft/append-entries.ts';
import { firstConfiguration } from '../../src/raft/configuration.ts';
import { encodeConfiguration } from '../../src/raft/configuration-payload.ts';
import { defaultSettings, initialContext, type RaftContext } from '../../src/raft/context.ts';
import { dropUpTo, logAfter, termAt } from '../../src/raft/log-shape.ts';
import type { InstallSnapshot, InstallSnapshotResponse } from '../../src/raft/messages.ts';
import { initialProgress, type Progress } from '../../src/raft/progress.ts';
import { recordMatch, sendHeartbeats, startQuorumCheck } from '../../src/raft/replication.ts';
import {
  adoptSnapshot,
  answerStaleSnapshot,
  askForChunk,
  compactLog,
  forgetSnapshot,
  isChunkOutOfOrder,
  isChunkUnderWay,
  isReceivedStale,
  isSnapshotComplete,
  isSnapshotOlder,
  isSnapshotStale,
  keepChunk,
  resumeReplication,
  sendNextChunk,
} from '../../src/raft/snapshots.ts';
import {
  appendEntries,
  appendResponse,
  contextOf,
  entriesOf,
  logOf,
  paramsOf,
  sendsOf,
  votersOf,
} from './contexts.ts';

const configuration = firstConfiguration([1, 2, 3]);
const noTrail = { ...defaultSettings, trailingEntries: 0, trailingBytes: 0 };

const saved = (index: number, term: number) => ({ type: 'SnapshotSaved', index, term }) as const;
const received = (index: number) => ({ type: 'SnapshotReceived', index }) as const;

/** A chunk of three bytes of a snapshot of nine, from node 2. */
const chunk = (patch: Partial<InstallSnapshot> = {}): InstallSnapshot => {
  const offset = patch.offset ?? 0;
  return {
    type: 'InstallSnapshot',
    from: 2,
    to: 1,
    term: 5,
    lastIncludedIndex: 8,
    lastIncludedTerm: 4,
    configuration,
    sizeBytes: 9,
    checksum: 7,
    data: Uint8Array.of(1, 2, 3),
    dataChecksum: 7,
    done: offset === 6,
    round: 0,
    ...patch,
    offset,
  };
};

const answer = (patch: Partial<InstallSnapshotResponse> = {}): InstallSnapshotResponse => ({
  type: 'InstallSnapshotResponse',
  from: 2,
  to: 1,
  term: 5,
  lastIncludedIndex: 3,
  success: false,
  matchIndex: 0,
  offset: 0,
  round: 0,
  ...patch,
});

const follower = (patch: Partial<RaftContext> = {}): RaftContext => contextOf({ currentTerm: 5, ...patch });

describe('compaction (paper §7)', () => {
  const applied = { log: logOf(1, 1, 2, 3, 3), commitIndex: 5, lastApplied: 5 };

  it('drops what the snapshot stands for, and the terms after it stay', () => {
    const { patch, effects } = compactLog(follower({ ...applied, settings: noTrail }), saved(4, 3));
    expect(patch.log).toMatchObject({ snapshotIndex: 4, snapshotTerm: 3, lastIndex: 5 });
    expect(termAt(patch.log!, 5)).toBe(3);
    expect(termAt(patch.log!, 4)).toBe(3);
    expect(patch.snapshot).toMatchObject({ index: 4, term: 3, configuration });
    expect(effects).toEqual([{ type: 'compact', params: { index: 4, term: 3 } }]);
  });

  it.each([
    { entries: 2, bytes: 1 << 20, upTo: 5, base: 3 },
    { entries: 9, bytes: 1 << 20, upTo: 5, base: 0 },
    // Entry 5 may not fill a message yet.
    { entries: 9, bytes: 0, upTo: 5, base: 4 },
    { entries: 9, bytes: 0, upTo: 4, base: 4 },
    { entries: 9, bytes: 1, upTo: 4, base: 3 },
  ])(
    'keeps the last $entries entries, or $bytes bytes, of those up to $upTo: the log begins after $base',
    ({ entries, bytes, upTo, base }) => {
      const settings = { ...noTrail, trailingEntries: entries, trailingBytes: bytes, maxMessageBytes: 1 };
      const log = { ...applied.log, cuts: [2, 3, 4, 5] };
      const { patch } = compactLog(follower({ ...applied, log, settings }), saved(upTo, 3));
      expect(patch.log!.snapshotIndex).toBe(base);
      expect(patch.snapshot!.index).toBe(upTo);
    },
  );

  it.each([
    { upTo: 1, cuts: [2, 3, 5] },
    { upTo: 2, cuts: [3, 5] },
    { upTo: 4, cuts: [5] },
  ])('keeps no cut up to $upTo', ({ upTo, cuts }) => {
    const log = { ...applied.log, cuts: [1, 2, 3, 5] };
    expect(dropUpTo(log, upTo).cuts).toEqual(cuts);
  });

  it('leaves of the run that is cut what comes after', () => {
    expect(dropUpTo(applied.log, 4).runs).toEqual([{ term: 3, firstIndex: 5 }]);
    expect(dropUpTo(applied.log, 1).runs).toEqual([
      { term: 1, firstIndex: 2 },
      { term: 2, firstIndex: 3 },
      { term: 3, firstIndex: 4 },
    ]);
  });

  it('says nothing to the disk if all of the log stays', () => {
    const settings = { ...noTrail, trailingEntries: 9, trailingBytes: 1 << 20 };
    const { patch, effects } = compactLog(follower({ ...applied, settings }), saved(4, 3));
    expect(patch.log!.snapshotIndex).toBe(0);
    expect(effects).toEqual([]);
  });

  it('keeps of the configurations none before that in force where the log begins', () => {
    const latest = { ...configuration, index: 4, learners: [4] };
    const context = follower({ ...applied, settings: noTrail, configurations: [configuration, latest] });
    expect(compactLog(context, saved(4, 3)).patch.configurations).toEqual([latest]);
  });

  it('knows the configuration of its snapshot once, where the log still has it', () => {
    const own = { ...configuration, index: 4 };
    const input = { log: applied.log, snapshot: { index: 4, term: 3, configuration: own } };
    const { configurations } = initialContext({ id: 1, voters: [1, 2, 3], ...input, configurations: [own] });
    expect(configurations).toEqual([own]);
  });

  it('goes back for no snapshot of its own that is done after a later one was installed', () => {
    const context = follower({ snapshot: { index: 20, term: 4, configuration } });
    expect(isSnapshotOlder(context, saved(10, 3))).toBe(true);
    expect(isSnapshotOlder(context, saved(20, 4))).toBe(true);
    expect(isSnapshotOlder(context, saved(21, 4))).toBe(false);
  });

  it('remembers the members as of the snapshot, and forgets those before', () => {
    const later = { ...configuration, index: 3, learners: [4] };
    const latest = { ...later, index: 5, learners: [] };
    const context = follower({
      ...applied,
      settings: noTrail,
      configurations: [configuration, later, latest],
    });
    const { patch } = compactLog(context, saved(4, 3));
    expect(patch.snapshot!.configuration).toEqual(later);
    expect(patch.configurations).toEqual([later, latest]);
  });

  it('sends the snapshot at once to a follower that needs what was dropped', () => {
    // Entry 4 is the last that is dropped.
    const progress: Record<number, Progress> = { 2: initialProgress(3), 3: initialProgress(4) };
    expect([progress[2]!.nextIndex, progress[3]!.nextIndex]).toEqual([4, 5]);
    const context = follower({ ...applied, settings: noTrail, progress, leaderId: 1 });
    const { patch, effects } = compactLog(context, saved(4, 3));
    expect(patch.progress![2]).toMatchObject({ state: 'snapshot', offset: 0 });
    expect(patch.progress![3]).toEqual(progress[3]);
    expect(paramsOf(effects, 'sendChunk')).toMatchObject([{ to: 2, offset: 0, snapshot: { index: 4 } }]);
  });

  it('needs no mismatch for an append that begins below the snapshot: the answer matches at least that far', () => {
    const log = dropUpTo(logOf(1, 1, 2, 3), 3);
    const context = follower({ log, commitIndex: 3, lastApplied: 3 });
    const request = appendEntries({ prevLogIndex: 0, entries: entriesOf(1, 1) });
    expect(isLogMismatch(context, request)).toBe(false);
    const { patch, effects } = acceptAppend(context, request);
    expect(patch.log).toEqual(log);
    expect(sendsOf(effects)).toMatchObject([{ success: true, matchIndex: 3 }]);
  });
});

describe('a snapshot that is received (paper §7, Figure 13)', () => {
  it('comes chunk by chunk: each answer names the next, and the last one waits for the check', () => {
    const first = keepChunk(follower(), chunk());
    expect(sendsOf(first.effects)).toMatchObject([{ success: false, offset: 3, lastIncludedIndex: 8 }]);
    expect(first.patch.incoming).toMatchObject({ index: 8, term: 4, offset: 3, isComplete: false });
    const second = keepChunk(follower(first.patch), chunk({ offset: 3 }));
    const last = keepChunk(follower(second.patch), chunk({ offset: 6 }));
    expect(last.patch.incoming).toMatchObject({ offset: 9, isComplete: true });
    expect(sendsOf(last.effects)).toEqual([]);
    expect(paramsOf(last.effects, 'storeChunk')).toMatchObject([{ chunk: { offset: 6, done: true } }]);
  });

  const half = { index: 8, term: 4, configuration, offset: 3, isComplete: false };

  it.each([
    { case: 'lost', offset: 6, incoming: half, asks: 3 },
    { case: 'repeated', offset: 0, incoming: half, asks: 3 },
    { case: 'after a restart', offset: 3, incoming: null, asks: 0 },
    { case: 'of another snapshot', offset: 3, incoming: { ...half, index: 7 }, asks: 0 },
    { case: 'of a snapshot of another term', offset: 3, incoming: { ...half, term: 3 }, asks: 0 },
  ])('asks for the chunk that is missing: $case', ({ offset, incoming, asks }) => {
    const context = follower({ incoming });
    expect(isChunkOutOfOrder(context, chunk({ offset }))).toBe(true);
    expect(sendsOf(askForChunk(context, chunk({ offset })).effects)).toMatchObject([{ offset: asks }]);
  });

  it('is not begun anew while all of it is being checked', () => {
    const context = follower({ incoming: { ...half, offset: 9, isComplete: true } });
    expect(isSnapshotComplete(context, chunk({ offset: 6 }))).toBe(true);
    expect(isSnapshotComplete(context, chunk({ offset: 6, lastIncludedIndex: 9 }))).toBe(false);
  });

  it('is refused if it reaches no further than what is committed, and the leader learns how far that is', () => {
    const context = follower({ log: logOf(...Array(9).fill(4)), commitIndex: 9 });
    expect(isSnapshotStale(context, chunk())).toBe(true);
    expect(isSnapshotStale({ ...context, commitIndex: 8 }, chunk())).toBe(true);
    expect(isSnapshotStale({ ...context, commitIndex: 7 }, chunk())).toBe(false);
    expect(sendsOf(answerStaleSnapshot(context, chunk()).effects)).toMatchObject([
      { success: true, matchIndex: 9, lastIncludedIndex: 8 },
    ]);
  });

  const complete = { ...half, offset: 9, isComplete: true };

  it('is not adopted twice, and not if it is not the one that is waited for', () => {
    expect(isReceivedStale(follower({ incoming: complete }), received(8))).toBe(false);
    expect(isReceivedStale(follower({ incoming: complete }), received(7))).toBe(true);
    expect(isReceivedStale(follower({ incoming: null }), received(8))).toBe(true);
    expect(isReceivedStale(follower({ incoming: half }), received(8))).toBe(true);
    const log = logOf(...Array(9).fill(4));
    expect(isReceivedStale(follower({ incoming: complete, log, commitIndex: 8 }), received(8))).toBe(true);
  });

  it('that comes too late to be adopted is the newest all the same: the one to send', () => {
    const log = logOf(...Array(9).fill(4));
    const { index, term } = complete;
    const late = follower({ incoming: complete, log, commitIndex: 8 });
    expect(forgetSnapshot(late, received(8)).patch).toEqual({
      incoming: null,
      snapshot: { index, term, configuration },
    });
    expect(forgetSnapshot(late, { type: 'SnapshotFailed', index: 8 }).patch).toEqual({ incoming: null });
    expect(forgetSnapshot({ ...late, commitIndex: 7 }, received(8)).patch).toEqual({ incoming: null });
    expect(forgetSnapshot({ ...late, incoming: half }, received(7)).patch).toEqual({});
  });

  it('at an entry that the log has in another term discards the log (known bug: no ghost tail)', () => {
    const context = follower({ incoming: complete, log: logOf(1, 1, 2, 2, 2, 2, 2, 2, 2, 2), leaderId: 2 });
    const { patch, effects } = adoptSnapshot(context);
    expect(patch.log).toEqual(logAfter(8, 4));
    expect(patch).toMatchObject({ commitIndex: 8, incoming: null, snapshot: { index: 8, term: 4 } });
    expect(effects.map(({ type }) => type)).toEqual(['installSnapshot', 'apply', 'send']);
    expect(paramsOf(effects, 'installSnapshot')).toMatchObject([{ lastIndex: 8, votedFor: null }]);
    expect(sendsOf(effects)).toMatchObject([{ success: true, matchIndex: 8 }]);
  });

  it('of a prefix keeps the later entries', () => {
    const log = logOf(...Array(7).fill(3), 4, 5, 5);
    const { patch, effects } = adoptSnapshot(follower({ incoming: complete, log, leaderId: 2 }));
    expect(patch.log).toMatchObject({ snapshotIndex: 8, snapshotTerm: 4, lastIndex: 10 });
    expect(paramsOf(effects, 'installSnapshot')).toMatchObject([{ lastIndex: 10 }]);
  });

  it('brings its members, and keeps those of the later entries that stay; an older one brings nothing back', () => {
    const later = { ...configuration, index: 9, learners: [4] };
    const before = { ...configuration, index: 2, learners: [5] };
    const of = { ...configuration, index: 8, learners: [6] };
    const incoming = { ...complete, configuration: of };
    const kept = adoptSnapshot(
      follower({
        incoming,
        log: logOf(...Array(7).fill(3), 4, 5, 5),
        // The snapshot's own is in the log as well.
        configurations: [configuration, before, of, later],
      }),
    );
    expect(kept.patch.configurations).toEqual([of, later]);
    const gone = adoptSnapshot(follower({ incoming, log: logOf(1), configurations: [configuration, later] }));
    expect(gone.patch.configurations).toEqual([of]);
  });
});

describe('a snapshot that is sent (paper §7)', () => {
  const snapshot = { index: 3, term: 2, configuration };
  const sending: Progress = {
    state: 'snapshot',
    nextIndex: 1,
    matchIndex: 0,
    matchRound: 0,
    round: 0,
    snapshot,
    offset: 3,
    isIdle: false,
    inflight: [],
  };
  const leader = (progress: Progress = sending): RaftContext =>
    contextOf(
      {
        currentTerm: 5,
        leaderId: 1,
        log: dropUpTo(logOf(1, 1, 2, 5, 5), 3),
        snapshot,
        commitIndex: 3,
        lastApplied: 3,
        progress: { 2: progress },
      },
      { voters: votersOf(2) },
    );

  it('goes on with the chunk that the follower waits for', () => {
    const { patch, effects } = sendNextChunk(leader(), answer({ offset: 6 }));
    expect(patch.progress![2]).toMatchObject({ offset: 6, isIdle: false });
    expect(paramsOf(effects, 'sendChunk')).toEqual([{ to: 2, term: 5, snapshot, offset: 6, round: 0 }]);
    expect(patch.heardFrom).toEqual([2]);
  });

  it('doubles nothing when an answer comes twice', () => {
    expect(isChunkUnderWay(leader(), answer({ offset: 3 }))).toBe(true);
    expect(isChunkUnderWay(leader(), answer({ offset: 6 }))).toBe(false);
    expect(isChunkUnderWay(leader({ ...sending, isIdle: true }), answer({ offset: 3 }))).toBe(false);
  });

  it('repeats a chunk that nobody answered for a whole period of the quorum check', () => {
    const first = startQuorumCheck(leader());
    expect(paramsOf(first.effects, 'sendChunk')).toEqual([]);
    expect(first.patch.progress![2]).toMatchObject({ isIdle: true });
    const again = startQuorumCheck(leader(first.patch.progress![2]!));
    expect(paramsOf(again.effects, 'sendChunk')).toMatchObject([{ to: 2, offset: 3 }]);
  });

  it('is the newest when it begins again: the one before may be gone. Once it has moved, it stays the same', () => {
    const newest = { ...snapshot, index: 5, term: 5 };
    const repeated = (progress: Progress) => startQuorumCheck({ ...leader(progress), snapshot: newest });
    const unmoved = repeated({ ...sending, offset: 0, isIdle: true });
    expect(paramsOf(unmoved.effects, 'sendChunk')).toMatchObject([{ snapshot: newest, offset: 0 }]);
    expect(unmoved.patch.progress![2]).toMatchObject({ snapshot: newest });
    const moved = repeated({ ...sending, isIdle: true });
    expect(paramsOf(moved.effects, 'sendChunk')).toMatchObject([{ snapshot, offset: 3 }]);
  });

  it('is followed by the entries after it', () => {
    const { patch, effects } = resumeReplication(leader(), answer({ success: true, matchIndex: 3 }));
    expect(patch.progress![2]).toMatchObject({ state: 'probe', matchIndex: 3, nextIndex: 4 });
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ to: 2, prevLogIndex: 3, lastIndex: 5 }]);
  });

  it('is not waited for once the follower holds as much in another way', () => {
    const response = appendResponse({ from: 2, prevLogIndex: 0, matchIndex: 3, success: true });
    const { patch, effects } = recordMatch(leader(), response);
    expect(patch.progress![2]).toMatchObject({ state: 'probe', matchIndex: 3, nextIndex: 4 });
    expect(paramsOf(effects, 'replicate')).toMatchObject([{ to: 2, prevLogIndex: 3, lastIndex: 5 }]);
    const before = recordMatch(leader(), { ...response, matchIndex: 2 }).patch;
    expect(before.progress![2]).toMatchObject({ state: 'snapshot', matchIndex: 2 });
  });

  it('tells whoever waits for this follower that it holds everything', () => {
    const all = answer({ success: true, matchIndex: 5 });
    expect(resumeReplication(leader(), all).raised).toEqual([]);
    expect(resumeReplication({ ...leader(), transferTarget: 2 }, all).raised).toEqual([
      { type: 'TargetReady' },
    ]);
  });

  it('is followed by another one if the log has been compacted beyond it meanwhile', () => {
    const context = {
      ...leader(),
      log: dropUpTo(logOf(1, 1, 2, 5, 5), 5),
      snapshot: { ...snapshot, index: 5, term: 5 },
    };
    const { patch, effects } = resumeReplication(context, answer({ success: true, matchIndex: 3 }));
    expect(patch.progress![2]).toMatchObject({ state: 'snapshot', snapshot: { index: 5 } });
    expect(paramsOf(effects, 'sendChunk')).toMatchObject([{ offset: 0 }]);
  });

  it('leaves heartbeats as far back as the log goes', () => {
    expect(paramsOf(sendHeartbeats(leader()).effects, 'replicate')).toMatchObject([
      { to: 2, prevLogIndex: 3, prevLogTerm: 2, runs: [] },
    ]);
  });
});

describe('configurations in the log (thesis §4.1)', () => {
  const entry = (learners: readonly number[]) => ({
    term: 5,
    kind: 'configuration' as const,
    payload: encodeConfiguration({ ...configuration, index: 2, learners }),
  });

  it('are in force from append, and gone with truncation', () => {
    const context = follower({ log: logOf(1) });
    const first = acceptAppend(
      context,
      appendEntries({ prevLogIndex: 1, prevLogTerm: 1, entries: [entry([4])] }),
    );
    expect(first.patch.configurations).toEqual([
      configuration,
      { ...configuration, index: 2, learners: [4] },
    ]);
    const next = follower({ ...first.patch, currentTerm: 6 });
    const replaced = acceptAppend(
      next,
      appendEntries({ term: 6, prevLogIndex: 1, prevLogTerm: 1, entries: entriesOf(6) }),
    );
    expect(replaced.patch.configurations).toEqual([configuration]);
    const again = acceptAppend(
      next,
      appendEntries({ term: 6, prevLogIndex: 1, prevLogTerm: 1, entries: [{ ...entry([5]), term: 6 }] }),
    );
    expect(again.patch.configurations).toEqual([
      configuration,
      { ...configuration, index: 2, learners: [5] },
    ]);
  });

  it('stay as they are when nothing of them is sent', () => {
    const { patch } = acceptAppend(follower(), appendEntries({ entries: entriesOf(1, 2) }));
    expect(patch.configurations).toEqual([configuration]);
  });
});
