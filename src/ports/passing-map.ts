/** So many entries come before the table is replaced, or as many as it has, if those are more. */
const fewest = 64;

/**
 * A `Map` for what comes and goes all the time, such as the requests under way. V8 gives a `Map` a new table whenever the old one is full or nearly empty, and the old one
 * keeps its last entries and a reference to the new one: once one of them is in the old generation, all the later ones survive with what they held, needed or not,
 * until the next collection of everything. This one begins afresh every now and then, unlinked.
 */
export class PassingMap<Key, Value> {
  #map = new Map<Key, Value>();
  /** Entries that came since it began afresh. */
  #came = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  set(key: Key, value: Value): void {
    this.#map.set(key, value);
    if (++this.#came < Math.max(fewest, this.#map.size)) return;
    this.#came = 0;
    this.#map = new Map(this.#map);
  }

  /** False: there was none. */
  delete(key: Key): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map = new Map();
    this.#came = 0;
  }

  /** In the order in which they came. Keys that leave meanwhile are left out; those that come meanwhile may be, and one that leaves and comes again may have its old place. */
  *keys(): Generator<Key, undefined> {
    const begun = this.#map;
    for (const key of begun.keys()) if (this.#map === begun || this.#map.has(key)) yield key;
  }

  /** As `keys`. */
  *values(): Generator<Value, undefined> {
    for (const key of this.keys()) yield this.#map.get(key)!;
  }

  /** As `keys`. */
  *[Symbol.iterator](): Generator<readonly [Key, Value], undefined> {
    for (const key of this.keys()) yield [key, this.#map.get(key)!];
  }
}
