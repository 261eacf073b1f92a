/** A frame's length precedes it: unsigned, 32 bits, big-endian. */
export const prefixBytes = 4;

/** Cuts a byte stream into length-prefixed frames. */
export class FrameReader {
  readonly #maxFrameBytes: number;
  /** What has arrived of frames that are not complete yet. */
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** How many bytes the next cut waits for: a prefix, or a prefix and its frame. */
  #needed = prefixBytes;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Calls `onFrame` for each frame that `chunk` completes. Returns why the stream is unusable from here on, or null. */
  push(chunk: Buffer, onFrame: (frame: Uint8Array) => void): string | null {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return null;
    const buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = prefixBytes;
    while (buffer.length - at >= prefixBytes) {
      const length = buffer.readUInt32BE(at);
      if (length === 0) return 'a frame of 0 bytes';
      if (length > this.#maxFrameBytes) {
        return `a frame of ${length} bytes, more than the ${this.#maxFrameBytes} allowed`;
      }
      if (buffer.length - at < prefixBytes + length) {
        this.#needed = prefixBytes + length;
        break;
      }
      onFrame(buffer.subarray(at + prefixBytes, at + prefixBytes + length));
      at += prefixBytes + length;
    }
    this.#chunks = at < buffer.length ? [buffer.subarray(at)] : [];
    this.#bytes = buffer.length - at;
    return null;
  }
}
