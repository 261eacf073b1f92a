import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOfKey, rangeOfPrefix } from '../../../src/store/kv/key-range.ts';
import { OrderedMap } from '../../../src/store/kv/ordered-map.ts';
import {
  type Change,
  eventBytes,
  type KeyValue,
  RevisionedStore,
  type Transaction,
} from '../../../src/store/kv/revisioned-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const everything = rangeOfPrefix('');

/** One whose revisions are begun. */
const storeWith = (historyBytes?: number): RevisionedStore => {
  const store = new RevisionedStore(historyBytes);
  store.begin();
  return store;
};

const put =
  (key: string, value = '', lease = 0n) =>
  (transaction: Transaction) =>
    transaction.put(key, bytes(value), lease);

const remove =
  (key: string) =>
  (transaction: Transaction): readonly KeyValue[] =>
    transaction.deleteRange(rangeOfKey(key));

/** Read in every way, which must agree. */
const pairsAt = (store: RevisionedStore, revision: number): unknown => {
  const found = store.at(revision);
  if (found.type !== 'found') return found.type;
  const { map } = found;
  const pairs = [...map.pairs()];
  expect([...map.reversed()].toReversed()).toEqual(pairs);
  expect(map.size).toBe(pairs.length);
  for (const [key, pair] of pairs) expect(map.get(key)).toEqual(pair);
  for (const [from, to] of [
    ['ab', 'b'],
    ['b', null],
  ] as const) {
    const within = pairs.filter(([key]) => key >= from && (to === null || key < to));
    expect([...map.pairs(from, to)]).toEqual(within);
    expect([...map.reversed(from, to)]).toEqual(within.toReversed());
    expect(map.count(from, to)).toBe(within.length);
  }
  return pairs;
};

describe('revisions', () => {
  it('begin at 1, and rise by one with each transaction that changes something', () => {
    const store = storeWith();
    expect(store.revision).toBe(1);
    expect(store.transact(remove('a')).change).toBeNull();
    expect(store.revision).toBe(1);
    store.transact((transaction) => {
      put('a')(transaction);
      put('b')(transaction);
      remove('b')(transaction);
      put('b')(transaction);
    });
    expect(store.revision).toBe(2);
    expect(store.map.get('b')).toMatchObject({ createRevision: 2, modRevision: 2, version: 1 });
  });

  it('of a key tell when it came into being, when it was written last, and how often', () => {
    const store = storeWith();
    for (const act of [put('a', '1'), put('x'), put('a', '2', 7n)]) store.transact(act);
    expect(store.map.get('a')).toEqual({
      key: 'a',
      value: bytes('2'),
      createRevision: 2,
      modRevision: 4,
      version: 2,
      lease: 7n,
    });
    store.transact(remove('a'));
    store.transact(put('a', '3'));
    expect(store.map.get('a')).toMatchObject({ createRevision: 6, modRevision: 6, version: 1, lease: 0n });
  });
});

describe('the past', () => {
  const anyStep = fc.record({
    key: fc.constantFrom('a', 'ab', 'b', 'c'),
    value: fc.option(fc.string({ maxLength: 3 })),
    also: fc.option(fc.constantFrom('a', 'b')),
  });

  it('is what the store was, at each revision that is kept, and what happened from each', () => {
    const kept = 5;
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const store = storeWith();
        const was: unknown[] = [undefined, []];
        const changes: Change[] = [];
        let compacted = 0;
        for (const { key, value, also } of steps) {
          const { change } = store.transact((transaction) => {
            if (value === null) transaction.deleteRange(rangeOfKey(key));
            else transaction.put(key, bytes(value), 0n);
            if (also !== null) transaction.deleteRange(rangeOfPrefix(also));
          });
          if (change === null) continue;
          was.push([...store.map.pairs()]);
          changes.push(change);
          if (store.revision % 4 === 0 && store.compact(store.revision - kept))
            compacted = store.revision - kept;
        }
        const last = store.revision;
        expect(was).toHaveLength(last + 1);
        for (let revision = 1; revision <= last + 1; revision++) {
          const due = revision > last ? 'future' : revision < compacted ? 'compacted' : was[revision];
          expect(pairsAt(store, revision)).toEqual(due);
          const from = changes.slice(Math.max(0, revision - 2));
          const isKept = revision >= compacted;
          expect(store.changesFrom(revision)).toEqual(isKept ? from : null);
          expect(store.changesFrom(revision, 2)).toEqual(isKept ? from.slice(0, 2) : null);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is kept within its bytes, of which it counts what was replaced', () => {
    const maxBytes = 20_000;
    const store = storeWith(maxBytes);
    for (let at = 0; at < 100; at++) store.transact(put('a', 'x'.repeat(1000)));
    expect(store.historyBytes).toBeLessThanOrEqual(maxBytes);
    expect(store.historyBytes).toBeGreaterThan(maxBytes - 2500);
    store.transact(put('a', 'x'.repeat(maxBytes)));
    store.transact(put('a'));
    // Who is up to date is told of it all the same.
    expect(store.historyBytes).toBeGreaterThan(maxBytes);
    expect(store.changesFrom(store.revision)).toHaveLength(1);
    expect(store.changesFrom(store.revision - 1)).toBeNull();
    expect(pairsAt(store, store.revision)).toHaveLength(1);
  });

  it('before a revision that is compacted cannot be asked for any more', () => {
    const store = storeWith();
    for (const value of ['1', '2', '3', '4']) store.transact(put('a', value));
    expect(store.compact(6)).toBe(false);
    expect(store.compact(4)).toBe(true);
    expect(store.compact(4)).toBe(false);
    expect([3, 4, 5].map((revision) => pairsAt(store, revision))).toEqual([
      'compacted',
      [['a', expect.objectContaining({ value: bytes('3') })]],
      [['a', expect.objectContaining({ value: bytes('4') })]],
    ]);
    expect(store.changesFrom(3)).toBeNull();
    expect(store.changesFrom(4)).toHaveLength(2);
    expect(store.compact(5)).toBe(true);
    expect(pairsAt(store, 4)).toBe('compacted');
    expect(store.compactRevision).toBe(5);
  });

  it('is taken over with the state', () => {
    const store = storeWith();
    for (const act of [put('a', '1'), put('b'), remove('a'), put('a', '2'), put('c')])
      store.transact<unknown>(act);
    store.compact(4);
    const other = storeWith();
    for (const key of ['x', 'y', 'z', 'z']) other.transact(put(key));
    expect(pairsAt(other, 4)).toHaveLength(3);
    other.replace(store);
    for (const revision of [4, 5, 6]) expect(pairsAt(other, revision)).toEqual(pairsAt(store, revision));
    expect(pairsAt(other, 3)).toBe('compacted');
    expect(other.changesFrom(4)).toEqual(store.changesFrom(4));
    expect(other.changesFrom(3)).toBeNull();
    expect(other.transact(put('d')).change?.revision).toBe(7);
  });

  it('can be made again from the state and what was written since', () => {
    const store = storeWith();
    for (const act of [put('a', '1'), put('b', '', 7n), remove('a'), put('a', '2'), put('b', '3')])
      store.transact<unknown>(act);
    store.compact(3);
    const { oldest, changes, compactRevision } = store.state;
    const builder = OrderedMap.builder<KeyValue>();
    for (const pair of oldest.pairs()) builder.add(...pair);
    const other = RevisionedStore.startingAt(builder.end(), { revision: 2, compactRevision });
    for (const { events } of changes) other.replay(events);
    expect(other.state.changes).toEqual(changes);
    expect(other.historyBytes).toBe(store.historyBytes);
    for (const revision of [3, 4, 5, 6]) expect(pairsAt(other, revision)).toEqual(pairsAt(store, revision));
  });

  it('is forgotten in constant time, and leaves nothing behind', () => {
    const store = storeWith();
    for (let at = 0; at < 5000; at++) {
      store.transact(put(`k${at % 3}`));
      store.compact(store.revision - 9);
    }
    expect(store.changesFrom(store.revision - 9)).toHaveLength(10);
    expect(pairsAt(store, store.revision - 9)).toHaveLength(3);
    store.compact(store.revision);
    expect(store.historyBytes).toBe(eventBytes + 2);
  });
});

it('a transaction that is dropped has done nothing', () => {
  for (const store of [new RevisionedStore(), storeWith()]) {
    const { result, change } = store.transact((transaction) => {
      put('a')(transaction);
      transaction.drop();
      return transaction.map.size;
    });
    expect([result, change, store.size, store.revision]).toEqual([0, null, 0, 1]);
  }
});

it('the store as it was is looked for once, as long as it may be asked for', () => {
  const store = storeWith();
  for (const key of ['a', 'b', 'c']) store.transact(put(key));
  const past = store.at(2);
  store.transact(put('a', 'later'));
  expect(store.at(2)).toEqual(past);
  expect((store.at(2) as { map?: unknown }).map).toBe((past as { map?: unknown }).map);
  expect(pairsAt(store, 2)).toHaveLength(1);
  store.compact(4);
  expect(pairsAt(store, 2)).toBe('compacted');
});

describe('before revisions begin', () => {
  it('there is one, no past, and nothing about how a key came to have its value', () => {
    const store = new RevisionedStore();
    for (const act of [put('a', '1'), put('a', '2'), put('b'), remove('b')]) {
      const { change } = store.transact<unknown>(act);
      expect(change).toBeNull();
    }
    expect(store.revision).toBe(1);
    expect(store.historyBytes).toBe(0);
    const value = { key: 'a', value: bytes('2'), createRevision: 1, modRevision: 1, version: 1, lease: 0n };
    expect([...store.map.pairs()]).toEqual([['a', value]]);
  });

  it('what was there is the store at the first one, whose past is not known', () => {
    const store = new RevisionedStore();
    store.transact(put('a', '1'));
    store.begin();
    store.transact(put('a', '2'));
    expect(store.changesFrom(1)).toBeNull();
    expect(store.changesFrom(2)).toHaveLength(1);
    expect(pairsAt(store, 1)).toEqual([['a', expect.objectContaining({ value: bytes('1') })]]);
    expect(store.map.get('a')).toMatchObject({ createRevision: 1, modRevision: 2, version: 2 });
  });

  it('an empty store has a past from the first one on', () => {
    const store = storeWith();
    store.transact(put('a'));
    for (const revision of [0, 1, 2]) expect(store.changesFrom(revision)).toHaveLength(1);
  });
});

it('the range of a prefix ends after all keys that begin with it', () => {
  expect(rangeOfPrefix('ab')).toEqual({ from: 'ab', to: 'ac' });
  expect(rangeOfPrefix('a\xff\xff')).toEqual({ from: 'a\xff\xff', to: 'b' });
  expect(rangeOfPrefix('\xff')).toEqual({ from: '\xff', to: null });
  expect(everything).toEqual({ from: '', to: null });
});
