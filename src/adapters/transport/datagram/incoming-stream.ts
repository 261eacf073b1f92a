import type { FrameLimits } from '../frame-limits.ts';
import { FrameReader } from '../frame-reader.ts';
import { type Ack, maxWindow } from './packet.ts';

export interface IncomingHandlers {
  frame(frame: Uint8Array): void;
  /** The other side sends nothing more. */
  ended(): void;
}

/** What may wait for something before it, in bytes. What is dropped for want of room is sent again. */
const maxEarlyBytes = 4 * 1024 * 1024;

/** One direction of a connection, where it arrives: puts packets in order and cuts the frames out. */
export class IncomingStream {
  readonly #handlers: IncomingHandlers;
  readonly #reader: FrameReader;
  #next = 1;
  /** Those that arrived before `#next` did. */
  readonly #early = new Map<number, Uint8Array>();
  #earlyBytes = 0;
  /** Grows with the first frame: a stranger must not make this node keep megabytes. */
  #maxEarlyBytes: number;

  constructor(limits: FrameLimits, isAccepted: boolean, handlers: IncomingHandlers) {
    const { maxFrameBytes, maxFirstFrameBytes } = limits;
    this.#handlers = handlers;
    this.#reader = new FrameReader(maxFrameBytes, isAccepted ? maxFirstFrameBytes : maxFrameBytes);
    this.#maxEarlyBytes = isAccepted ? maxFirstFrameBytes : maxEarlyBytes;
  }

  /** Takes one data packet. Returns why nothing more of this stream can be used, or null. */
  take(sequence: number, payload: Uint8Array): string | null {
    if (sequence < this.#next || sequence >= this.#next + maxWindow) return null;
    if (sequence > this.#next) {
      this.#keep(sequence, payload);
      return null;
    }
    for (let piece: Uint8Array | undefined = payload; piece !== undefined; piece = this.#takeEarly()) {
      this.#next++;
      if (piece.length === 0) {
        this.#handlers.ended();
        return null;
      }
      const fault = this.#reader.push(piece, (frame) => {
        this.#maxEarlyBytes = maxEarlyBytes;
        this.#handlers.frame(frame);
      });
      if (fault !== null) return fault;
    }
    return null;
  }

  /** What has arrived so far. */
  get ack(): Ack {
    const bits = new Uint8Array(maxWindow / 8);
    let length = 0;
    for (const sequence of this.#early.keys()) {
      const at = sequence - this.#next - 1;
      bits[at >> 3]! |= 1 << (at & 7);
      length = Math.max(length, (at >> 3) + 1);
    }
    return { next: this.#next, arrived: bits.subarray(0, length) };
  }

  #keep(sequence: number, payload: Uint8Array): void {
    if (this.#early.has(sequence) || this.#earlyBytes + payload.length > this.#maxEarlyBytes) return;
    this.#early.set(sequence, payload);
    this.#earlyBytes += payload.length;
  }

  #takeEarly(): Uint8Array | undefined {
    const piece = this.#early.get(this.#next);
    if (piece === undefined) return undefined;
    this.#early.delete(this.#next);
    this.#earlyBytes -= piece.length;
    return piece;
  }
}
