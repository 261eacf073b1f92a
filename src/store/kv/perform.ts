import type {
  Compare,
  KvOperation,
  KvRefusal,
  OperationResult,
  RangeOperation,
  TxnOperation,
} from './operations.ts';
import type { SortedPairs } from './past-view.ts';
import type { AtRevision, KeyValue, Revision, Transaction } from './revisioned-store.ts';
import { keyWrittenTwice } from './written-twice.ts';

/** What operations need to know of the store around the transaction. */
export interface Surroundings {
  /** What the store was, for ranges of an earlier revision. */
  readonly at: (revision: Revision) => AtRevision;
  /** The present one. */
  readonly revision: Revision;
  readonly hasLease: (lease: bigint) => boolean;
}

/** Does it in `transaction`, unless something is wrong with a part of it: then nothing is done. */
export const perform = (
  operation: KvOperation,
  transaction: Transaction,
  surroundings: Surroundings,
): OperationResult | KvRefusal => {
  const work = new Work();
  try {
    const chosen = choicesOf(operation, transaction.map, work);
    const refusal =
      refusalOf(operation, chosen, transaction.map, surroundings, work) ??
      (writesTwice(operation, chosen) ? refused('duplicateKey') : null);
    return refusal ?? done(operation, chosen, transaction, surroundings, work);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    transaction.drop();
    return refused('tooLarge');
  }
};

const refused = (reason: KvRefusal['reason']): KvRefusal => ({ type: 'refused', reason });

/** Keys that one command looks at, and changes that it looks through, at most: it is done in one turn of the event loop, on every node. */
export const maxKeysLookedAt = 50_000;
/** Bytes that it gives out, at most, about: what a client may be told again is remembered. */
export const maxResultBytes = 3 * 1024 * 1024;
const pairBytes = 64;

/** For people. */
export const tooLargeWords = `one request looks at most at ${maxKeysLookedAt} keys and gives out ${maxResultBytes / 1024 / 1024} MiB, and this would be more; nothing was done: do it in parts`;

class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** What a command takes. The same on every node, and checked before it is too late to refuse it. */
class Work {
  #looked = 0;
  #given = 0;

  look(keys: number): void {
    this.#looked += keys;
    if (this.#looked > maxKeysLookedAt) throw new TooLarge();
  }

  give({ key, value }: KeyValue, withValue: boolean): void {
    this.#given += pairBytes + key.length + (withValue ? value.length : 0);
    if (this.#given > maxResultBytes) throw new TooLarge();
  }
}

/** Whether the compares of each transaction in it hold: of all of them as the store is before the first writes, as in etcd. */
type Choices = ReadonlyMap<TxnOperation, boolean>;

const choicesOf = (operation: KvOperation, map: SortedPairs<KeyValue>, work: Work): Choices => {
  const choices = new Map<TxnOperation, boolean>();
  const choose = (each: KvOperation): void => {
    if (each.type !== 'txn') return;
    choices.set(
      each,
      each.compare.every((compare) => holds(compare, map, work)),
    );
    for (const inner of partOf(each, choices)) choose(inner);
  };
  choose(operation);
  return choices;
};

const partOf = (txn: TxnOperation, choices: Choices): readonly KvOperation[] =>
  choices.get(txn) === true ? txn.success : txn.failure;

const refusalOf = (
  operation: KvOperation,
  choices: Choices,
  map: SortedPairs<KeyValue>,
  surroundings: Surroundings,
  work: Work,
): KvRefusal | null => {
  switch (operation.type) {
    case 'range': {
      const { revision } = operation;
      if (revision === 0) return null;
      // The changes since.
      work.look(Math.max(0, surroundings.revision - revision));
      const { type } = surroundings.at(revision);
      if (type === 'found') return null;
      return refused(type === 'compacted' ? 'compacted' : 'futureRevision');
    }
    case 'put': {
      const { key, lease, keepsValue, keepsLease } = operation;
      if ((keepsValue || keepsLease) && map.get(key) === undefined) return refused('keyNotFound');
      return lease === 0n || surroundings.hasLease(lease) ? null : refused('leaseNotFound');
    }
    case 'deleteRange':
      return null;
    case 'txn':
      for (const each of partOf(operation, choices)) {
        const refusal = refusalOf(each, choices, map, surroundings, work);
        if (refusal !== null) return refusal;
      }
      return null;
  }
};

const writesTwice = (operation: KvOperation, choices: Choices): boolean =>
  operation.type === 'txn' && keyWrittenTwice(operation, (txn) => [partOf(txn, choices)]) !== null;

const done = (
  operation: KvOperation,
  choices: Choices,
  transaction: Transaction,
  surroundings: Surroundings,
  work: Work,
): OperationResult => {
  switch (operation.type) {
    case 'range': {
      const found = operation.revision === 0 ? null : surroundings.at(operation.revision);
      return readRange(operation, found?.type === 'found' ? found.map : transaction.map, work);
    }
    case 'put': {
      const { key, returnsPrevious, keepsValue, keepsLease } = operation;
      const before = transaction.map.get(key);
      const value = keepsValue ? before!.value : operation.value;
      const previous = transaction.put(key, value, keepsLease ? before!.lease : operation.lease);
      if (returnsPrevious && previous !== null) work.give(previous, true);
      return { type: 'put', previous: returnsPrevious ? previous : null };
    }
    case 'deleteRange': {
      work.look(transaction.map.count(operation.range.from, operation.range.to));
      const previous = transaction.deleteRange(operation.range);
      if (operation.returnsPrevious) for (const pair of previous) work.give(pair, true);
      return {
        type: 'deleteRange',
        deleted: previous.length,
        previous: operation.returnsPrevious ? previous : [],
      };
    }
    case 'txn':
      return {
        type: 'txn',
        succeeded: choices.get(operation) === true,
        results: partOf(operation, choices).map((each) =>
          done(each, choices, transaction, surroundings, work),
        ),
      };
  }
};

/** `work`: what it may take; null: anything. Throws `TooLarge`. */
export const readRange = (
  operation: RangeOperation,
  map: SortedPairs<KeyValue>,
  work: Work | null = null,
): OperationResult & { readonly type: 'range' } => {
  const { range, limit, order, sortedBy, countOnly, keysOnly } = operation;
  const { from, to } = range;
  const count = map.count(from, to);
  if (countOnly) return { type: 'range', pairs: [], hasMore: false, count };
  const most = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  const pairs: KeyValue[] = [];
  const isByKey = sortedBy === 'key';
  for (const [, pair] of isByKey && order === 'descend' ? map.reversed(from, to) : map.pairs(from, to)) {
    work?.look(1);
    if (!isWithin(operation, pair)) continue;
    pairs.push(pair);
    // One more than is asked for tells that there are more.
    if (isByKey && pairs.length > most) break;
  }
  if (!isByKey) {
    const sign = order === 'ascend' ? 1 : -1;
    pairs.sort((a, b) => sign * compared(a, b, sortedBy));
  }
  const shown = pairs.length > most ? pairs.slice(0, most) : pairs;
  if (work !== null) for (const pair of shown) work.give(pair, !keysOnly);
  return {
    type: 'range',
    pairs: keysOnly ? shown.map((pair) => ({ ...pair, value: noBytes })) : shown,
    hasMore: pairs.length > most,
    count,
  };
};

const noBytes = new Uint8Array();

export const isWithin = (
  { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision }: RangeOperation,
  { modRevision, createRevision }: KeyValue,
): boolean =>
  modRevision >= minModRevision &&
  (maxModRevision === 0 || modRevision <= maxModRevision) &&
  createRevision >= minCreateRevision &&
  (maxCreateRevision === 0 || createRevision <= maxCreateRevision);

const compared = (a: KeyValue, b: KeyValue, by: Exclude<RangeOperation['sortedBy'], 'key'>): number => {
  switch (by) {
    case 'version':
      return a.version - b.version;
    case 'create':
      return a.createRevision - b.createRevision;
    case 'mod':
      return a.modRevision - b.modRevision;
    case 'value':
      return comparedBytes(a.value, b.value);
  }
};

const holds = (compare: Compare, map: SortedPairs<KeyValue>, work: Work): boolean => {
  const { from, to } = compare.range;
  let hasSome = false;
  for (const [, pair] of map.pairs(from, to)) {
    work.look(1);
    if (!holdsFor(compare, pair)) return false;
    hasSome = true;
  }
  if (hasSome) return true;
  // A key that does not exist has no value to compare, and 0 for all else.
  return compare.target.type !== 'value' && holdsFor(compare, absent);
};

const absent: KeyValue = {
  key: '',
  value: noBytes,
  createRevision: 0,
  modRevision: 0,
  version: 0,
  lease: 0n,
};

const holdsFor = ({ target, result }: Compare, pair: KeyValue): boolean => {
  const order = orderOf(target, pair);
  switch (result) {
    case 'equal':
      return order === 0;
    case 'notEqual':
      return order !== 0;
    case 'greater':
      return order > 0;
    case 'less':
      return order < 0;
  }
};

/** Of what the pair has and what it is compared with. */
const orderOf = (target: Compare['target'], pair: KeyValue): number => {
  switch (target.type) {
    case 'version':
      return pair.version - target.number;
    case 'create':
      return pair.createRevision - target.number;
    case 'mod':
      return pair.modRevision - target.number;
    case 'lease':
      return pair.lease === target.lease ? 0 : pair.lease > target.lease ? 1 : -1;
    case 'value':
      return comparedBytes(pair.value, target.value);
  }
};

/** As `Buffer.compare`, also where there is no Node.js. */
export const comparedBytes = (a: Uint8Array, b: Uint8Array): number => {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
};
