import { describe, expect, it } from 'vitest';
import { isIn } from '../../../src/store/kv/key-range.ts';
import type { KvOperation, TxnOperation } from '../../../src/store/kv/operations.ts';
import { keyWrittenTwice } from '../../../src/store/kv/written-twice.ts';
import { randomFrom } from '../../random-from.ts';

const put = (key: string): KvOperation => ({
  type: 'put',
  key,
  value: new Uint8Array(),
  lease: 0n,
  returnsPrevious: false,
  keepsValue: false,
  keepsLease: false,
});
const remove = (from: string, to: string): KvOperation => ({
  type: 'deleteRange',
  range: { from, to },
  returnsPrevious: false,
});
const txn = (success: readonly KvOperation[], failure: readonly KvOperation[] = []): TxnOperation => ({
  type: 'txn',
  compare: [],
  success,
  failure,
});

describe('a key that a transaction writes twice', () => {
  it.each<[string, readonly KvOperation[], string | null]>([
    ['two puts of a key', [put('a'), put('a')], 'a'],
    ['puts of two keys', [put('a'), put('b')], null],
    ['a put and a later delete', [put('b'), remove('a', 'c')], 'b'],
    ['a delete and a later put', [remove('a', 'c'), put('b')], 'b'],
    ['a put beside a delete', [put('c'), remove('a', 'c')], null],
    ['two deletes', [remove('a', 'c'), remove('b', 'd')], null],
    ['a put, and one within', [put('a'), txn([put('a')])], 'a'],
    ['puts in both branches', [txn([put('a')], [put('a')])], null],
    ['puts in two transactions', [txn([put('a')]), txn([], [put('a')])], 'a'],
    ['a put, and a delete within', [put('a'), txn([remove('a', 'b')])], 'a'],
    ['a put within, and a delete', [txn([], [put('a')]), remove('a', 'b')], 'a'],
    ['a put in one branch, a delete in the other', [txn([put('a')], [remove('a', 'b')])], null],
    ['a put within, and a delete within another', [txn([put('a')]), txn([remove('a', 'b')])], 'a'],
    ['a delete within, and a put within another', [txn([remove('a', 'b')]), txn([put('a')])], 'a'],
    [
      'a put in one branch, a delete in the other, and another that reaches less far',
      [txn([put('b')], [remove('a', 'z')]), remove('a', 'c')],
      'b',
    ],
    [
      'a delete, and a put in one branch, a delete that reaches further in the other',
      [remove('a', 'c'), txn([put('b')], [remove('aa', 'z')])],
      'b',
    ],
    [
      'a delete, and a put in one branch, two deletes that reach further in the other',
      [remove('a', 'c'), txn([put('b')], [remove('aa', 'd'), remove('ab', 'z')])],
      'b',
    ],
    ['two puts in a branch within', [txn([], [put('a'), put('a')])], 'a'],
  ])('%s: %s', (_, operations, key) => {
    expect(keyWrittenTwice(txn(operations))).toBe(key);
    expect(keyWrittenTwice(txn([], operations))).toBe(key);
  });

  it('is found as by comparing each put with each delete', () => {
    const random = randomFrom(7);
    const letter = () => 'abcdefgh'[Math.floor(random() * 8)]!;
    for (let round = 0; round < 3000; round++) {
      const one = (): KvOperation => {
        const kind = random();
        if (kind < 0.4) return put(letter());
        if (kind < 0.8) return remove(letter(), letter());
        return kind < 0.9
          ? txn([remove(letter(), letter()), put(`z${letter()}`)])
          : txn([put(letter())], [remove(letter(), letter()), remove(letter(), letter())]);
      };
      const operations = Array.from({ length: 1 + Math.floor(random() * 5) }, one);
      expect(keyWrittenTwice(txn(operations)) !== null).toBe(isTwice(operations));
    }
  });

  it('is looked for among many keys and ranges in one turn, however many there are', () => {
    const keys = Array.from({ length: 50_000 }, (_, at) => String(at).padStart(6, '0'));
    const puts = keys.map((key) => put(`p${key}`));
    const removals = Array.from({ length: 200_000 }, (_, at) => remove(`d${at}`, `d${at}\0`));
    expect(keyWrittenTwice(txn([txn(puts), txn(removals)]))).toBeNull();
    expect(keyWrittenTwice(txn([txn(puts), txn([...removals, remove('p049999', 'q')])]))).toBe('p049999');
    // Comparing each with each would take minutes.
  }, 30_000);

  it('counts only where it may be done', () => {
    const operation = txn([put('a')], [put('b'), put('b')]);
    expect(keyWrittenTwice(operation, ({ success }) => [success])).toBeNull();
  });
});

/** By comparing each with each. Within one of them, no key is written twice. */
const isTwice = (operations: readonly KvOperation[]): boolean =>
  operations.some((operation) =>
    writesOf(operation).some(
      (write) =>
        write.type === 'put' &&
        operations.some(
          (other) => other !== operation && writesOf(other).some((each) => hits(each, write.key)),
        ),
    ),
  );

const writesOf = (operation: KvOperation): readonly KvOperation[] =>
  operation.type === 'txn' ? [...operation.success, ...operation.failure] : [operation];

const hits = (write: KvOperation, key: string): boolean =>
  write.type === 'put' ? write.key === key : write.type === 'deleteRange' && isIn(write.range, key);
