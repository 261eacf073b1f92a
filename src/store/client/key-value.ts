import type { Fields } from './answers.ts';
import { bytesOfBase64 } from './base64.ts';
import type { Fetched } from './fetching.ts';

/** A key and its value, as of one revision. docs/http-api-v2.md, Revisions */
export interface KeyValuePair {
  /** As text; where its bytes are not UTF-8, with U+FFFD in their place. */
  readonly key: string;
  readonly keyBytes: Uint8Array;
  /** Empty where only keys were asked for. */
  readonly value: Uint8Array;
  /** Of the store, when the key last came into being. */
  readonly createRevision: number;
  /** When it was last written. */
  readonly modRevision: number;
  /** Writes since it came into being. */
  readonly version: number;
  /** The lease that it ends with; null: none. */
  readonly lease: string | null;
  /** The value as text. */
  text(): string;
}

const encoder = new TextEncoder();
// U+FEFF is a character like any other, also where a text begins with it.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What the bytes of a key or value say; U+FFFD where they are not UTF-8. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** The bytes of a key in JSON. */
export const keyBytesIn = (fields: Fields): Uint8Array =>
  typeof fields.key_base64 === 'string'
    ? bytesOfBase64(fields.key_base64)
    : encoder.encode(String(fields.key));

/** A pair in JSON. */
export const pairIn = (fields: Fields): KeyValuePair => {
  const keyBytes = keyBytesIn(fields);
  const value = typeof fields.value === 'string' ? bytesOfBase64(fields.value) : new Uint8Array();
  return {
    key: textOf(keyBytes),
    keyBytes,
    value,
    createRevision: Number(fields.create_revision),
    modRevision: Number(fields.mod_revision),
    version: Number(fields.version),
    lease: typeof fields.lease === 'string' ? fields.lease : null,
    text: () => textOf(value),
  };
};

/** The pair that a `GET` of one key is answered with: all but the value is in headers. */
export const pairInAnswer = (key: string, headers: Fetched['headers'], value: Uint8Array): KeyValuePair => ({
  key,
  keyBytes: encoder.encode(key),
  value,
  createRevision: Number(headers.get('x-raft-create-revision')),
  modRevision: Number(headers.get('x-raft-mod-revision')),
  version: Number(headers.get('x-raft-version')),
  lease: headers.get('x-raft-lease'),
  text: () => textOf(value),
});

/** What names a range of keys: one of them; all with a prefix; or those from one on and before another. `{ prefix: '' }` is all keys. */
export type Keys =
  | { readonly key: string }
  | { readonly prefix: string }
  | { readonly from: string; readonly to?: string };

/** As parameters of a query. */
export const keysQuery = (keys: Keys): Record<string, string> => ({ ...keys });
