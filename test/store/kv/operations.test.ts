import { describe, expect, it } from 'vitest';
import { rangeOfKey, rangeOfPrefix } from '../../../src/store/kv/key-range.ts';
import type {
  Compare,
  KvOperation,
  KvRefusal,
  OperationResult,
  PutOperation,
  RangeOperation,
} from '../../../src/store/kv/operations.ts';
import { maxKeysLookedAt, perform } from '../../../src/store/kv/perform.ts';
import { plainRange } from '../../../src/store/kv/plain-range.ts';
import { RevisionedStore } from '../../../src/store/kv/revisioned-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

const put = (key: string, value = '', options: Partial<PutOperation> = {}): PutOperation => ({
  type: 'put',
  key,
  value: bytes(value),
  lease: 0n,
  returnsPrevious: false,
  keepsValue: false,
  keepsLease: false,
  ...options,
});

const range = (options: Partial<RangeOperation> = {}): RangeOperation => ({
  ...plainRange(rangeOfPrefix('')),
  ...options,
});

const remove = (key: string, returnsPrevious = false): KvOperation => ({
  type: 'deleteRange',
  range: rangeOfKey(key),
  returnsPrevious,
});

const txn = (
  compare: readonly Compare[],
  success: readonly KvOperation[],
  failure: readonly KvOperation[] = [],
): KvOperation => ({ type: 'txn', compare, success, failure });

const leases: ReadonlySet<bigint> = new Set([7n, 8n]);

class Tried {
  readonly store = new RevisionedStore();

  constructor() {
    this.store.begin();
  }

  do(operation: KvOperation): OperationResult | KvRefusal {
    return this.store.transact((transaction) =>
      perform(operation, transaction, {
        at: (revision) => this.store.at(revision),
        revision: this.store.revision,
        hasLease: (lease) => leases.has(lease),
      }),
    ).result;
  }

  /** `a=1 b=2`. */
  read(operation: RangeOperation): string {
    return pairsText(this.do(operation));
  }
}

const pairsText = (result: OperationResult | KvRefusal | undefined): string => {
  if (result?.type !== 'range') throw new Error(result?.type);
  return result.pairs.map(({ key, value }) => `${key}=${text(value)}`).join(' ');
};

/** Revisions 2 to 7: b is written twice and is the newest, c is gone. */
const filled = (): Tried => {
  const tried = new Tried();
  for (const each of [put('b', '9'), put('a', '5'), put('c'), put('ab', '7'), remove('c'), put('b', '1')])
    tried.do(each);
  return tried;
};

describe('a range', () => {
  it.each<readonly [Partial<RangeOperation>, string]>([
    [{}, 'a=5 ab=7 b=1'],
    [{ order: 'descend' }, 'b=1 ab=7 a=5'],
    [{ range: rangeOfPrefix('a') }, 'a=5 ab=7'],
    [{ range: rangeOfKey('a') }, 'a=5'],
    [{ range: { from: 'ab', to: null } }, 'ab=7 b=1'],
    [{ range: { from: 'b', to: 'a' } }, ''],
    [{ sortedBy: 'value' }, 'b=1 a=5 ab=7'],
    [{ sortedBy: 'value', order: 'descend' }, 'ab=7 a=5 b=1'],
    [{ sortedBy: 'mod' }, 'a=5 ab=7 b=1'],
    [{ sortedBy: 'create' }, 'b=1 a=5 ab=7'],
    [{ sortedBy: 'version', order: 'descend', limit: 1 }, 'b=1'],
    [{ keysOnly: true }, 'a= ab= b='],
    [{ countOnly: true }, ''],
    [{ minModRevision: 4 }, 'ab=7 b=1'],
    [{ maxModRevision: 5 }, 'a=5 ab=7'],
    [{ minCreateRevision: 3 }, 'a=5 ab=7'],
    [{ maxCreateRevision: 2 }, 'b=1'],
    [{ revision: 5 }, 'a=5 ab=7 b=9 c='],
    [{ revision: 1 }, ''],
  ])('%o is %s', (options, pairs) => {
    expect(filled().read(range(options))).toBe(pairs);
  });

  it('with a limit says whether there is more, and how many there are in all', () => {
    const limited = (options: Partial<RangeOperation>) => {
      const result = filled().do(range(options));
      return result.type === 'range' ? [result.pairs.length, result.hasMore, result.count] : result;
    };
    expect(limited({ limit: 2 })).toEqual([2, true, 3]);
    expect(limited({ limit: 3 })).toEqual([3, false, 3]);
    expect(limited({ limit: 1, sortedBy: 'mod' })).toEqual([1, true, 3]);
    expect(limited({ limit: 1, minModRevision: 7 })).toEqual([1, false, 3]);
    expect(limited({ countOnly: true, limit: 1 })).toEqual([0, false, 3]);
  });

  it('of a revision that is not there is refused', () => {
    const tried = filled();
    expect(tried.do(range({ revision: 8 }))).toEqual({ type: 'refused', reason: 'futureRevision' });
    tried.store.compact(4);
    expect(tried.do(range({ revision: 3 }))).toEqual({ type: 'refused', reason: 'compacted' });
    expect(tried.read(range({ revision: 4 }))).toBe('a=5 b=9 c=');
  });
});

describe('a put', () => {
  it('returns what was there if that is asked for', () => {
    const tried = filled();
    expect(tried.do(put('a', '6'))).toEqual({ type: 'put', previous: null });
    expect(tried.do(put('a', '7', { returnsPrevious: true }))).toMatchObject({
      previous: { value: bytes('6') },
    });
  });

  it('keeps the value or the lease of a key, which must be there', () => {
    const tried = filled();
    tried.do(put('a', '6', { lease: 7n }));
    tried.do(put('a', '', { lease: 8n, keepsValue: true }));
    expect(tried.store.map.get('a')).toMatchObject({ value: bytes('6'), lease: 8n, version: 3 });
    tried.do(put('a', '9', { keepsLease: true }));
    expect(tried.store.map.get('a')).toMatchObject({ value: bytes('9'), lease: 8n });
    const { revision } = tried.store;
    for (const options of [{ keepsValue: true }, { keepsLease: true }])
      expect(tried.do(put('z', '', options))).toEqual({ type: 'refused', reason: 'keyNotFound' });
    expect(tried.do(put('a', '', { lease: 1n }))).toEqual({ type: 'refused', reason: 'leaseNotFound' });
    expect(tried.store.revision).toBe(revision);
  });
});

describe('a delete', () => {
  it('says how many keys were there, and which if that is asked for', () => {
    const tried = filled();
    expect(tried.do(remove('z', true))).toEqual({ type: 'deleteRange', deleted: 0, previous: [] });
    expect(tried.do({ type: 'deleteRange', range: rangeOfPrefix('a'), returnsPrevious: true })).toMatchObject(
      {
        deleted: 2,
        previous: [{ key: 'a' }, { key: 'ab' }],
      },
    );
    expect(tried.do(remove('b'))).toEqual({ type: 'deleteRange', deleted: 1, previous: [] });
    expect(tried.read(range())).toBe('');
  });
});

describe('a transaction', () => {
  const one = (target: Compare['target'], result: Compare['result'], of = rangeOfKey('b')): Compare => ({
    range: of,
    target,
    result,
  });

  it.each<readonly [string, Compare, boolean]>([
    ['version =', one({ type: 'version', number: 2 }, 'equal'), true],
    ['version >', one({ type: 'version', number: 2 }, 'greater'), false],
    ['create <', one({ type: 'create', number: 3 }, 'less'), true],
    ['mod >', one({ type: 'mod', number: 6 }, 'greater'), true],
    ['mod !=', one({ type: 'mod', number: 7 }, 'notEqual'), false],
    ['value =', one({ type: 'value', value: bytes('1') }, 'equal'), true],
    ['value >, by bytes', one({ type: 'value', value: bytes('09') }, 'greater'), true],
    ['value <, by length', one({ type: 'value', value: bytes('10') }, 'less'), true],
    ['lease =', one({ type: 'lease', lease: 0n }, 'equal'), true],
    ['lease >', one({ type: 'lease', lease: -1n }, 'greater'), true],
    ['absent, version', one({ type: 'version', number: 0 }, 'equal', rangeOfKey('z')), true],
    ['absent, value', one({ type: 'value', value: bytes('') }, 'equal', rangeOfKey('z')), false],
    ['absent, value !=', one({ type: 'value', value: bytes('x') }, 'notEqual', rangeOfKey('z')), false],
    ['each of a range', one({ type: 'version', number: 0 }, 'greater', rangeOfPrefix('')), true],
    ['not each of a range', one({ type: 'version', number: 2 }, 'less', rangeOfPrefix('')), false],
  ])('compares: %s', (_, compare, succeeded) => {
    expect(filled().do(txn([compare], []))).toMatchObject({ succeeded });
  });

  it('does one part in order, each step seeing those before it, at one revision', () => {
    const tried = filled();
    const { revision } = tried.store;
    const result = tried.do(
      txn(
        [one({ type: 'version', number: 0 }, 'equal', rangeOfKey('z'))],
        [
          put('z', '1'),
          range({ range: rangeOfPrefix('z') }),
          remove('b'),
          range({ range: rangeOfPrefix('') }),
        ],
        [put('a', 'not')],
      ),
    );
    if (result.type !== 'txn') throw new Error(result.type);
    expect(result.succeeded).toBe(true);
    expect([result.results[1], result.results[3]].map(pairsText)).toEqual(['z=1', 'a=5 ab=7 z=1']);
    expect(tried.store.revision).toBe(revision + 1);
    expect(tried.read(range())).toBe('a=5 ab=7 z=1');
  });

  it('is refused, and nothing is done, if it would look at too many keys, or give out too much', () => {
    const tried = filled();
    for (let nth = 0; nth < 3; nth++) tried.do(put(`big${nth}`, 'x'.repeat(1024 * 1024)));
    const { revision, map } = tried.store;
    const all = range({ range: rangeOfPrefix('big') });
    const tooLarge = { type: 'refused', reason: 'tooLarge' };
    const big = { type: 'deleteRange', range: rangeOfPrefix('big') } as const;
    for (const operations of [
      [put('z'), all],
      [
        range({ range: rangeOfKey('big0') }),
        range({ range: rangeOfKey('big1') }),
        put('big2', '', { returnsPrevious: true }),
      ],
      [put('z'), { ...big, returnsPrevious: true }],
    ])
      expect(tried.do(txn([], operations))).toEqual(tooLarge);
    expect(tried.do({ ...big, returnsPrevious: true })).toEqual(tooLarge);
    expect([tried.store.revision, tried.store.map]).toEqual([revision, map]);
    expect(tried.do(txn([], [range({ range: rangeOfPrefix('big'), keysOnly: true })]))).toMatchObject({
      succeeded: true,
    });
    for (let nth = 0; nth < maxKeysLookedAt; nth++) tried.do(put(`k${nth}`));
    const each = one({ type: 'version', number: 0 }, 'greater', rangeOfPrefix(''));
    for (const operation of [
      txn([each], [put('z')]),
      txn([], [put('z'), range({ range: rangeOfPrefix(''), sortedBy: 'value', limit: 1 })]),
      { type: 'deleteRange', range: rangeOfPrefix(''), returnsPrevious: false } as const,
      txn([], [range({ range: rangeOfKey('a'), revision: 2 })]),
    ])
      expect(tried.do(operation)).toEqual(tooLarge);
    expect(
      tried.do(
        txn(
          [],
          [
            range({ range: rangeOfPrefix('k'), limit: 10 }),
            range({ range: rangeOfPrefix(''), countOnly: true }),
          ],
        ),
      ),
    ).toMatchObject({ succeeded: true });
    expect(tried.do({ ...big, returnsPrevious: false })).toMatchObject({ deleted: 3 });
  });

  it('is refused if it would put a key twice, or one that it deletes, however it is nested', () => {
    const tried = filled();
    const never = one({ type: 'version', number: 99 }, 'equal', rangeOfKey('a'));
    const everything: KvOperation = { type: 'deleteRange', range: rangeOfPrefix(''), returnsPrevious: false };
    for (const twice of [
      [put('z'), put('z')],
      [remove('z'), put('z')],
      [put('a', '', { keepsValue: true }), everything],
      [put('z'), txn([], [txn([never], [], [put('z')])])],
    ])
      expect(tried.do(txn([], twice))).toEqual({ type: 'refused', reason: 'duplicateKey' });
    for (const once of [
      [put('x'), put('y'), remove('z')],
      [put('x'), txn([never], [put('x')], [put('y')])],
      [remove('a'), everything],
    ])
      expect(tried.do(txn([], once))).toMatchObject({ succeeded: true });
  });

  it('compares within it as the store was before it wrote', () => {
    const tried = filled();
    const isAbsent = one({ type: 'create', number: 0 }, 'equal', rangeOfKey('z'));
    tried.do(txn([], [put('z', '1'), txn([isAbsent], [put('y', 'was absent')], [put('y', 'was there')])]));
    expect(tried.read(range({ range: rangeOfKey('y') }))).toBe('y=was absent');
  });

  it('does nothing where a part that it would do is refused, and minds no other', () => {
    const tried = filled();
    const { revision } = tried.store;
    const wrong = put('a', '', { lease: 1n });
    expect(tried.do(txn([], [put('z'), wrong]))).toEqual({ type: 'refused', reason: 'leaseNotFound' });
    expect(tried.do(txn([], [put('z'), txn([], [range({ revision: 99 })])]))).toEqual({
      type: 'refused',
      reason: 'futureRevision',
    });
    expect(tried.do(txn([], [put('z'), put('z', '', { keepsValue: true })]))).toEqual({
      type: 'refused',
      reason: 'keyNotFound',
    });
    expect(tried.store.revision).toBe(revision);
    expect(tried.do(txn([], [], [wrong]))).toMatchObject({ succeeded: true });
  });
});
