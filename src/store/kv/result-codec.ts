import { withoutStamp } from './commands.ts';
import type { KvResult } from './kv-state-machine.ts';
import { decodeRequestResult, encodeRequestResult } from './request-bytes.ts';

const types: { readonly [Type in KvResult['type']]: number } = {
  stored: 1,
  found: 2,
  absent: 3,
  deleted: 4,
  swapped: 5,
  mismatch: 6,
  malformed: 7,
  requested: 8,
};

/**
 * Results of the key-value store as bytes: a byte for the type, then
 *
 * ```
 * found     value…
 * deleted   u8 existed
 * mismatch  u8 present  actual…
 * requested  the result of a request, as in request-bytes.ts
 * ```
 */
export const kvResultCodec = {
  comparedPart: withoutStamp,

  encode(result: KvResult): Uint8Array {
    switch (result.type) {
      case 'found':
        return joined([types.found], result.value);
      case 'deleted':
        return Uint8Array.of(types.deleted, result.existed ? 1 : 0);
      case 'mismatch':
        return joined([types.mismatch, result.actual === null ? 0 : 1], result.actual ?? new Uint8Array());
      case 'requested':
        return joined([types.requested], encodeRequestResult(result.result));
      default:
        return Uint8Array.of(types[result.type]);
    }
  },

  /** Throws for bytes that are no result: only what `encode` made was ever remembered. */
  decode(bytes: Uint8Array): KvResult {
    switch (bytes[0]) {
      case types.stored:
        return { type: 'stored' };
      case types.found:
        return { type: 'found', value: bytes.subarray(1) };
      case types.absent:
        return { type: 'absent' };
      case types.deleted:
        return { type: 'deleted', existed: bytes[1] === 1 };
      case types.swapped:
        return { type: 'swapped' };
      case types.mismatch:
        return { type: 'mismatch', actual: bytes[1] === 1 ? bytes.subarray(2) : null };
      case types.malformed:
        return { type: 'malformed' };
      case types.requested:
        return { type: 'requested', result: decodeRequestResult(bytes.subarray(1)) };
      default:
        throw new Error(`a result has no type ${bytes[0]}`);
    }
  },
};

const joined = (head: readonly number[], rest: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(head.length + rest.length);
  bytes.set(head);
  bytes.set(rest, head.length);
  return bytes;
};
