import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOfKey, rangeOfPrefix } from '../../../src/store/kv/key-range.ts';
import {
  type Change,
  defaultHistoryLimits,
  type KeyValue,
  RevisionedStore,
  type Transaction,
} from '../../../src/store/kv/revisioned-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const everything = rangeOfPrefix('');

const put =
  (key: string, value = '', lease = 0n) =>
  (transaction: Transaction) =>
    transaction.put(key, bytes(value), lease);

const remove =
  (key: string) =>
  (transaction: Transaction): readonly KeyValue[] =>
    transaction.deleteRange(rangeOfKey(key));

const pairsAt = (store: RevisionedStore, revision: number): unknown => {
  const found = store.at(revision);
  return found.type === 'found' ? [...found.map.pairs()] : found.type;
};

describe('revisions', () => {
  it('begin at 1, and rise by one with each transaction that changes something', () => {
    const store = new RevisionedStore();
    expect(store.revision).toBe(1);
    expect(store.transact(0, remove('a')).change).toBeNull();
    expect(store.revision).toBe(1);
    store.transact(0, (transaction) => {
      put('a')(transaction);
      put('b')(transaction);
      remove('b')(transaction);
      put('b')(transaction);
    });
    expect(store.revision).toBe(2);
    expect(store.map.get('b')).toMatchObject({ createRevision: 2, modRevision: 2, version: 1 });
  });

  it('of a key tell when it came into being, when it was written last, and how often', () => {
    const store = new RevisionedStore();
    for (const act of [put('a', '1'), put('x'), put('a', '2', 7n)]) store.transact(0, act);
    expect(store.map.get('a')).toEqual({
      key: 'a',
      value: bytes('2'),
      createRevision: 2,
      modRevision: 4,
      version: 2,
      lease: 7n,
    });
    store.transact(0, remove('a'));
    store.transact(0, put('a', '3'));
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
    const revisions = 5;
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        const store = new RevisionedStore({ ...defaultHistoryLimits, revisions, ageMs: 0 });
        const was: unknown[] = [undefined, []];
        const changes: Change[] = [];
        for (const { key, value, also } of steps) {
          const { change } = store.transact(0, (transaction) => {
            if (value === null) transaction.deleteRange(rangeOfKey(key));
            else transaction.put(key, bytes(value), 0n);
            if (also !== null) transaction.deleteRange(rangeOfPrefix(also));
          });
          if (change === null) continue;
          was.push([...store.map.pairs()]);
          changes.push(change);
        }
        const last = store.revision;
        expect(was).toHaveLength(last + 1);
        for (let revision = 1; revision <= last + 1; revision++) {
          const due = revision > last ? 'future' : revision < last - revisions ? 'compacted' : was[revision];
          expect(pairsAt(store, revision)).toEqual(due);
          const isKept = revision > last - revisions;
          expect(store.changesFrom(revision)).toEqual(
            isKept && revision > 1 ? changes.slice(revision - 2) : revision > last ? [] : null,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is kept as long as it is young, whatever its length, and forgotten as time passes', () => {
    const store = new RevisionedStore({ ...defaultHistoryLimits, revisions: 2, ageMs: 100 });
    for (let atMs = 0; atMs < 50; atMs += 10) store.transact(atMs, put('a'));
    expect(store.changesFrom(2)).toHaveLength(5);
    store.transact(120, () => null);
    expect(store.changesFrom(4)).toBeNull();
    expect(store.changesFrom(5)).toHaveLength(2);
    store.transact(10_000, () => null);
    expect(store.changesFrom(5)).toHaveLength(2);
    expect(store.revision).toBe(6);
  });

  it('is kept within its bytes, of which it counts what was replaced as well', () => {
    const maxBytes = 20_000;
    const store = new RevisionedStore({ ...defaultHistoryLimits, maxBytes });
    for (let at = 0; at < 100; at++) store.transact(0, put('a', 'x'.repeat(1000)));
    expect(store.historyBytes).toBeLessThanOrEqual(maxBytes);
    expect(store.historyBytes).toBeGreaterThan(maxBytes - 2500);
    store.transact(0, put('a', 'x'.repeat(maxBytes)));
    expect(store.historyBytes).toBe(0);
    expect(store.changesFrom(store.revision)).toBeNull();
    expect(pairsAt(store, store.revision)).toHaveLength(1);
  });

  it('before a revision that is compacted cannot be asked for any more', () => {
    const store = new RevisionedStore();
    for (const value of ['1', '2', '3', '4']) store.transact(0, put('a', value));
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

  it('is taken over with the state, as far as it is handed over', () => {
    const store = new RevisionedStore();
    for (const act of [put('a', '1'), put('b'), remove('a'), put('a', '2'), put('c')])
      store.transact<unknown>(0, act);
    const other = new RevisionedStore();
    other.transact(0, put('z'));
    other.replace(store.state, store.changesFrom(4)!);
    for (const revision of [3, 4, 5, 6]) expect(pairsAt(other, revision)).toEqual(pairsAt(store, revision));
    expect(pairsAt(other, 2)).toBe('compacted');
    expect(other.changesFrom(4)).toEqual(store.changesFrom(4));
    expect(other.changesFrom(3)).toBeNull();
    expect(other.transact(0, put('d')).change?.revision).toBe(7);
  });

  it('is forgotten in constant time, and leaves nothing behind', () => {
    const store = new RevisionedStore({ ...defaultHistoryLimits, revisions: 10, ageMs: 0 });
    for (let at = 0; at < 5000; at++) store.transact(0, put(`k${at % 3}`));
    expect(store.changesFrom(store.revision - 9)).toHaveLength(10);
    expect(pairsAt(store, store.revision - 10)).toHaveLength(3);
    expect(store.historyBytes).toBe(10 * 202);
  });
});

it('the range of a prefix ends after all keys that begin with it', () => {
  expect(rangeOfPrefix('ab')).toEqual({ from: 'ab', to: 'ac' });
  expect(rangeOfPrefix('a\xff\xff')).toEqual({ from: 'a\xff\xff', to: 'b' });
  expect(rangeOfPrefix('\xff')).toEqual({ from: '\xff', to: null });
  expect(everything).toEqual({ from: '', to: null });
});
