import { Buffer, isUtf8 } from 'node:buffer';
import type { KeyValue } from '../../kv/revisioned-store.ts';

/** A key in JSON: text where it is UTF-8, base64 under another name where it is not. */
export type KeyFields = { readonly key: string } | { readonly key_base64: string };

/** `key` has a character for each byte. */
export const keyFields = (key: string): KeyFields => {
  if (isAscii.test(key)) return { key };
  const bytes = Buffer.from(key, 'latin1');
  return isUtf8(bytes) ? { key: bytes.toString() } : { key_base64: bytes.toString('base64') };
};

const isAscii = /^[\0-\x7f]*$/;

/** A pair in JSON. */
export const pairFields = (pair: KeyValue, hasValue = true): object => ({
  ...keyFields(pair.key),
  ...(hasValue
    ? { value: Buffer.from(pair.value.buffer, pair.value.byteOffset, pair.value.length).toString('base64') }
    : {}),
  ...revisionFields(pair),
});

/** What a pair has beside its key and its value. */
export const revisionFields = ({ createRevision, modRevision, version, lease }: KeyValue) => ({
  create_revision: createRevision,
  mod_revision: modRevision,
  version,
  ...(lease === 0n ? {} : { lease: String(lease) }),
});
