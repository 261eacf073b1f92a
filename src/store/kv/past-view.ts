import { firstNotBelow, type OrderedMap } from './ordered-map.ts';

/** What an `OrderedMap` tells of its pairs. */
export interface SortedPairs<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  /** How many there are. */
  count(from: string, to: string | null): number;
  pairs(from?: string, to?: string | null): Iterable<readonly [key: string, value: Value]>;
  /** The same, the last one first. */
  reversed(from?: string, to?: string | null): Iterable<readonly [key: string, value: Value]>;
}

/** A map as it was before some of its keys changed. To make one costs nothing; to read it, a time linear in what has changed, once. */
export class PastView<Value> implements SortedPairs<Value> {
  readonly #now: OrderedMap<Value>;
  readonly #before: ReadonlyMap<string, Value | null>;
  /** The keys of `before` in their order, once that is needed. */
  #sorted: readonly string[] | null = null;

  /** `before`: what stood under the keys that have changed; null: nothing. */
  constructor(now: OrderedMap<Value>, before: ReadonlyMap<string, Value | null>) {
    this.#now = now;
    this.#before = before;
  }

  get size(): number {
    return this.count('', null);
  }

  get(key: string): Value | undefined {
    const before = this.#before.get(key);
    return before === undefined ? this.#now.get(key) : (before ?? undefined);
  }

  count(from: string, to: string | null): number {
    let count = this.#now.count(from, to);
    for (const key of this.#changedIn(from, to)) {
      if (this.#before.get(key) !== null) count++;
      if (this.#now.get(key) !== undefined) count--;
    }
    return count;
  }

  pairs(from = '', to: string | null = null): Iterable<readonly [string, Value]> {
    return this.#merged(this.#now.pairs(from, to), this.#changedIn(from, to), (a, b) => a < b);
  }

  reversed(from = '', to: string | null = null): Iterable<readonly [string, Value]> {
    return this.#merged(
      this.#now.reversed(from, to),
      this.#changedIn(from, to).toReversed(),
      (a, b) => a > b,
    );
  }

  *#merged(
    now: Iterable<readonly [string, Value]>,
    changed: readonly string[],
    isBefore: (a: string, b: string) => boolean,
  ): Generator<readonly [string, Value]> {
    let at = 0;
    for (const pair of now) {
      const [key] = pair;
      for (; at < changed.length && isBefore(changed[at]!, key); at++) yield* this.#was(changed[at]!);
      if (!this.#before.has(key)) yield pair;
    }
    for (; at < changed.length; at++) yield* this.#was(changed[at]!);
  }

  #was(key: string): readonly (readonly [string, Value])[] {
    const before = this.#before.get(key) ?? null;
    return before === null ? [] : [[key, before]];
  }

  #changedIn(from: string, to: string | null): readonly string[] {
    this.#sorted ??= [...this.#before.keys()].sort();
    const start = firstNotBelow(this.#sorted, from);
    return this.#sorted.slice(
      start,
      to === null ? undefined : Math.max(start, firstNotBelow(this.#sorted, to)),
    );
  }
}
