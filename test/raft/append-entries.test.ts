import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptAppend,
  isCommittedConflict,
  isLogMismatch,
  rejectAppend,
} from '../../src/raft/append-entries.ts';
import { append, emptyLog, type LogShape, termAt } from '../../src/raft/log-shape.ts';
import type { AppendEntries } from '../../src/raft/messages.ts';
import type { Term } from '../../src/raft/types.ts';
import { appendEntries, contextOf, entriesOf, logOf, paramsOf, sendsOf } from './contexts.ts';

const termsOf = (log: LogShape): readonly Term[] =>
  Array.from({ length: log.lastIndex - log.snapshotIndex }, (_, at) =>
    termAt(log, log.snapshotIndex + 1 + at),
  );

const follower = (terms: readonly Term[], commitIndex = 0) =>
  contextOf({ currentTerm: 5, log: logOf(...terms), commitIndex });

describe('AppendEntries check (Figure 2, AppendEntries 2)', () => {
  it.each([
    { log: [], prev: [0, 0], mismatch: false, case: 'the beginning always matches' },
    { log: [1, 2], prev: [0, 0], mismatch: false, case: 'the beginning matches before a log too' },
    { log: [1, 2], prev: [2, 2], mismatch: false, case: 'the last entry has that term' },
    { log: [1, 2], prev: [1, 1], mismatch: false, case: 'an inner entry has that term' },
    { log: [1, 2], prev: [3, 2], mismatch: true, case: 'the log is too short' },
    { log: [1, 2], prev: [2, 1], mismatch: true, case: 'the entry is of a later term' },
    { log: [1], prev: [1, 2], mismatch: true, case: 'the entry is of an earlier term' },
    { log: [], prev: [1, 1], mismatch: true, case: 'the log is empty' },
  ])('of prev $prev against $log: mismatch $mismatch, as $case', ({ log, prev, mismatch }) => {
    const [prevLogIndex, prevLogTerm] = prev as [number, number];
    expect(isLogMismatch(follower(log), appendEntries({ prevLogIndex, prevLogTerm }))).toBe(mismatch);
  });

  it('matches whatever a snapshot covers, and tells the snapshot by its term (paper §7)', () => {
    const log = { ...emptyLog, snapshotIndex: 4, snapshotTerm: 2, lastIndex: 4 };
    const context = contextOf({ log, commitIndex: 4, lastApplied: 4 });
    expect(isLogMismatch(context, appendEntries({ prevLogIndex: 3, prevLogTerm: 1 }))).toBe(false);
    expect(isLogMismatch(context, appendEntries({ prevLogIndex: 4, prevLogTerm: 2 }))).toBe(false);
    expect(isLogMismatch(context, appendEntries({ prevLogIndex: 4, prevLogTerm: 1 }))).toBe(true);
  });
});

describe('AppendEntries accepted (Figure 2, AppendEntries 3 to 5)', () => {
  const rows = [
    { log: [], prev: 0, sent: [1, 1], after: [1, 1], from: 1, case: 'an empty log takes all' },
    { log: [1], prev: 1, sent: [1, 2], after: [1, 1, 2], from: 2, case: 'entries go behind the last one' },
    {
      log: [1, 1, 2],
      prev: 1,
      sent: [1, 2],
      after: [1, 1, 2],
      from: 0,
      case: 'what is there is not written',
    },
    { log: [1, 1, 2], prev: 0, sent: [1], after: [1, 1, 2], from: 0, case: 'a repeat keeps what follows' },
    { log: [1, 1, 2], prev: 1, sent: [], after: [1, 1, 2], from: 0, case: 'a heartbeat keeps what follows' },
    { log: [1, 1, 2], prev: 1, sent: [3], after: [1, 3], from: 2, case: 'a conflict takes all behind it' },
    {
      log: [1, 2, 2],
      prev: 0,
      sent: [1, 3, 3, 3],
      after: [1, 3, 3, 3],
      from: 2,
      case: 'from the conflict on',
    },
    {
      log: [1, 1],
      prev: 0,
      sent: [1, 1, 1],
      after: [1, 1, 1],
      from: 3,
      case: 'only the new part is written',
    },
  ];
  it.each(rows)('$log with $sent behind $prev becomes $after: $case', ({ log, prev, sent, after, from }) => {
    const context = follower(log);
    const entries = entriesOf(...sent);
    const prevLogTerm = termAt(context.log, prev);
    const request = appendEntries({ prevLogIndex: prev, prevLogTerm, entries, round: 7 });
    const { patch, effects } = acceptAppend(context, request);
    expect(termsOf(patch.log!)).toEqual(after);
    expect(paramsOf(effects, 'persist')).toEqual(
      from === 0
        ? []
        : [
            {
              currentTerm: 5,
              votedFor: null,
              firstIndex: from,
              entries: entries.slice(from - prev - 1),
              lastIndex: after.length,
            },
          ],
    );
    expect(sendsOf(effects)).toEqual([
      {
        type: 'AppendEntriesResponse',
        from: 1,
        to: 2,
        term: 5,
        success: true,
        prevLogIndex: prev,
        matchIndex: prev + sent.length,
        conflictTerm: 0,
        conflictIndex: 0,
        round: 7,
      },
    ]);
    expect(patch.leaderId).toBe(2);
  });

  it('writes before it answers, and keeps its vote in that write (paper §5.2; Figure 2)', () => {
    const context = { ...follower([1]), votedFor: 3 };
    const { effects } = acceptAppend(
      context,
      appendEntries({ prevLogIndex: 1, prevLogTerm: 1, entries: entriesOf(5), leaderCommit: 2 }),
    );
    expect(effects.map(({ type }) => type)).toEqual(['persist', 'send', 'apply']);
    expect(paramsOf(effects, 'persist')[0]!.votedFor).toBe(3);
  });

  it.each([
    { log: [1, 1], prev: 0, sent: [1], leaderCommit: 9, commitIndex: 0, expected: 1, case: 'what matched' },
    { log: [1, 1], prev: 2, sent: [], leaderCommit: 1, commitIndex: 0, expected: 1, case: 'the leader' },
    { log: [1, 1], prev: 0, sent: [], leaderCommit: 2, commitIndex: 0, expected: 0, case: 'an empty match' },
    { log: [1, 1], prev: 0, sent: [1], leaderCommit: 1, commitIndex: 2, expected: 2, case: 'itself' },
    {
      log: [1, 2, 2],
      prev: 1,
      sent: [],
      leaderCommit: 3,
      commitIndex: 0,
      expected: 1,
      case: 'the last match',
    },
  ])(
    'commits $expected, no further than $case (Figure 2, AppendEntries 5)',
    ({ log, prev, sent, leaderCommit, commitIndex, expected }) => {
      const context = follower(log, commitIndex);
      const prevLogTerm = termAt(context.log, prev);
      const request = appendEntries({
        prevLogIndex: prev,
        prevLogTerm,
        entries: entriesOf(...sent),
        leaderCommit,
      });
      const { patch, effects } = acceptAppend(context, request);
      expect(patch.commitIndex).toBe(expected);
      expect(paramsOf(effects, 'apply')).toEqual(expected > commitIndex ? [{ lastIndex: expected }] : []);
    },
  );
});

describe('AppendEntries rejected', () => {
  it.each([
    { log: [1, 1], prev: [5, 3], conflict: [0, 3], case: 'a short log names its end' },
    { log: [], prev: [5, 3], conflict: [0, 1], case: 'an empty log names index 1' },
    { log: [1, 2, 2, 2], prev: [4, 3], conflict: [2, 2], case: 'a wrong term names its beginning' },
    { log: [1, 2, 2, 2], prev: [3, 1], conflict: [2, 2], case: 'inside a term too' },
  ])('$log at prev $prev hints $conflict: $case (paper §5.3)', ({ log, prev, conflict }) => {
    const [prevLogIndex, prevLogTerm] = prev as [number, number];
    const { patch, effects } = rejectAppend(
      follower(log),
      appendEntries({ prevLogIndex, prevLogTerm, round: 7 }),
    );
    expect(patch).toEqual({ leaderId: 2 });
    expect(effects).toHaveLength(1);
    expect(sendsOf(effects)).toEqual([
      {
        type: 'AppendEntriesResponse',
        from: 1,
        to: 2,
        term: 5,
        success: false,
        prevLogIndex,
        matchIndex: 0,
        conflictTerm: conflict[0],
        conflictIndex: conflict[1],
        round: 7,
      },
    ]);
  });
});

describe('committed entry', () => {
  it('conflicts when obeying would replace it, and only then (paper §5.4.3)', () => {
    const context = follower([1, 2, 2], 2);
    const replacing = (prevLogIndex: number, ...terms: readonly Term[]) =>
      isCommittedConflict(
        context,
        appendEntries({
          prevLogIndex,
          prevLogTerm: termAt(context.log, prevLogIndex),
          entries: entriesOf(...terms),
        }),
      );
    expect(replacing(1, 3)).toBe(true);
    expect(replacing(0, 1, 3)).toBe(true);
    expect(replacing(2, 3)).toBe(false);
    expect(replacing(0, 1, 2)).toBe(false);
    expect(replacing(3, 3)).toBe(false);
    expect(replacing(1)).toBe(false);
  });

  it('conflicts when the entries sent hold another term where the snapshot ends (paper §7)', () => {
    const log = { ...emptyLog, snapshotIndex: 10, snapshotTerm: 5, lastIndex: 10 };
    const context = contextOf({ currentTerm: 5, log, commitIndex: 10, lastApplied: 10 });
    const behind = { prevLogIndex: 8, prevLogTerm: 2 };
    expect(isCommittedConflict(context, appendEntries({ ...behind, entries: entriesOf(2, 2, 2) }))).toBe(
      true,
    );
    expect(isCommittedConflict(context, appendEntries({ ...behind, entries: entriesOf(4, 5, 5) }))).toBe(
      false,
    );
  });
});

describe('follower log', () => {
  it('equals the leader log up to the match after any accepted message (paper §5.3, Log Matching)', () => {
    const anyRises = fc.array(fc.constantFrom(0, 0, 1, 2), { maxLength: 12 });
    const toTerms = (rises: readonly number[], from: Term): Term[] => {
      let term = from;
      return rises.map((rise) => {
        term += rise;
        return term;
      });
    };
    fc.assert(
      fc.property(
        anyRises,
        anyRises,
        anyRises,
        fc.nat(12),
        fc.nat(12),
        fc.nat(30),
        (shared, ours, theirs, start, count, leaderCommit) => {
          const common = toTerms(shared, 1);
          const fork = common.at(-1) ?? 1;
          // From the fork on, no entry of the one has the term of one of the other.
          const ourTerms = [...common, ...toTerms(ours, 1).map((term) => fork + 2 * term - 1)];
          const leaderTerms = [...common, ...toTerms(theirs, 1).map((term) => fork + 2 * term)];
          const leader = append(emptyLog, entriesOf(...leaderTerms), 1000);
          const prevLogIndex = Math.min(start, leader.lastIndex);
          const request: AppendEntries = appendEntries({
            term: 99,
            prevLogIndex,
            prevLogTerm: termAt(leader, prevLogIndex),
            entries: entriesOf(...leaderTerms.slice(prevLogIndex, prevLogIndex + count)),
            leaderCommit: Math.min(leaderCommit, leader.lastIndex),
          });
          const context = contextOf({ currentTerm: 99, log: logOf(...ourTerms) });
          if (isLogMismatch(context, request)) {
            expect(prevLogIndex > common.length).toBe(true);
            return;
          }
          const { patch, effects } = acceptAppend(context, request);
          const matchIndex = prevLogIndex + request.entries.length;
          expect(termsOf(patch.log!).slice(0, matchIndex)).toEqual(leaderTerms.slice(0, matchIndex));
          expect(patch.commitIndex).toBeLessThanOrEqual(matchIndex);
          // Nothing that equals the leader's log is deleted: the log only shrinks where it had forked.
          if (patch.log!.lastIndex < context.log.lastIndex) expect(matchIndex).toBeGreaterThan(common.length);
          // What was persisted leaves the disk with the same log as the context.
          const [write] = paramsOf(effects, 'persist');
          const onDisk = write
            ? [...ourTerms.slice(0, write.firstIndex - 1), ...write.entries.map(({ term }) => term)]
            : ourTerms;
          expect(onDisk).toEqual(termsOf(patch.log!));
        },
      ),
      { numRuns: 500 },
    );
  });
});
