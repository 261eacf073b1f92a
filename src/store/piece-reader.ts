/** Reads so many bytes at a time from pieces that end anywhere. */
export class PieceReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** The next `length` bytes; fewer only at the end of the pieces. */
  async read(length: number): Promise<Uint8Array> {
    while (this.#waitingBytes < length) {
      const { done, value } = await this.#pieces.next();
      if (done === true) break;
      this.#waiting.push(value);
      this.#waitingBytes += value.length;
    }
    const all = this.#joined();
    const taken = all.subarray(0, length);
    this.#waiting = [all.subarray(taken.length)];
    this.#waitingBytes = all.length - taken.length;
    return taken;
  }

  /** Everything that was not read. */
  async *rest(): AsyncGenerator<Uint8Array, void> {
    if (this.#waitingBytes > 0) yield this.#joined();
    for (;;) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return;
      yield value;
    }
  }

  #joined(): Uint8Array {
    if (this.#waiting.length === 1) return this.#waiting[0]!;
    const all = new Uint8Array(this.#waitingBytes);
    let at = 0;
    for (const piece of this.#waiting) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
