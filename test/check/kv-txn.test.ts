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

const told = (
  ...operations: readonly (readonly [input: Fields, output: Fields])[]
): readonly RecordedEvent[] =>
  operations.flatMap(([input, output], at): RecordedEvent[] => [
    { process: at, type: 'invoke', data: input, position: 2 * at + 1 },
    { process: at, type: 'ok', data: output, position: 2 * at + 2 },
  ]);

const verdictOf = (events: readonly RecordedEvent[]) =>
  checkModelled(modelled({ events, places: { noun: 'event' } }, 'kv-txn'));

describe('keys', () => {
  test('that no operation has to do with together are objects of their own', () => {
    const events = told(
      [put('a', 1), {}],
      [put('b', 1), {}],
      [txn([], [put('c', 1), put('d', 1)], []), { succeeded: true }],
      [{ f: 'range', prefix: 'e' }, { pairs: [] }],
    );
    expect(verdictOf(events)).toMatchObject({ result: 'linearizable', keyCount: 4 });
  });

  test('are one object where anything tells of revisions, which all writes count', () => {
    const events = told(
      [put('a', 1), {}],
      [put('b', 1), {}],
      [{ f: 'range', key: 'b' }, { pairs: [{ key: 'b', value: 1, modRevision: 2 }] }],
    );
    expect(verdictOf(events)).toMatchObject({
      result: 'notLinearizable',
      keyCount: 1,
      violations: [{ key: 'a, b', position: 6 }],
    });
  });

  test('whose names look like those of several others stay apart from these', () => {
    const events = told(
      [txn([], [put('a', 1), put('b', 1)], []), { succeeded: true }],
      [put('a, b', 2), {}],
      [{ f: 'read', key: 'a, b' }, { value: 2 }],
      [{ f: 'read', key: 'b' }, { value: 1 }],
    );
    expect(verdictOf(events)).toMatchObject({ result: 'linearizable', keyCount: 2 });
  });

  test('are ordered as their bytes in UTF-8 are', () => {
    const events = told(
      [put('\u{1f600}', 1), {}],
      [{ f: 'range', from: '\uffff' }, { pairs: [{ key: '\u{1f600}', value: 1 }] }],
    );
    expect(positionIn(events)).toBeNull();
  });
});

test('what a client was not told is not demanded, and what it was told is', () => {
  const first = [put('a', 1), {}] as const;
  const positionAfter = (input: Fields, output: Fields) => positionIn(told(first, [input, output]));
  expect(positionAfter(put('a', 2), { previous: null })).toBe(4);
  expect(positionAfter(put('a', 2), { previous: { key: 'a', value: 1 } })).toBeNull();
  expect(positionAfter({ f: 'delete', prefix: '' }, { deleted: 2 })).toBe(4);
  expect(positionAfter({ f: 'delete', prefix: '' }, {})).toBeNull();
  expect(positionAfter({ f: 'range', prefix: '' }, { count: 0 })).toBe(4);
  expect(positionAfter({ f: 'range', prefix: '', limit: 1 }, { pairs: [{ key: 'a' }], count: 1 })).toBeNull();
  expect(
    positionAfter(txn([], [put('a', 1), all], []), { succeeded: true, results: [{}, { pairs: [] }] }),
  ).toBe(4);
  expect(positionAfter(txn([], [put('a', 1), all], []), { succeeded: true, results: [null, {}] })).toBeNull();
});

test('a transaction within a transaction compares before the first write of all', () => {
  const inner = txn([{ key: 'a', exists: true }], [put('b', 2)], []);
  const outcome = (succeeded: boolean) =>
    [txn([], [put('a', 1), inner], []), { succeeded: true, results: [{}, { succeeded }] }] as const;
  expect(positionIn(told(outcome(false)))).toBeNull();
  expect(positionIn(told(outcome(true)))).toBe(2);
});

const refused: readonly (readonly [input: Fields, output: Fields, problem: string])[] = [
  [{ f: 'cas', key: 'a' }, {}, 'line 1: f is "cas", not one of range, put, delete, txn'],
  [{ f: 'put', key: 1, value: 1 }, {}, 'line 1: key is 1, not a string'],
  [{ f: 'put', key: 'a', value: null }, {}, 'line 1: value is null, not a string, a number, true or false'],
  [{ f: 'range' }, {}, 'line 1: expected one of key, prefix and from: {"f":"range"}'],
  [
    { f: 'range', key: 'a', prefix: 'a' },
    {},
    'line 1: expected one of key, prefix and from: {"f":"range","key":"a","prefix":"a"}',
  ],
  [{ f: 'range', prefix: '', limit: -1 }, {}, 'line 1: limit is -1, not a whole number'],
  [
    { f: 'range', prefix: '', revision: 3 },
    {},
    'line 1: a range of an earlier revision is not checked: leave it out of the history',
  ],
  [all, {}, 'line 2: an ok range needs its pairs, or its count'],
  [all, { pairs: {} }, 'line 2: pairs is {}, not a list'],
  [all, { pairs: [1] }, 'line 2: a pair is 1, not an object with a key'],
  [all, { pairs: [{ key: 'a' }, { key: 'a' }] }, 'line 2: pairs has the key "a" twice'],
  [{ f: 'read', key: 'a' }, {}, 'line 2: an ok read needs a value (null for an absent key)'],
  [txn([], [], []), {}, 'line 2: succeeded is missing (true or false)'],
  [
    txn([], [all], []),
    { succeeded: true, results: [] },
    'line 2: a transaction has 0 results of 1 operations in success',
  ],
  [txn([], [all], []), { succeeded: true, results: [1] }, 'line 2: a result is 1, not an object'],
  [{ f: 'txn', success: 1 }, {}, 'line 1: success is 1, not a list'],
  [
    txn([{ key: 'a' }], [], []),
    {},
    'line 1: a compare needs one of value, version, createRevision, modRevision, exists: {"key":"a"}',
  ],
  [txn([{ key: 'a', value: 1, is: '>=' }], [], []), {}, 'line 1: is is ">=", not one of =, !=, <, >'],
  [txn([{ key: 'a', exists: 1 }], [], []), {}, 'line 1: exists is 1, not true or false'],
  [
    txn([{ key: 'a', exists: true, is: '<' }], [], []),
    {},
    'line 1: a compare of exists has no other is than "=": {"key":"a","exists":true,"is":"<"}',
  ],
  [
    Array(20)
      .fill(0)
      .reduce<Fields>((inner) => txn([], [inner], []), all),
    {},
    'line 1: more than 16 transactions within each other',
  ],
];

test.each(refused.map(([input, output, problem]) => ({ input, output, problem })))(
  'what cannot be read is refused in one line: $problem',
  ({ input, output, problem }) => {
    expect(() => verdictOf(told([input, output]))).toThrow(problem);
  },
);
