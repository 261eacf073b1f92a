import type { RangeOperation } from '../../kv/operations.ts';
import type { SortedPairs } from '../../kv/past-view.ts';
import { isWithin, readRange } from '../../kv/perform.ts';
import type { KeyValue } from '../../kv/revisioned-store.ts';
import { badRequest } from './request-refused.ts';

/** Of keys and values on one page, about; one pair may go beyond. */
export const maxPageBytes = 1024 * 1024;
/** So many keys are looked at for one page. */
const maxLookedAt = 10_000;
/** More are not sorted, which takes all of them. */
export const maxSorted = 10_000;

export interface Page {
  readonly pairs: readonly KeyValue[];
  /** Keys in the range, whatever limit and bounds leave out. */
  readonly count: number;
  /** Where the next page goes on; null: this is the last one. */
  readonly next: string | number | null;
}

/** The page after `after` of what `operation` finds in `map`. It may be empty, and not the last. Throws `RequestRefused`. */
export const pageOf = (
  map: SortedPairs<KeyValue>,
  operation: RangeOperation,
  after: string | number | null,
): Page => {
  const { from, to } = operation.range;
  const count = map.count(from, to);
  if (operation.countOnly) return { pairs: [], count, next: null };
  if (operation.sortedBy === 'key') return { ...byKey(map, operation, after), count };
  if (count > maxSorted)
    throw badRequest(
      `at most ${maxSorted} keys are sorted, this range has ${count}: name fewer, or sort by key`,
    );
  const { pairs } = readRange({ ...operation, limit: 0, keysOnly: false }, map);
  const start = typeof after === 'number' ? after : 0;
  const room = new Room(operation);
  for (const pair of pairs.slice(start)) if (!room.takes(pair)) break;
  const end = start + room.pairs.length;
  return { pairs: room.pairs, count, next: end < pairs.length ? end : null };
};

const byKey = (
  map: SortedPairs<KeyValue>,
  operation: RangeOperation,
  after: string | number | null,
): Omit<Page, 'count'> => {
  const { from, to } = operation.range;
  const room = new Room(operation);
  const isUp = operation.order === 'ascend';
  const start = typeof after !== 'string' ? null : after;
  const ahead = isUp ? map.pairs(start === null ? from : `${start}\0`, to) : map.reversed(from, start ?? to);
  let lookedAt = 0;
  let last: string | null = null;
  for (const [key, pair] of ahead) {
    const isOver =
      lookedAt++ === maxLookedAt || (isWithin(operation, pair) ? !room.takes(pair) : room.isFull);
    if (isOver) return { pairs: room.pairs, next: last };
    last = key;
  }
  return { pairs: room.pairs, next: null };
};

/** What is on a page so far. */
class Room {
  readonly pairs: KeyValue[] = [];
  readonly #operation: RangeOperation;
  #bytes = 0;

  constructor(operation: RangeOperation) {
    this.#operation = operation;
  }

  get isFull(): boolean {
    return this.pairs.length >= this.#operation.limit;
  }

  /** False: there is no room for it. */
  takes(pair: KeyValue): boolean {
    const bytes = pair.key.length + (this.#operation.keysOnly ? 0 : pair.value.length);
    if (this.isFull || (this.pairs.length > 0 && this.#bytes + bytes > maxPageBytes)) return false;
    this.#bytes += bytes;
    this.pairs.push(pair);
    return true;
  }
}
