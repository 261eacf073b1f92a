/** A map from tuples of `width` integers to one integer from 0, in typed arrays: look-ups do not allocate. */
export class TupleMap {
  readonly #width: number;
  /** Key and value of each slot, one after the other; the value is one more than what was set, 0: free. */
  #slots: Int32Array;
  #mask: number;
  #count = 0;

  constructor(width: number, capacity = 1024) {
    this.#width = width;
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity * (width + 1));
  }

  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** The value of `key`; −1 if it has none. */
  get(key: Int32Array): number {
    return this.#slots[this.#slotOf(key) + this.#width]! - 1;
  }

  /** `key` must not have a value yet. */
  set(key: Int32Array, value: number): void {
    if (++this.#count * 3 > this.#mask * 2) this.#grow();
    this.#put(key, value + 1);
  }

  /** All keys, one after the other, in no particular order. */
  keys(): Int32Array {
    const width = this.#width;
    const keys = new Int32Array(this.#count * width);
    let to = 0;
    for (let at = 0; at < this.#slots.length; at += width + 1) {
      if (this.#slots[at + width] === 0) continue;
      for (let part = 0; part < width; part++) keys[to++] = this.#slots[at + part]!;
    }
    return keys;
  }

  #put(key: Int32Array, value: number): void {
    const at = this.#slotOf(key);
    for (let part = 0; part < this.#width; part++) this.#slots[at + part] = key[part]!;
    this.#slots[at + this.#width] = value;
  }

  /** The slot of `key`, or where it would go. */
  #slotOf(key: Int32Array): number {
    const width = this.#width;
    const slots = this.#slots;
    let hash = 0x9e3779b9;
    for (let part = 0; part < width; part++) {
      hash = Math.imul(hash ^ key[part]!, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * (width + 1);
      if (slots[at + width] === 0) return at;
      let part = 0;
      while (part < width && slots[at + part] === key[part]) part++;
      if (part === width) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    const width = this.#width;
    const capacity = (this.#mask + 1) * 2;
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity * (width + 1));
    for (let at = 0; at < old.length; at += width + 1) {
      if (old[at + width] !== 0) this.#put(old.subarray(at, at + width), old[at + width]!);
    }
  }
}
