import { joined } from '../adapters/codec/joined.ts';

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
    const all = joined(this.#waiting);
    const taken = all.subarray(0, length);
    this.#waiting = [all.subarray(taken.length)];
    this.#waitingBytes = all.length - taken.length;
    return taken;
  }

  /** Everything that was not read. */
  async *rest(): AsyncGenerator<Uint8Array, void> {
    if (this.#waitingBytes > 0) yield joined(this.#waiting);
    for (;;) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return;
      yield value;
    }
  }
}
