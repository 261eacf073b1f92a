import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkModelled, modelled } from '../../src/check/models/built-in.ts';
import type { RecordedEvent } from '../../src/check/recording.ts';
import { performed, type Shown, type Store } from './plain-store.ts';
import { type Fields, type Sequential, shortestUnexplained, smallRecording } from './small-recordings.ts';

const positionIn = (events: readonly RecordedEvent[]): number | null => {
  const verdict = checkModelled(modelled({ events, places: { noun: 'event' } }, 'kv-txn'));
  expect(verdict.result).not.toBe('unknown');
  return verdict.result === 'notLinearizable' ? verdict.violations[0].position : null;
};

const put = (key: string, value: number): Fields => ({ f: 'put', key, value });
const all: Fields = { f: 'range', prefix: '' };
const txn = (compare: readonly Fields[], success: readonly Fields[], failure: readonly Fields[]): Fields => ({
  f: 'txn',
  compare,
  success,
  failure,
});

const storeOf = (inputs: readonly Fields[], shown: Shown): Sequential => ({
  initial: { revision: 1, pairs: {} },
  perform: (state, input) => performed(state as Store, input, shown),
  inputs,
  lies: [0, 1, 2],
  complete: (input, result) => {
    // A lie is what the operation would have told in another state.
    const told = typeof result === 'number' ? performed(otherStores[result]!, input, shown).result : result;
    return { f: input.f, ...(told as Fields) };
  },
});

const otherStores: readonly Store[] = [
  { revision: 1, pairs: {} },
  { revision: 2, pairs: { a: { value: 1, modRevision: 2, version: 1 } } },
  {
    revision: 4,
    pairs: {
      a: { value: 3, modRevision: 4, version: 2 },
      b: { value: 3, modRevision: 4, version: 1 },
    },
  },
];

const singles = [put('a', 1), put('a', 2), put('b', 1), { f: 'range', key: 'a' }, { f: 'delete', key: 'a' }];
const swap = txn([{ key: 'a', value: 1 }], [put('a', 3), put('b', 3)], [{ f: 'range', key: 'b' }]);
const create = txn(
  [{ key: 'b', exists: false }],
  [put('b', 4), all],
  [put('a', 4), { f: 'delete', key: 'b' }],
);

describe('model and brute force agree on the shortest prefix that nothing explains', () => {
  test.for<readonly [string, Sequential]>([
    ['values', storeOf([...singles, swap, create, all, all, { f: 'delete', prefix: '' }], ['value'])],
    [
      'blind writes',
      storeOf(
        [put('a', 1), put('a', 2), put('b', 1), txn([], [put('a', 3), put('b', 3)], []), all],
        ['value'],
      ),
    ],
    [
      'versions',
      storeOf(
        [...singles, txn([{ key: 'a', version: 1 }], [put('a', 5), put('b', 5)], [all]), all],
        ['value', 'version'],
      ),
    ],
    [
      'revisions',
      storeOf(
        [
          ...singles,
          swap,
          txn([{ key: 'b', modRevision: 3, is: '<' }], [put('b', 6)], [put('c', 6)]),
          all,
          all,
        ],
        ['value', 'modRevision'],
      ),
    ],
  ])('of %s', ([, sequential]) => {
    let explained = 0;
    fc.assert(
      fc.property(smallRecording(sequential), (events) => {
        const expected = shortestUnexplained(events, sequential);
        if (expected === null) explained += 1;
        expect(positionIn(events)).toBe(expected);
      }),
      { numRuns: 1_500 },
    );
    expect(explained).toBeGreaterThan(150);
    expect(explained).toBeLessThan(1_450);
  });
});
