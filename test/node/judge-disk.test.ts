import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isExcluded, judgeDisk } from '../../src/node/judge-disk.ts';
import { type DiskClaim, knownFrom } from '../../src/ports/disk.ts';

/** A disk that was started at these numbers, each by a run with this tag. */
const disk = (
  runs: readonly (readonly [number, string])[],
  start = runs.at(-1)![0],
  logId = 'a',
): DiskClaim => ({
  logId,
  start,
  runs: runs.map(([at, tag]) => ({ start: at, tag })),
});
const known = { logId: 'a', start: 5, run: 'r5' };
const reasonOf = (...judged: Parameters<typeof judgeDisk>): string | null => {
  const verdict = judgeDisk(...judged);
  return verdict.verdict === 'refused' ? verdict.reason : null;
};

it.each([
  ['nothing is known of it', null, disk([[5, 'r5']])],
  ['the same run says the same again', known, disk([[5, 'r5']])],
  [
    'a later start of the same disk',
    known,
    disk([
      [5, 'r5'],
      [6, 'r6'],
    ]),
  ],
  ['the same run, a minute later', known, disk([[5, 'r5']], 6)],
  [
    'a run that had begun before the number that is known',
    known,
    disk([
      [3, 'r5'],
      [6, 'r6'],
    ]),
  ],
  [
    'so many starts later that it does not know that run any more',
    known,
    disk([
      [6, 'r6'],
      [70, 'r70'],
    ]),
  ],
])('a disk is accepted: %s', (_, before, said) => {
  expect(reasonOf(2, before, said)).toBeNull();
});

it.each([
  ['another disk', disk([[5, 'r5']], 5, 'b'), /node2 is on another disk: its log is b, but was a/],
  ['an older copy', disk([[4, 'r4']]), /node2 is on an older copy .* start number is 4, but was 5/],
  [
    'a copy in use',
    disk([
      [4, 'r4'],
      [5, 'x'],
    ]),
    /node2 is on a copy .* number 5 was that of run x, but was known as that of run r5/,
  ],
  [
    'a copy that was started again and again',
    disk([
      [4, 'r4'],
      [5, 'x'],
      [6, 'y'],
      [9, 'z'],
    ]),
    /on a copy .* of run x/,
  ],
  [
    'a copy of a run that went on',
    disk([
      [3, 'r3'],
      [7, 'x'],
    ]),
    /on a copy .* of run r3/,
  ],
])('a disk is refused, in one line with both values and the remedy: %s', (_, said, reason) => {
  expect(reasonOf(2, known, said)).toMatch(reason);
  expect(reasonOf(2, known, said)).toMatch(
    /^[^\n]*node2[^\n]*: bring its data directory back, or [^\n]*: raft-client member replace 2$/,
  );
});

it('the disk that the configurations name stands above the one that was known, whatever its start number', () => {
  const named = { inForce: 'b', certain: 'b', seen: [] };
  const replaced = disk([[1, 'n1']], 1, 'b');
  expect(reasonOf(2, known, replaced, named)).toBeNull();
  expect(reasonOf(2, knownFrom(replaced), disk([[5, 'r5']]), named)).toMatch(/its log is a, but was b/);
  expect(reasonOf(2, null, disk([[5, 'r5']]), named)).toMatch(/its log is a, but was b/);
  expect(reasonOf(2, knownFrom(replaced), disk([[1, 'copy']], 1, 'b'), named)).toMatch(/on a copy/);
});

it('neither disk is heard while it is not certain that the one takes the place of the other', () => {
  const own = disk([[5, 'r5']]);
  const other = disk([[1, 'n1']], 1, 'b');
  for (const certain of [null, 'a']) {
    expect(reasonOf(2, known, own, { inForce: 'b', certain, seen: [] })).toMatch(/its log is a, but was b/);
    expect(reasonOf(2, known, other, { inForce: 'b', certain, seen: [] })).toMatch(/its log is b, but was a/);
  }
  // Of a member that is being added nothing else is known.
  expect(reasonOf(2, null, other, { inForce: 'b', certain: null, seen: [] })).toBeNull();
});

it('a copy is refused by a node that has never met the peer, and knows from the configurations how far its disk had come', () => {
  const named = { inForce: 'a', certain: 'a', seen: [known] };
  expect(reasonOf(2, null, disk([[4, 'r4']]), named)).toMatch(/older copy .* is 4, but was 5/);
  const copied = disk([
    [4, 'r4'],
    [5, 'x'],
    [6, 'y'],
  ]);
  expect(reasonOf(2, knownFrom(disk([[4, 'r4']])), copied, named)).toMatch(/on a copy .* of run x/);
  const own = disk([
    [5, 'r5'],
    [7, 'r7'],
  ]);
  expect(reasonOf(2, null, own, named)).toBeNull();
  // What it says of another disk counts for nothing.
  const replaced = { inForce: 'b', certain: 'b', seen: [known] };
  expect(reasonOf(2, null, disk([[1, 'n1']], 1, 'b'), replaced)).toBeNull();
});

it('nobody who knew the disk itself is talked into a copy by a leader that believed one: neither is heard', () => {
  const ofCopy = { logId: 'a', start: 5, run: 'x' };
  const named = { inForce: 'a', certain: 'a', seen: [ofCopy] };
  const copied = disk([
    [4, 'r4'],
    [5, 'x'],
  ]);
  expect(reasonOf(2, known, copied, named)).toMatch(/of run x, but was known as that of run r5/);
  expect(reasonOf(2, known, disk([[5, 'r5']]), named)).toMatch(/of run r5, but was known as that of run x/);
});

it('a disk that was believed is excluded by a configuration that names another, or a run that it lacks; a start number that has grown since excludes none', () => {
  const own = disk([[5, 'r5']]);
  const named = (seen: typeof known, inForce = 'a') => ({ inForce, certain: inForce, seen: [seen] });
  expect(isExcluded(own, named(known))).toBe(false);
  expect(isExcluded(own, named({ ...known, start: 8 }))).toBe(false);
  expect(isExcluded(own, named({ ...known, run: 'x' }))).toBe(true);
  expect(isExcluded(own, named({ logId: 'b', start: 1, run: 'n1' }, 'b'))).toBe(true);
});

it('only another disk can take the place of the one that a node had', () => {
  const other = judgeDisk(2, known, disk([[1, 'n1']], 1, 'b'));
  expect(other).toMatchObject({ verdict: 'refused', otherLogId: 'b' });
  expect(judgeDisk(2, known, disk([[4, 'r4']]))).not.toHaveProperty('otherLogId');
});

it('of two copies of a disk that were started apart, only the first one that is accepted is accepted again, however often each starts', () => {
  const starts = fc.nat(5);
  fc.assert(
    fc.property(fc.nat(3), starts, starts, (common, more, others) => {
      const history = (count: number, name: string) =>
        Array.from({ length: count }, (_, at) => [common + 1 + at, `${name}${at}`] as const);
      const before = Array.from({ length: common }, (_, at) => [at + 1, `c${at}`] as const);
      const own = disk([...before, ...history(more + 1, 'own')]);
      const copy = disk([...before, ...history(others + 1, 'copy')]);
      expect(reasonOf(2, knownFrom(own), own)).toBeNull();
      expect(reasonOf(2, knownFrom(own), copy)).not.toBeNull();
    }),
  );
});
