import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judgeDisk } from '../../src/node/judge-disk.ts';

const known = { logId: 'a', start: 5, incarnation: 'run5' };
const reasonOf = (...judged: Parameters<typeof judgeDisk>): string | null => {
  const verdict = judgeDisk(...judged);
  return verdict.verdict === 'refused' ? verdict.reason : null;
};

it.each([
  ['nothing is known of it', null, known],
  ['the same run says the same again', known, known],
  ['a later start of the same disk', known, { ...known, start: 6, incarnation: 'run6' }],
  ['the same run, a minute later', known, { ...known, start: 6 }],
])('a disk is accepted: %s', (_, before, said) => {
  expect(reasonOf(2, before, said)).toBeNull();
});

it.each([
  ['another disk', { ...known, logId: 'b' }, /node2 is on another disk: its log is b, but was a/],
  ['an older copy', { ...known, start: 4 }, /node2 is on an older copy .* start number is 4, but was 5/],
  [
    'a copy in use',
    { ...known, incarnation: 'x' },
    /node2 is on a copy .* 5 is of run x, but was of run run5/,
  ],
])('a disk is refused, in one line with both values and the remedy: %s', (_, said, reason) => {
  expect(reasonOf(2, known, said)).toMatch(reason);
  expect(reasonOf(2, known, said)).toMatch(/^[^\n]*raft-client member replace 2$/);
});

it('the disk that a configuration accepts stands above the one that was known, whatever its start number', () => {
  const replaced = { logId: 'b', start: 1, incarnation: 'new' };
  expect(reasonOf(2, known, replaced, 'b')).toBeNull();
  expect(reasonOf(2, replaced, known, 'b')).toMatch(/its log is a, but was b/);
  expect(reasonOf(2, null, known, 'b')).toMatch(/its log is a, but was b/);
  expect(reasonOf(2, replaced, { ...replaced, incarnation: 'copy' }, 'b')).toMatch(/on a copy/);
});

it('of two claims of one disk by different runs, at most one is accepted after the other', () => {
  const claim = fc.record({
    logId: fc.constantFrom('a', 'b'),
    start: fc.integer({ min: 1, max: 4 }),
    incarnation: fc.constantFrom('x', 'y'),
  });
  fc.assert(
    fc.property(claim, claim, (first, second) => {
      if (first.incarnation === second.incarnation) return;
      const both = [reasonOf(2, first, second), reasonOf(2, second, first)];
      expect(both.filter((reason) => reason === null).length).toBeLessThanOrEqual(1);
    }),
  );
});
