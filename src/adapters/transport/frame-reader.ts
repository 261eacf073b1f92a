import { joined } from '../codec/joined.ts';

/** A frame's length precedes it: unsigned, 32 bits, big-endian. */
export const prefixBytes = 4;

/** Chunks below this size are joined while their frame is not complete. */
const smallBytes = 4096;

/**
 * Cuts a byte stream into length-prefixed frames. Memory is taken as bytes arrive, never for a length that is only
 * declared.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #tlsWords: string | null;
  /** The limit for the next frame: the first may have one of its own. */
  #limitBytes: number;
  /** What has arrived of frames that are not complete yet. */
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** How many bytes the next cut waits for: a prefix, or a prefix and its frame. */
  #needed = prefixBytes;
  #fault: string | null = null;

  /** `tlsWords`: what is said of a peer that speaks TLS instead; null: the same as of any length. */
  constructor(maxFrameBytes: number, maxFirstFrameBytes = maxFrameBytes, tlsWords: string | null = null) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#tlsWords = tlsWords;
    this.#limitBytes = maxFirstFrameBytes;
  }

  /** Bytes that have arrived of a frame that is not complete. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /**
   * Calls `onFrame` for each frame that `chunk` completes; a frame within one chunk is a view of it. Returns why the
   * stream is unusable from here on, or null.
   */
  push(chunk: Uint8Array, onFrame: (frame: Uint8Array) => void): string | null {
    if (this.#fault !== null) return this.#fault;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) {
      this.#compact();
      return null;
    }
    const stream = joined(this.#chunks);
    let at = 0;
    this.#needed = prefixBytes;
    while (stream.length - at >= prefixBytes) {
      const length =
        stream[at]! * 0x100_0000 + ((stream[at + 1]! << 16) | (stream[at + 2]! << 8) | stream[at + 3]!);
      if (length === 0) return this.#fail('a frame of 0 bytes');
      if (length > this.#limitBytes && this.#tlsWords !== null && isTls(stream, at))
        return this.#fail(this.#tlsWords);
      if (length > this.#limitBytes)
        return this.#fail(`a frame of ${length} bytes, more than the ${this.#limitBytes} allowed`);
      const end = at + prefixBytes + length;
      if (end > stream.length) {
        this.#needed = prefixBytes + length;
        break;
      }
      this.#limitBytes = this.#maxFrameBytes;
      onFrame(stream.subarray(at + prefixBytes, end));
      at = end;
    }
    this.#chunks = at < stream.length ? [stream.subarray(at)] : [];
    this.#bytes = stream.length - at;
    this.#compact();
    return null;
  }

  /** What is held takes little more room than its bytes: no view keeps a larger buffer, and many small chunks become few. */
  #compact(): void {
    const last = this.#chunks.pop();
    if (last === undefined) return;
    let tail = last.buffer.byteLength > 2 * last.length ? Uint8Array.from(last) : last;
    for (;;) {
      const before = this.#chunks.at(-1);
      if (before === undefined || before.length > tail.length || before.length > smallBytes) break;
      this.#chunks.pop();
      tail = joined([before, tail]);
    }
    this.#chunks.push(tail);
  }

  #fail(fault: string): string {
    this.#fault = fault;
    this.#chunks = [];
    this.#bytes = 0;
    return fault;
  }
}

/** A record with a handshake (22) or an alert (21). RFC 8446 §5.1. */
const isTls = (stream: Uint8Array, at: number): boolean =>
  (stream[at] === 0x16 || stream[at] === 0x15) && stream[at + 1] === 0x03;
