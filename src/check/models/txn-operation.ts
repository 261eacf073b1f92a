import { excerpt, shortened } from '../excerpt.ts';

/** What a key of this model may hold. A key that is absent holds nothing, which null stands for. */
export type Held = string | number | boolean;

/** One key, all that begin alike, or those from one on and before another; `to` null: to the end. */
export type Keys =
  | { readonly key: string }
  | { readonly prefix: string }
  | { readonly from: string; readonly to: string | null };

/** Holds if it holds for each of the keys that exist; where none does, numbers are compared with 0, and a value with nothing, which never holds. */
export interface Compare {
  readonly keys: Keys;
  readonly field: 'value' | 'version' | 'createRevision' | 'modRevision';
  readonly is: '=' | '!=' | '<' | '>';
  readonly operand: Held;
}

export type TxnOperation =
  /** `limit` null: all of them. */
  | { readonly f: 'range'; readonly keys: Keys; readonly limit: number | null }
  | { readonly f: 'put'; readonly key: string; readonly value: Held }
  | { readonly f: 'delete'; readonly keys: Keys }
  | Txn;

/** `success` if all of `compares` hold before the first write of all, `failure` otherwise; in order, each seeing what those before it wrote. */
export interface Txn {
  readonly f: 'txn';
  readonly compares: readonly Compare[];
  readonly success: readonly TxnOperation[];
  readonly failure: readonly TxnOperation[];
}

/** A key and what a client was told of it. */
export interface Entry {
  readonly key: string;
  readonly value?: Held;
  readonly version?: number;
  readonly createRevision?: number;
  readonly modRevision?: number;
}

/** What a client was told of an operation that took effect. What is left out, it was not told. */
export interface Told {
  /** Of a range. */
  readonly pairs?: readonly Entry[];
  /** Keys in a range, whatever its limit leaves out. */
  readonly count?: number;
  /** Of a put, null: there was nothing; of a delete, all that there was. */
  readonly previous?: Entry | null | readonly Entry[];
  /** Of a delete. */
  readonly deleted?: number;
  /** Of a transaction. */
  readonly succeeded?: boolean;
  readonly results?: readonly Told[];
  /** Of the store, once the whole operation has taken effect. */
  readonly revision?: number;
}

/** The pairs that an operation was told to have been there before it. */
export const entriesBefore = ({ previous }: Told): readonly Entry[] => (previous ? [previous].flat() : []);

export const isIn = (keys: Keys, key: string): boolean => {
  if ('key' in keys) return key === keys.key;
  if ('prefix' in keys) return key.startsWith(keys.prefix);
  return ordered(key, keys.from) >= 0 && (keys.to === null || ordered(key, keys.to) < 0);
};

/** All pairs that a client was told of. */
export const entriesIn = (told: Told | undefined): readonly Entry[] => {
  if (told === undefined) return [];
  const { pairs = [], results = [] } = told;
  return [...pairs, ...entriesBefore(told), ...results.flatMap(entriesIn)];
};

/** Below 0, 0 or above 0, as the bytes of both texts in UTF-8 are ordered. */
export const ordered = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  if (at === a.length || at === b.length) return a.length - b.length;
  return rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
};

/** Halves of characters beyond U+FFFF come after all others. */
const rankOf = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

/** In words, for a report. */
export const operationWords = (operation: TxnOperation, told: Told | undefined): string => {
  const result = told === undefined ? '' : toldWords(told);
  return `${shortened(words(operation), 200)}${result === '' ? '' : ` → ${shortened(result, 200)}`}`;
};

const words = (operation: TxnOperation): string => {
  switch (operation.f) {
    case 'range':
      return `range ${keysWords(operation.keys)}${operation.limit === null ? '' : `, at most ${operation.limit}`}`;
    case 'put':
      return `put ${excerpt(operation.key)} ${excerpt(operation.value)}`;
    case 'delete':
      return `delete ${keysWords(operation.keys)}`;
    case 'txn': {
      const { compares, success, failure } = operation;
      const condition = compares.length === 0 ? '' : ` if ${compares.map(compareWords).join(' and ')}`;
      const otherwise = failure.length === 0 ? '' : ` else ${partsWords(failure)}`;
      return `txn${condition} then ${partsWords(success)}${otherwise}`;
    }
  }
};

const partsWords = (parts: readonly TxnOperation[]): string => `(${parts.map(words).join('; ')})`;

const compareWords = ({ keys, field, is, operand }: Compare): string =>
  `${field} of ${keysWords(keys)} ${is} ${excerpt(operand)}`;

const keysWords = (keys: Keys): string => {
  if ('key' in keys) return excerpt(keys.key);
  if ('prefix' in keys) return `${excerpt(keys.prefix)}*`;
  return `${excerpt(keys.from)} to ${keys.to === null ? 'the end' : excerpt(keys.to)}`;
};

const toldWords = (told: Told): string => {
  const { pairs, count, previous, deleted, succeeded, results, revision } = told;
  const parts: string[] = [];
  if (succeeded !== undefined) parts.push(succeeded ? 'succeeded' : 'failed');
  if (results?.some((each) => toldWords(each) !== '')) parts.push(`(${results.map(toldWords).join('; ')})`);
  if (pairs !== undefined) parts.push(`[${pairs.map(entryWords).join(', ')}]`);
  if (count !== undefined) parts.push(`${count} in all`);
  if (deleted !== undefined) parts.push(`${deleted} deleted`);
  if (previous !== undefined) {
    const entries = entriesBefore(told);
    parts.push(`before: ${entries.length === 0 ? 'nothing' : entries.map(entryWords).join(', ')}`);
  }
  if (revision !== undefined) parts.push(`revision ${revision}`);
  return parts.join(', ');
};

export const entryWords = ({ key, value, version, createRevision, modRevision }: Entry): string => {
  const details = [
    ...(modRevision === undefined ? [] : [`revision ${modRevision}`]),
    ...(createRevision === undefined ? [] : [`created at ${createRevision}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
  ];
  const held = value === undefined ? excerpt(key) : `${excerpt(key)}: ${excerpt(value)}`;
  return details.length === 0 ? held : `${held} (${details.join(', ')})`;
};
