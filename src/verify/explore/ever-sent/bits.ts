/** A set of small integers, as bits in words; it grows as needed. */
export class Bits {
  words: Uint32Array;

  constructor(words = 8) {
    this.words = new Uint32Array(words);
  }

  has(value: number): boolean {
    const word = value >>> 5;
    return word < this.words.length && (this.words[word]! & (1 << (value & 31))) !== 0;
  }

  add(value: number): void {
    const word = value >>> 5;
    if (word >= this.words.length) this.#grow(word + 1);
    this.words[word] = this.words[word]! | (1 << (value & 31));
  }

  delete(value: number): void {
    const word = value >>> 5;
    if (word < this.words.length) this.words[word] = this.words[word]! & ~(1 << (value & 31));
  }

  clear(): void {
    this.words.fill(0);
  }

  copy(): Bits {
    const copy = new Bits(this.words.length);
    copy.copyFrom(this);
    return copy;
  }

  copyFrom({ words }: Bits): void {
    this.setWords(words);
  }

  setWords(words: Uint32Array | Int32Array): void {
    if (words.length > this.words.length) this.#grow(words.length);
    this.words.set(words);
    this.words.fill(0, words.length);
  }

  /**
   * Calls `visit` with each, ascending, until it returns false; returns whether it never did. Members that `visit` adds above the one it is called
   * with are visited as well.
   */
  each(visit: (value: number) => boolean): boolean {
    for (let word = 0; word < this.words.length; word++) {
      let from = 0;
      for (
        let bits = this.words[word]!;
        bits !== 0;
        bits = from > 31 ? 0 : this.words[word]! & (-1 << from)
      ) {
        const bit = 31 - Math.clz32(bits & -bits);
        if (!visit(word * 32 + bit)) return false;
        from = bit + 1;
      }
    }
    return true;
  }

  #grow(words: number): void {
    const larger = new Uint32Array(Math.max(words, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }
}
