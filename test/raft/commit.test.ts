import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceCommit, type CommitView, nextCommitIndex } from '../../src/raft/commit.ts';
import { initialProgress } from '../../src/raft/progress.ts';
import { contextOf, logOf, votersOf } from './contexts.ts';

/** Leader 1 of as many voters as there are `matchIndexes`; the first one is its own disk. */
const leaderOf = (
  terms: readonly number[],
  currentTerm: number,
  matchIndexes: readonly number[],
  commitIndex = 0,
): CommitView => {
  const [durableIndex, ...matched] = matchIndexes as [number, ...number[]];
  const progress = Object.fromEntries(
    matched.map((matchIndex, at) => [at + 2, { ...initialProgress(terms.length), matchIndex }]),
  );
  const voters = { voters: votersOf(matchIndexes.length) };
  return contextOf({ currentTerm, log: logOf(...terms), durableIndex, progress, commitIndex }, voters);
};

describe('Figure 8 (paper §5.4.2)', () => {
  it('(c): an entry of an earlier term on a majority is not committed', () => {
    expect(nextCommitIndex(leaderOf([1, 2, 4], 4, [3, 2, 2, 1, 1]))).toBe(0);
  });

  it('(e): it is committed together with an entry of the current term on a majority', () => {
    expect(nextCommitIndex(leaderOf([1, 2, 4], 4, [3, 3, 3, 1, 1]))).toBe(3);
  });

  it('(d): the other leader of an old term commits nothing by replicating its old entry either', () => {
    expect(nextCommitIndex(leaderOf([1, 3], 5, [2, 2, 2, 2, 2]))).toBe(0);
  });
});

describe('commit index of a leader', () => {
  it.each([
    { matches: [3], expected: 3 },
    { matches: [2], expected: 2 },
    { matches: [3, 0], expected: 0 },
    { matches: [3, 2], expected: 2 },
    { matches: [0, 3, 3], expected: 3 },
    { matches: [3, 0, 0], expected: 0 },
    { matches: [3, 2, 0], expected: 2 },
    { matches: [3, 3, 2, 1, 0], expected: 2 },
    { matches: [3, 3, 3, 2, 2, 1, 0], expected: 2 },
  ])('is $expected where $matches are durable (paper §5.3)', ({ matches, expected }) => {
    expect(nextCommitIndex(leaderOf([7, 7, 7], 7, matches))).toBe(expected);
  });

  it('counts its own log only as far as it is durable (thesis §10.2.1)', () => {
    expect(nextCommitIndex(leaderOf([7, 7, 7], 7, [1, 3, 0]))).toBe(1);
    expect(nextCommitIndex(leaderOf([7, 7, 7], 7, [0, 3, 3]))).toBe(3);
  });

  it('never falls (Figure 2, volatile state)', () => {
    expect(nextCommitIndex(leaderOf([7, 7, 7], 7, [3, 1, 1], 2))).toBe(2);
  });

  it('asks to apply exactly what it adds (Figure 2, All Servers)', () => {
    expect(advanceCommit(leaderOf([7, 7, 7], 7, [3, 3, 0], 1))).toEqual({
      commitIndex: 3,
      effects: [{ type: 'apply', params: { lastIndex: 3 } }],
    });
    expect(advanceCommit(leaderOf([7, 7, 7], 7, [3, 1, 0], 1))).toEqual({ commitIndex: 1, effects: [] });
  });

  it('is on a majority of disks and of the current term whenever it rises, in any cluster (paper §5.4.2)', () => {
    const anyLog = fc.array(fc.constantFrom(0, 0, 1, 2), { minLength: 1, maxLength: 8 });
    const anySize = fc.constantFrom(1, 2, 3, 5, 7);
    fc.assert(
      fc.property(
        anyLog,
        anySize,
        fc.array(fc.nat(8), { minLength: 7, maxLength: 7 }),
        (rises, size, matches) => {
          let term = 1;
          const terms = rises.map((rise) => {
            term += rise;
            return term;
          });
          const indexes = matches.slice(0, size).map((index) => Math.min(index, terms.length));
          const commitIndex = nextCommitIndex(leaderOf(terms, term, indexes));
          const holders = indexes.filter((index) => index >= commitIndex).length;
          if (commitIndex > 0) expect(terms[commitIndex - 1]).toBe(term);
          expect(holders * 2).toBeGreaterThan(size);
          // And it is the highest such one.
          for (let index = commitIndex + 1; index <= terms.length; index++) {
            const enough = indexes.filter((reached) => reached >= index).length * 2 > size;
            expect(enough && terms[index - 1] === term).toBe(false);
          }
        },
      ),
    );
  });
});
