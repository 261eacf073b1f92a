import { Buffer } from 'node:buffer';
import type { ByteBudget } from './byte-budget.ts';

const empty = Buffer.alloc(0);

/**
 * Collects one body. A single chunk is kept as it is; more are gathered in one growing buffer, so that a body of many
 * one-byte chunks costs its bytes and not an object for each.
 */
export class RequestBody {
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  /** What it is known to need, once it is let in. */
  #expectedBytes = 0;
  #buffer: Buffer = empty;
  #length = 0;

  constructor(maxBytes: number, budget: ByteBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  /** Null, or why no more of the body can be taken; it has then released what it held. */
  add(chunk: Buffer): 'bodyTooLarge' | 'overloaded' | null {
    const length = this.#length + chunk.length;
    if (length > this.#maxBytes) {
      this.release();
      return 'bodyTooLarge';
    }
    if (length > this.#buffer.length && !this.#grow(this.#capacityFor(length))) {
      this.release();
      return 'overloaded';
    }
    if (this.#length === 0) this.#buffer = chunk;
    else chunk.copy(this.#buffer, this.#length);
    this.#length = length;
    return null;
  }

  /** All of it is to be taken: it is gathered in a buffer of so many bytes from here on. */
  expect(bytes: number): void {
    this.#expectedBytes = bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes so far: valid until `release`. */
  get bytes(): Buffer {
    return this.#buffer.length === this.#length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  /** Gives the held bytes back to the budget. Idempotent. */
  release(): void {
    this.#budget.give(this.#buffer.length);
    this.#buffer = empty;
    this.#length = 0;
  }

  #capacityFor(length: number): number {
    if (this.#length === 0) return length;
    return length <= this.#expectedBytes ? this.#expectedBytes : Math.min(length * 2, this.#maxBytes);
  }

  #grow(capacity: number): boolean {
    if (!this.#budget.take(capacity)) return false;
    if (this.#length > 0) {
      const grown = Buffer.allocUnsafeSlow(capacity);
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#budget.give(this.#buffer.length);
      this.#buffer = grown;
    }
    return true;
  }
}
