import { Buffer } from 'node:buffer';
import { type KeyRange, rangeOfKey } from '../kv/key-range.ts';
import { etcdErrors } from './etcd-error.ts';

/** What the store can write down: a range of one key ends with one byte more. */
const maxKeyBytes = 0xffff - 1;

/** A key as the store has it: one character for each byte. Throws an `EtcdError` for an empty one. */
export const keyIn = (bytes: Uint8Array): string => {
  if (bytes.length === 0) throw etcdErrors.emptyKey();
  if (bytes.length > maxKeyBytes) throw etcdErrors.requestTooLarge();
  return textOf(bytes);
};

/** The keys that `key` and `range_end` name: one key without an end, and all from `key` on where the end is a zero byte. */
export const rangeIn = (key: Uint8Array, rangeEnd: Uint8Array): KeyRange => {
  const from = keyIn(key);
  if (rangeEnd.length === 0) return rangeOfKey(from);
  if (rangeEnd.length === 1 && rangeEnd[0] === 0) return { from, to: null };
  return { from, to: keyIn(rangeEnd) };
};

export const keyBytes = (key: string): Uint8Array => Buffer.from(key, 'latin1');

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
