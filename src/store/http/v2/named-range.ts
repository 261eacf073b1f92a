import { type KeyRange, rangeOfKey, rangeOfPrefix } from '../../kv/key-range.ts';
import { badRequest } from './request-refused.ts';

/** How a request names keys: one by itself, all with a prefix, or those from one on and before another. Null: it does not. */
export interface NamedRange {
  readonly key: string | null;
  readonly prefix: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

/** The range that is named; null: none is. `place` goes in front of what is wrong. Throws `RequestRefused`. */
export const rangeNamed = (
  { key, prefix, from, to }: NamedRange,
  maxKeyBytes: number,
  place = '',
): KeyRange | null => {
  for (const [name, given] of Object.entries({ key, prefix, from, to })) {
    if (given !== null && given.length > maxKeyBytes)
      throw badRequest(`${place}${name} has at most ${maxKeyBytes} bytes`);
  }
  if (key === '') throw badRequest(`${place}the key is empty`);
  if (to === '') throw badRequest(`${place}to is empty: leave it out for the end of all keys`);
  const isBounded = from !== null || to !== null;
  if ([key !== null, prefix !== null, isBounded].filter(Boolean).length > 1)
    throw badRequest(`${place}give a key, or a prefix, or from and to`);
  if (key !== null) return rangeOfKey(key);
  if (prefix !== null) return rangeOfPrefix(prefix);
  return isBounded ? { from: from ?? '', to } : null;
};
