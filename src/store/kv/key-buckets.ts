/** Key and value, as they were when a snapshot began. */
export type Pair = readonly [key: string, value: Uint8Array];

export const bucketCount = 1024;

/** What a running snapshot is told before a key changes. */
export type BeforeChange = (bucket: number, key: string, value: Uint8Array | undefined) => void;

/**
 * A map from key to value in many small maps. A single `Map` of a million keys is copied in one go when it grows, and cannot be
 * sorted in pieces; here each step is small, and all keys of a bucket can be looked at between two commands.
 */
export class KeyBuckets {
  readonly #buckets: (Map<string, Uint8Array> | undefined)[] = new Array(bucketCount).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Uint8Array | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  set(key: string, value: Uint8Array, beforeChange: BeforeChange | null): void {
    const number = bucketOf(key);
    let bucket = this.#buckets[number];
    if (bucket === undefined) {
      bucket = new Map();
      this.#buckets[number] = bucket;
    }
    beforeChange?.(number, key, bucket.get(key));
    const before = bucket.size;
    bucket.set(key, value);
    this.#size += bucket.size - before;
  }

  /** Whether there was something to delete. */
  delete(key: string, beforeChange: BeforeChange | null): boolean {
    const number = bucketOf(key);
    const bucket = this.#buckets[number];
    const value = bucket?.get(key);
    if (bucket === undefined || value === undefined) return false;
    beforeChange?.(number, key, value);
    bucket.delete(key);
    this.#size -= 1;
    return true;
  }

  /** The pairs of one bucket, live: what is added or deleted during the iteration shows in it. */
  pairsIn(number: number): Iterable<Pair> {
    return this.#buckets[number] ?? [];
  }
}

/** FNV-1a over the key's bytes, its halves folded onto each other. The same on every node: it decides the order of a snapshot. */
const bucketOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 12) ^ (hash >>> 24)) & (bucketCount - 1);
};
