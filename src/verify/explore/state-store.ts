const chunkStates = 1 << 14;

/** Bit of a state's last word that says it is marked; the rest is its parent. */
const marked = 0x80000000;

/** The visited set, exact, in typed arrays: states are packed into words, in the order in which they were found. */
export class StateStore {
  readonly #words: number;
  /** Words of a state, and one more for its parent and its mark. */
  readonly #stride: number;
  readonly #chunks: Uint32Array[] = [];
  /** One more than the number of a state; 0: free. */
  #table = new Uint32Array(1 << 12);
  #count = 0;

  constructor(words: number) {
    this.#words = words;
    this.#stride = words + 1;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#table.byteLength + this.#chunks.length * chunkStates * this.#stride * 4;
  }

  /** The state's number; a new one is added as a child of `parent`, and `~number` is returned. */
  add(packed: Uint32Array, parent: number): number {
    const words = this.#words;
    const mask = this.#table.length - 1;
    let slot = hashOf(packed, words) & mask;
    for (let entry = this.#table[slot]!; entry !== 0; entry = this.#table[slot]!) {
      const chunk = this.#chunks[(entry - 1) >>> 14]!;
      const at = ((entry - 1) & (chunkStates - 1)) * this.#stride;
      let word = 0;
      while (word < words && chunk[at + word] === packed[word]) word++;
      if (word === words) return entry - 1;
      slot = (slot + 1) & mask;
    }
    const number = this.#count++;
    if ((number & (chunkStates - 1)) === 0) this.#chunks.push(new Uint32Array(chunkStates * this.#stride));
    const chunk = this.#chunks[number >>> 14]!;
    const at = (number & (chunkStates - 1)) * this.#stride;
    for (let word = 0; word < words; word++) chunk[at + word] = packed[word]!;
    chunk[at + words] = parent;
    this.#table[slot] = number + 1;
    if (this.#count * 4 > this.#table.length * 3) this.#growTable();
    return ~number;
  }

  read(number: number, packed: Uint32Array): void {
    const chunk = this.#chunks[number >>> 14]!;
    const at = (number & (chunkStates - 1)) * this.#stride;
    for (let word = 0; word < this.#words; word++) packed[word] = chunk[at + word]!;
  }

  /** The state from which this one was first reached; the first is its own. */
  parentOf(number: number): number {
    return this.#last(number) & ~marked;
  }

  isMarked(number: number): boolean {
    return (this.#last(number) & marked) !== 0;
  }

  /** Marks a state and every state it was reached through; stops at one already marked. */
  markUp(number: number): void {
    for (let at = number; ; ) {
      const chunk = this.#chunks[at >>> 14]!;
      const last = (at & (chunkStates - 1)) * this.#stride + this.#words;
      const parent = chunk[last]!;
      if ((parent & marked) !== 0) return;
      chunk[last] = parent | marked;
      if (parent === at) return;
      at = parent;
    }
  }

  /** Everything, for a file: for each state its words, then its parent and mark. */
  toWords(): Uint32Array {
    const all = new Uint32Array(this.#count * this.#stride);
    for (const [at, chunk] of this.#chunks.entries()) {
      const from = at * chunk.length;
      all.set(chunk.subarray(0, Math.min(chunk.length, all.length - from)), from);
    }
    return all;
  }

  /** Reads what `toWords` wrote. */
  static from(words: number, all: Uint32Array): StateStore {
    const store = new StateStore(words);
    for (let at = 0; at < all.length; at += words + 1) {
      store.add(all.subarray(at, at + words), all[at + words]!);
    }
    return store;
  }

  /** The same states, packed differently. */
  repacked(words: number, repack: (from: Uint32Array, to: Uint32Array) => void): StateStore {
    const store = new StateStore(words);
    const from = new Uint32Array(this.#words);
    const to = new Uint32Array(words);
    for (let number = 0; number < this.#count; number++) {
      this.read(number, from);
      repack(from, to);
      store.add(to, this.#last(number));
    }
    return store;
  }

  #last(number: number): number {
    return this.#chunks[number >>> 14]![(number & (chunkStates - 1)) * this.#stride + this.#words]!;
  }

  #growTable(): void {
    this.#table = new Uint32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    const packed = new Uint32Array(this.#words);
    for (let number = 0; number < this.#count; number++) {
      this.read(number, packed);
      let slot = hashOf(packed, this.#words) & mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
      this.#table[slot] = number + 1;
    }
  }
}

const hashOf = (packed: Uint32Array, words: number): number => {
  let hash = 0x9e3779b9;
  for (let word = 0; word < words; word++) {
    hash = Math.imul(hash ^ packed[word]!, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};
