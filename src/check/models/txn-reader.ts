import { excerpt } from '../excerpt.ts';
import { isOneOf, unfit } from '../formats/recorded-event.ts';
import { UnreadableHistory } from '../operation.ts';
import { type Pair, pairsOf } from '../pairs.ts';
import { type Fields, isFields, type Recording } from '../recording.ts';
import { inputFields, scalarOf } from './operation-fields.ts';
import {
  type Compare,
  type Entry,
  type Held,
  type Keys,
  ordered,
  type Told,
  type TxnOperation,
} from './txn-operation.ts';

/** An operation on several keys with what its client was told; undefined: nobody knows. */
export interface TxnPair extends Pair {
  readonly input: TxnOperation;
  readonly output: Told | undefined;
}

/** `range`, `put`, `delete` and `txn`, and `read` and `write` of one key. Throws `UnreadableHistory`. docs/histories.md */
export const txnPairs = ({ events }: Recording): readonly TxnPair[] => pairsOf(events).map(txnPair);

const txnPair = (pair: Pair): TxnPair => {
  const { outcome, invokedAt, completedAt } = pair;
  const fields = inputFields(pair.input, invokedAt);
  const input = operationOf(fields, invokedAt, 0);
  if (outcome !== 'ok') return { ...pair, input, output: undefined };
  const output = isFields(pair.output) ? pair.output : {};
  const told = toldOf(input, isRead(fields) ? readFields(input, output, completedAt) : output, completedAt);
  return { ...pair, input, output: told };
};

/** Transactions within transactions, at most. */
const maxDepth = 16;

const aliases: Readonly<Record<string, string>> = {
  read: 'range',
  get: 'range',
  write: 'put',
  del: 'delete',
};
const names: readonly string[] = ['range', 'put', 'delete', 'txn'];

const isRead = ({ f }: Fields): boolean => f === 'read' || f === 'get';

const operationOf = (fields: Fields, position: number, depth: number): TxnOperation => {
  const fail = (problem: string): never => {
    throw new UnreadableHistory(position, problem);
  };
  const f = typeof fields.f === 'string' ? (aliases[fields.f] ?? fields.f) : fields.f;
  if (!isOneOf(names, f)) fail(unfit('f', f, names.join(', ')));
  switch (f) {
    case 'put':
      return { f, key: keyIn(fields, position), value: heldIn('value', fields.value, position) };
    case 'delete':
      return { f, keys: keysIn(fields, position) };
    case 'range': {
      if (isRead(fields)) return { f, keys: { key: keyIn(fields, position) }, limit: null };
      if (fields.revision !== undefined && fields.revision !== 0)
        fail('a range of an earlier revision is not checked: leave it out of the history');
      const limit = numberIn('limit', fields.limit, position);
      return { f, keys: keysIn(fields, position), limit: limit === undefined || limit === 0 ? null : limit };
    }
    default: {
      if (depth === maxDepth) fail(`more than ${maxDepth} transactions within each other`);
      const parts = (name: 'success' | 'failure') =>
        listIn(name, fields[name], position).map((part) =>
          operationOf(inputFields(part, position), position, depth + 1),
        );
      const compares = listIn('compare', fields.compare, position).map((each) => compareOf(each, position));
      return { f: 'txn', compares, success: parts('success'), failure: parts('failure') };
    }
  }
};

const compared = ['value', 'version', 'createRevision', 'modRevision', 'exists'] as const;

const compareOf = (compare: unknown, position: number): Compare => {
  const fail = (problem: string): never => {
    throw new UnreadableHistory(position, problem);
  };
  if (!isFields(compare)) return fail(unfit('a compare', compare, 'an object with a key'));
  const keys = keysIn(compare, position);
  const given = compared.filter((name) => compare[name] !== undefined);
  const [field] = given;
  if (field === undefined || given.length > 1)
    return fail(`a compare needs one of ${compared.join(', ')}: ${excerpt(compare, 60)}`);
  const { is = '=' } = compare;
  if (field === 'exists') {
    if (typeof compare.exists !== 'boolean') fail(unfit('exists', compare.exists, 'true or false'));
    if (is !== '=') fail(`a compare of exists has no other is than "=": ${excerpt(compare, 60)}`);
    return { keys, field: 'version', is: compare.exists === true ? '>' : '=', operand: 0 };
  }
  if (!isOneOf(['=', '!=', '<', '>'], is)) fail(unfit('is', is, '=, !=, <, >'));
  const operand =
    field === 'value' ? heldIn('value', compare.value, position) : numberIn(field, compare[field], position)!;
  return { keys, field, is: is as Compare['is'], operand };
};

/** What a `read` tells is the value alone. */
const readFields = (input: TxnOperation, { value, ...others }: Fields, position: number): Fields => {
  if (value === undefined)
    throw new UnreadableHistory(position, 'an ok read needs a value (null for an absent key)');
  if (input.f !== 'range' || !('key' in input.keys)) return others;
  return { ...others, pairs: value === null ? [] : [{ ...others, key: input.keys.key, value }] };
};

const toldOf = (operation: TxnOperation, fields: Fields, position: number): Told => {
  const revision = numberIn('revision', fields.revision, position);
  return { ...resultOf(operation, fields, position), ...(revision === undefined ? {} : { revision }) };
};

const resultOf = (operation: TxnOperation, fields: Fields, position: number): Told => {
  switch (operation.f) {
    case 'range': {
      const count = numberIn('count', fields.count, position);
      if (fields.pairs === undefined && count === undefined)
        throw new UnreadableHistory(position, 'an ok range needs its pairs, or its count');
      return {
        ...(fields.pairs === undefined ? {} : { pairs: entriesIn('pairs', fields.pairs, position) }),
        ...(count === undefined ? {} : { count }),
      };
    }
    case 'put': {
      const { previous } = fields;
      if (previous === undefined) return {};
      return { previous: previous === null ? null : entryOf(previous, position) };
    }
    case 'delete': {
      const deleted = numberIn('deleted', fields.deleted, position);
      return {
        ...(deleted === undefined ? {} : { deleted }),
        ...(fields.previous === undefined
          ? {}
          : { previous: entriesIn('previous', fields.previous, position) }),
      };
    }
    case 'txn':
      return txnResultOf(operation, fields, position);
  }
};

const txnResultOf = (
  { success, failure }: TxnOperation & { readonly f: 'txn' },
  { succeeded, results }: Fields,
  position: number,
): Told => {
  if (typeof succeeded !== 'boolean')
    throw new UnreadableHistory(position, unfit('succeeded', succeeded, 'true or false'));
  if (results === undefined) return { succeeded };
  const parts = succeeded ? success : failure;
  const all = listIn('results', results, position);
  if (all.length !== parts.length)
    throw new UnreadableHistory(
      position,
      `a transaction has ${all.length} results of ${parts.length} operations in ${succeeded ? 'success' : 'failure'}`,
    );
  return {
    succeeded,
    results: parts.map((part, at) => {
      // What became of a part may be left out: an empty object, or null.
      const told = all[at] ?? {};
      if (!isFields(told)) throw new UnreadableHistory(position, unfit('a result', told, 'an object'));
      const isSilent = Object.keys(told).length === 0;
      return isSilent ? {} : resultOf(part, told, position);
    }),
  };
};

const entriesIn = (name: string, entries: unknown, position: number): readonly Entry[] => {
  const all = listIn(name, entries, position).map((entry) => entryOf(entry, position));
  const sorted = all.toSorted((a, b) => ordered(a.key, b.key));
  const twice = sorted.find(({ key }, at) => key === sorted[at + 1]?.key);
  if (twice !== undefined)
    throw new UnreadableHistory(position, `${name} has the key ${excerpt(twice.key)} twice`);
  return sorted;
};

const entryOf = (entry: unknown, position: number): Entry => {
  if (!isFields(entry)) throw new UnreadableHistory(position, unfit('a pair', entry, 'an object with a key'));
  const numbers = (['version', 'createRevision', 'modRevision'] as const).flatMap((name) => {
    const number = numberIn(name, entry[name], position);
    return number === undefined ? [] : [[name, number] as const];
  });
  return {
    key: keyIn(entry, position),
    ...(entry.value === undefined ? {} : { value: heldIn('value', entry.value, position) }),
    ...Object.fromEntries(numbers),
  };
};

/** `key`, `prefix`, or `from` with or without `to`. */
const keysIn = (fields: Fields, position: number): Keys => {
  const { key, prefix, from, to } = fields;
  const given = [key, prefix, from].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new UnreadableHistory(position, `expected one of key, prefix and from: ${excerpt(fields, 60)}`);
  if (key !== undefined) return { key: keyIn(fields, position) };
  if (prefix !== undefined) return { prefix: textIn('prefix', prefix, position) };
  const end = to === undefined || to === null ? null : textIn('to', to, position);
  return { from: textIn('from', from, position), to: end };
};

const keyIn = ({ key }: Fields, position: number): string => textIn('key', key, position);

const textIn = (name: string, text: unknown, position: number): string => {
  if (typeof text === 'string') return text;
  throw new UnreadableHistory(position, unfit(name, text, 'a string'));
};

const heldIn = (name: string, value: unknown, position: number): Held => {
  const held = value === undefined ? null : scalarOf(name, value, position);
  if (held === null)
    throw new UnreadableHistory(position, unfit(name, value, 'a string, a number, true or false'));
  return held;
};

const numberIn = (name: string, number: unknown, position: number): number | undefined => {
  if (number === undefined || number === null) return undefined;
  if (Number.isSafeInteger(number) && (number as number) >= 0) return number as number;
  throw new UnreadableHistory(position, unfit(name, number, 'a whole number'));
};

const listIn = (name: string, list: unknown, position: number): readonly unknown[] => {
  if (list === undefined || list === null) return [];
  if (Array.isArray(list)) return list;
  throw new UnreadableHistory(position, unfit(name, list, 'a list'));
};
