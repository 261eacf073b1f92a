import { describe, expect, it } from 'vitest';
import { etcdErrors } from '../../../src/store/etcd/etcd-error.ts';
import { keyBytes, keyIn, rangeIn } from '../../../src/store/etcd/translate-key.ts';
import { boundIn, leaseIdOrZero, numberIn } from '../../../src/store/etcd/translate-number.ts';
import { txnOperation } from '../../../src/store/etcd/translate-txn.ts';
import type { RequestOp, TxnRequest } from '../../../src/store/etcd/wire-types.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('keys and numbers of etcd become those of the store', () => {
  it.each([
    ['one key', 'a', '', { from: 'a', to: 'a\0' }],
    ['all from a key on', 'a', '\0', { from: 'a', to: null }],
    ['all keys', '\0', '\0', { from: '\0', to: null }],
    ['those before an end', 'a', 'c', { from: 'a', to: 'c' }],
    ['bytes that are no text', '\xff\x00', '\xff\x01', { from: '\xff\x00', to: '\xff\x01' }],
  ])('%s', (_, key, end, range) => {
    expect(rangeIn(bytes(key), bytes(end))).toEqual(range);
  });

  it('a key comes back as the bytes that it was', () => {
    const all = Uint8Array.from({ length: 256 }, (_, each) => each);
    expect(Uint8Array.from(keyBytes(keyIn(all)))).toEqual(all);
  });

  it('a key that is longer than the store can write down is refused', () => {
    expect(keyIn(new Uint8Array(65_534))).toHaveLength(65_534);
    expect(() => keyIn(new Uint8Array(65_535))).toThrow(etcdErrors.requestTooLarge());
  });

  it.each([
    ['0', 0, 0],
    ['-1', -1, 0],
    ['9223372036854775807', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['-9223372036854775808', Number.MIN_SAFE_INTEGER, 0],
  ])('the number %s', (text, number, bound) => {
    expect([numberIn(text), boundIn(text)]).toEqual([number, bound]);
  });

  it('an id of a lease is taken whole, or is none', () => {
    expect(leaseIdOrZero('9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(leaseIdOrZero('-1')).toBeNull();
  });
});

describe('a transaction is refused', () => {
  const nested = (depth: number): TxnRequest => ({
    compare: [],
    success: depth === 0 ? [] : [{ request_txn: nested(depth - 1) }],
    failure: [],
  });

  it('with more than 16 within each other', () => {
    expect(txnOperation(nested(15)).type).toBe('txn');
    expect(() => txnOperation(nested(16))).toThrow(etcdErrors.tooManyOps());
  });

  it('with a key that one branch puts twice, whether or not it would be done', () => {
    const put: RequestOp = {
      request_put: {
        key: bytes('a'),
        value: bytes(''),
        lease: '0',
        prev_kv: false,
        ignore_value: false,
        ignore_lease: false,
      },
    };
    expect(() => txnOperation({ compare: [], success: [], failure: [put, put] })).toThrow(
      etcdErrors.duplicateKey(),
    );
  });

  it('with an operation that is none', () => {
    const nothing: RequestOp = {};
    expect(() => txnOperation({ compare: [], success: [nothing], failure: [] })).toThrow(
      etcdErrors.keyNotFound(),
    );
  });
});
