import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../src/raft/assert.ts';
import {
  append,
  batchEnd,
  emptyLog,
  firstIndexOfTermAt,
  type LogShape,
  lastIndexOfTerm,
  lastTerm,
  runsBetween,
  type TermRun,
  termAt,
  truncateFrom,
} from '../../src/raft/log-shape.ts';
import { command, entriesOf, logOf } from './contexts.ts';

const maxMessageBytes = 100;

interface NaiveEntry {
  readonly term: number;
  readonly bytes: number;
}

/** A log as an array of entries behind a snapshot. */
interface NaiveLog {
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  readonly entries: readonly NaiveEntry[];
}

type Change =
  | { readonly kind: 'append'; readonly steps: readonly { readonly rise: number; readonly bytes: number }[] }
  | { readonly kind: 'truncate'; readonly keptPercent: number };

const anyBytes = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 90, max: 250 }));
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      steps: fc.array(fc.record({ rise: fc.constantFrom(0, 0, 0, 1, 2), bytes: anyBytes }), { maxLength: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('truncate' as const),
      keptPercent: fc.nat(100),
    }),
  },
);
const anySnapshot = fc.constantFrom({ index: 0, term: 0 }, { index: 1, term: 1 }, { index: 40, term: 3 });

const run = (snapshot: { index: number; term: number }, changes: readonly Change[]) => {
  let shape: LogShape = {
    ...emptyLog,
    snapshotIndex: snapshot.index,
    snapshotTerm: snapshot.term,
    lastIndex: snapshot.index,
  };
  let entries: readonly NaiveEntry[] = [];
  for (const change of changes) {
    if (change.kind === 'append') {
      let term = entries.at(-1)?.term ?? snapshot.term;
      const added = change.steps.map(({ rise, bytes }) => {
        term = Math.max(1, term + rise);
        return { term, bytes };
      });
      entries = [...entries, ...added];
      shape = append(
        shape,
        added.map(({ term, bytes }) => ({ term, payload: { length: bytes } })),
        maxMessageBytes,
      );
    } else if (entries.length > 0) {
      const kept = Math.floor((change.keptPercent / 100) * (entries.length - 1));
      entries = entries.slice(0, kept);
      shape = truncateFrom(shape, snapshot.index + kept + 1, maxMessageBytes);
    }
  }
  const naive: NaiveLog = { snapshotIndex: snapshot.index, snapshotTerm: snapshot.term, entries };
  return { shape, naive };
};

const naiveTermAt = ({ snapshotIndex, snapshotTerm, entries }: NaiveLog, index: number): number =>
  index === snapshotIndex ? snapshotTerm : (entries[index - snapshotIndex - 1]?.term ?? 0);

const forAnyLog = (check: (shape: LogShape, naive: NaiveLog) => void): void =>
  fc.assert(
    fc.property(anySnapshot, fc.array(anyChange, { maxLength: 10 }), (snapshot, changes) => {
      const { shape, naive } = run(snapshot, changes);
      check(shape, naive);
    }),
    { numRuns: 200 },
  );

describe('log shape', () => {
  it('knows the term at every index, as an array of entries does', () => {
    forAnyLog((shape, naive) => {
      expect(shape.lastIndex).toBe(naive.snapshotIndex + naive.entries.length);
      expect(lastTerm(shape)).toBe(naive.entries.at(-1)?.term ?? naive.snapshotTerm);
      const indexes = Array.from({ length: shape.lastIndex + 3 }, (_, index) => index);
      const expected = indexes.map((index) => (index < naive.snapshotIndex ? 0 : naiveTermAt(naive, index)));
      expect(indexes.map((index) => termAt(shape, index))).toEqual(expected);
    });
  });

  it('keeps one run for each term, ascending, the first one right behind the snapshot', () => {
    forAnyLog((shape, naive) => {
      const terms = shape.runs.map(({ term }) => term);
      expect(terms).toEqual([...new Set(naive.entries.map(({ term }) => term))]);
      const firsts = shape.runs.map(({ firstIndex }) => firstIndex);
      expect(firsts).toEqual([...new Set(firsts)].sort((a, b) => a - b));
      if (shape.runs.length > 0) expect(firsts[0]).toBe(naive.snapshotIndex + 1);
    });
  });

  it('finds the first and the last index of a term, as an array of entries does (paper §5.3)', () => {
    forAnyLog((shape, naive) => {
      for (let index = naive.snapshotIndex + 1; index <= shape.lastIndex; index++) {
        const term = naiveTermAt(naive, index);
        const first = naive.snapshotIndex + 1 + naive.entries.findIndex((entry) => entry.term === term);
        expect(firstIndexOfTermAt(shape, index)).toBe(first);
      }
      for (let limit = naive.snapshotIndex + 1; limit <= shape.lastIndex; limit += 2) {
        const upTo = naive.entries.slice(0, limit - naive.snapshotIndex);
        for (const term of new Set(naive.entries.map((entry) => entry.term))) {
          if (term === naive.snapshotTerm) continue;
          const at = upTo.findLastIndex((entry) => entry.term === term);
          expect(lastIndexOfTerm(shape, term, limit)).toBe(at < 0 ? 0 : naive.snapshotIndex + 1 + at);
        }
        expect(lastIndexOfTerm(shape, 99, limit)).toBe(0);
      }
    });
  });

  it('finds the term of its snapshot no further than the limit (paper §7)', () => {
    const covered = { ...emptyLog, snapshotIndex: 40, snapshotTerm: 3, lastIndex: 40 };
    expect(lastIndexOfTerm(covered, 3, 50)).toBe(40);
    expect(lastIndexOfTerm(covered, 3, 20)).toBe(20);
  });

  it('cuts out the runs of any stretch, the first one clipped', () => {
    forAnyLog((shape, naive) => {
      for (let first = naive.snapshotIndex + 1; first <= shape.lastIndex + 1; first += 3) {
        for (let last = first - 1; last <= shape.lastIndex; last += 2) {
          const stretch = naive.entries.slice(first - naive.snapshotIndex - 1, last - naive.snapshotIndex);
          const runs: TermRun[] = [];
          stretch.forEach(({ term }, at) => {
            if (runs.at(-1)?.term !== term) runs.push({ term, firstIndex: first + at });
          });
          expect(runsBetween(shape, first, last)).toEqual(runs);
        }
      }
    });
  });

  it('never lets a batch carry more than the maximum of bytes, unless one entry alone does', () => {
    forAnyLog((shape, naive) => {
      for (let first = naive.snapshotIndex + 1; first <= shape.lastIndex; first++) {
        const last = batchEnd(shape, first, 1000);
        expect(last).toBeGreaterThanOrEqual(first);
        const batch = naive.entries.slice(first - naive.snapshotIndex - 1, last - naive.snapshotIndex);
        const bytes = batch.reduce((sum, entry) => sum + entry.bytes, 0);
        const largest = Math.max(...batch.map((entry) => entry.bytes));
        expect(bytes <= maxMessageBytes || bytes === largest).toBe(true);
      }
    });
  });

  it('never lets a batch carry more than the maximum of entries, nor reach beyond the log', () => {
    forAnyLog((shape, naive) => {
      for (let first = naive.snapshotIndex + 1; first <= shape.lastIndex; first++) {
        const last = batchEnd(shape, first, 3);
        expect(last - first + 1).toBeLessThanOrEqual(3);
        expect(last).toBeLessThanOrEqual(shape.lastIndex);
      }
    });
  });

  it('fills a batch up to the maximum of bytes when nothing was ever truncated', () => {
    const log = append(
      emptyLog,
      Array.from({ length: 20 }, () => command(1, new Uint8Array(30))),
      maxMessageBytes,
    );
    expect(batchEnd(log, 1, 1000)).toBe(3);
    expect(batchEnd(log, 4, 1000)).toBe(6);
  });

  it('is not changed by the changes made from it', () => {
    const log = logOf(1, 1, 2);
    const before = structuredClone(log);
    append(log, entriesOf(2, 3), maxMessageBytes);
    truncateFrom(log, 2, maxMessageBytes);
    expect(log).toEqual(before);
  });

  it('stays a handful of runs and cuts however many entries it holds', () => {
    const log = append(
      emptyLog,
      Array.from({ length: 100_000 }, (_, at) => ({ term: at < 50_000 ? 1 : 2, payload: { length: 100 } })),
      512 * 1024,
    );
    expect(log.runs.length).toBe(2);
    expect(log.cuts.length).toBeLessThan(25);
  });

  it('takes many large entries, as a recovery does, in time that grows with their number alone', () => {
    const entries = Array.from({ length: 50_000 }, () => ({ term: 1, payload: { length: 400_000 } }));
    const startedMs = performance.now();
    expect(append(emptyLog, entries, 512 * 1024).cuts).toHaveLength(49_999);
    // A copy of all cuts for each new one takes some ten seconds.
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  it('refuses terms that fall, and to truncate what a snapshot covers: both would be our own bug', () => {
    expect(() => append(logOf(2), entriesOf(1), maxMessageBytes)).toThrow(AssertionFailed);
    const behindSnapshot = { ...emptyLog, snapshotIndex: 5, snapshotTerm: 2, lastIndex: 5 };
    expect(() => truncateFrom(behindSnapshot, 5, maxMessageBytes)).toThrow(AssertionFailed);
  });
});
