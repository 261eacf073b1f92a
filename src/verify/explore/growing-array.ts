/** Integers in a typed array that grows. An element must be set before it is read. */
export class GrowingArray {
  #items = new Int32Array(1024);

  get(index: number): number {
    return this.#items[index]!;
  }

  set(index: number, value: number): void {
    if (index >= this.#items.length) {
      const larger = new Int32Array(Math.max(index + 1, this.#items.length * 2));
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[index] = value;
  }

  /** The first elements, up to this count. */
  slice(length: number): Int32Array {
    return this.#items.slice(0, length);
  }

  get bytes(): number {
    return this.#items.byteLength;
  }
}
