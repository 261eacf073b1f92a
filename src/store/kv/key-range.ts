/** Keys from `from` on, and before `to`; null: to the end of all keys. A key's bytes, one character each; see `decodeCommand`. */
export interface KeyRange {
  readonly from: string;
  readonly to: string | null;
}

/** One key. */
export const rangeOfKey = (key: string): KeyRange => ({ from: key, to: `${key}\0` });

/** All keys that begin with `prefix`. */
export const rangeOfPrefix = (prefix: string): KeyRange => ({ from: prefix, to: afterPrefix(prefix) });

export const isIn = ({ from, to }: KeyRange, key: string): boolean =>
  key >= from && (to === null || key < to);

/** The least key after all that begin with `prefix`; null: there is none, as all bytes are 0xff. */
const afterPrefix = (prefix: string): string | null => {
  const kept = prefix.replace(/\xff+$/, '');
  if (kept === '') return null;
  return kept.slice(0, -1) + String.fromCharCode(kept.charCodeAt(kept.length - 1) + 1);
};
