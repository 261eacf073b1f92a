import { prefixBytes } from '../frame-reader.ts';
import { type Ack, maxWindow } from './packet.ts';

export interface OutgoingParts {
  /** The most payload of one packet. */
  readonly maxPayloadBytes: number;
  /** Sends a packet; it may be lost. */
  readonly transmit: (sequence: number, payload: Uint8Array) => void;
}

interface Piece {
  readonly payload: Uint8Array;
  sends: number;
  /** When it was sent last, on the clock and among all that was sent. */
  sentMs: number;
  sentAs: number;
}

/** Before there is a measurement. */
const firstTimeoutMs = 200;
const minTimeoutMs = 30;
const maxTimeoutMs = 2000;
const maxDoublings = 6;

const firstWindow = 16;
const minWindow = 2;

/** What a loss leaves of the window: as much as CUBIC does (RFC 9438). */
const shrinkage = 0.7;

/**
 * One direction of a connection, where it is sent: frames become packets, each of which is sent until it is acknowledged. How many are under way at once
 * follows what the network carries (RFC 5681), and how long an acknowledgement is waited for follows the round trips (RFC 6298). A packet that others have
 * overtaken counts as lost once they have been a round trip and a little longer ahead of it (RFC 8985): networks that reorder are not mistaken for ones that lose.
 */
export class OutgoingStream {
  readonly #parts: OutgoingParts;
  /** Frames and their prefixes that are not in a packet yet, from `#offset` of the first on. */
  #queue: Uint8Array[] = [];
  #queueHead = 0;
  #offset = 0;
  /** Of that. */
  #queuedBytes = 0;
  #underWayBytes = 0;
  #isEnding = false;
  /** By sequence, ascending: what was sent and is not known to have arrived. */
  readonly #pieces = new Map<number, Piece>();
  /** The sequence of the next new packet. */
  #next = 1;
  /** To be sent again. */
  readonly #lost = new Set<number>();
  #sends = 0;
  /** Of what was sent up to here the latest is known to have arrived. */
  #arrivedAs = 0;
  #window = firstWindow;
  #threshold = maxWindow;
  /** The window shrinks once for all that was sent up to here. */
  #shrunkAs = 0;
  #smoothedMs: number | null = null;
  #variationMs = 0;
  #doublings = 0;
  /** When the wait for acknowledgements began; null: nothing is under way. */
  #waitsSinceMs: number | null = null;

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  /** In bytes, of what is not known to have arrived. */
  get waitingBytes(): number {
    return this.#queuedBytes + this.#underWayBytes;
  }

  /** Everything has arrived, the end included. */
  get isDone(): boolean {
    return !this.#isEnding && this.#pieces.size === 0 && this.#queuedBytes === 0;
  }

  /** When `expire` is due; null: nothing is waited for. */
  get deadlineMs(): number | null {
    return this.#waitsSinceMs === null ? null : this.#waitsSinceMs + this.#timeoutMs;
  }

  /** `frame` belongs to the stream from now on. It leaves with the next `flush`, if there is room. */
  push(frame: Uint8Array): void {
    const prefix = new Uint8Array(prefixBytes);
    new DataView(prefix.buffer).setUint32(0, frame.length);
    this.#queue.push(prefix, frame);
    this.#queuedBytes += prefixBytes + frame.length;
  }

  /** Nothing follows. */
  end(): void {
    this.#isEnding = true;
  }

  /** Sends what there is room for. */
  flush(nowMs: number): void {
    for (const sequence of this.#lost) {
      if (!this.#hasRoom) return;
      this.#lost.delete(sequence);
      this.#send(sequence, nowMs);
    }
    while (this.#hasRoom && this.#next < this.#first + maxWindow) {
      const payload = this.#nextPayload();
      if (payload === null) return;
      this.#pieces.set(this.#next, { payload, sends: 0, sentMs: 0, sentAs: 0 });
      this.#send(this.#next++, nowMs);
    }
  }

  /** The other side says what has arrived. Returns what is wrong with that, or null. */
  acknowledge({ next, arrived }: Ack, nowMs: number): string | null {
    if (next > this.#next) return 'it acknowledges what was not sent';
    let count = 0;
    for (const sequence of this.#pieces.keys()) {
      if (sequence >= next) break;
      this.#settle(sequence, nowMs);
      count++;
    }
    for (let at = 0; at < arrived.length * 8; at++) {
      if (((arrived[at >> 3]! >> (at & 7)) & 1) === 0) continue;
      const sequence = next + 1 + at;
      if (sequence >= this.#next) return 'it acknowledges what was not sent';
      if (!this.#pieces.has(sequence)) continue;
      this.#settle(sequence, nowMs);
      count++;
    }
    if (count > 0) {
      this.#doublings = 0;
      this.#waitsSinceMs = nowMs;
      const gain = this.#window < this.#threshold ? count : count / this.#window;
      this.#window = Math.min(maxWindow, this.#window + gain);
    }
    this.#findLost(nowMs);
    if (this.#pieces.size === 0) this.#waitsSinceMs = null;
    this.flush(nowMs);
    return null;
  }

  /** No acknowledgement has come in time: all that is under way counts as lost. */
  expire(nowMs: number): void {
    this.#doublings = Math.min(this.#doublings + 1, maxDoublings);
    this.#shrink();
    this.#window = minWindow;
    this.#waitsSinceMs = null;
    for (const sequence of this.#pieces.keys()) this.#lost.add(sequence);
    this.flush(nowMs);
  }

  /** The first that is not known to have arrived. */
  get #first(): number {
    return this.#pieces.keys().next().value ?? this.#next;
  }

  get #hasRoom(): boolean {
    return this.#pieces.size - this.#lost.size < Math.floor(this.#window);
  }

  get #timeoutMs(): number {
    const measured = this.#smoothedMs === null ? firstTimeoutMs : this.#smoothedMs + 4 * this.#variationMs;
    return Math.min(maxTimeoutMs, Math.max(minTimeoutMs, measured) * 2 ** this.#doublings);
  }

  /** As much as one packet holds of what is queued; null: nothing is. */
  #nextPayload(): Uint8Array | null {
    const payload = new Uint8Array(Math.min(this.#parts.maxPayloadBytes, this.#queuedBytes));
    let used = 0;
    while (used < payload.length) {
      const chunk = this.#queue[this.#queueHead]!;
      const taken = chunk.subarray(this.#offset, this.#offset + payload.length - used);
      payload.set(taken, used);
      used += taken.length;
      this.#offset += taken.length;
      if (this.#offset < chunk.length) break;
      this.#queueHead++;
      this.#offset = 0;
    }
    if (this.#queueHead === this.#queue.length) {
      this.#queue = [];
      this.#queueHead = 0;
    }
    this.#queuedBytes -= used;
    this.#underWayBytes += used;
    if (used > 0) return payload;
    if (!this.#isEnding) return null;
    this.#isEnding = false;
    return payload;
  }

  #send(sequence: number, nowMs: number): void {
    const piece = this.#pieces.get(sequence)!;
    piece.sends++;
    piece.sentMs = nowMs;
    piece.sentAs = ++this.#sends;
    this.#waitsSinceMs ??= nowMs;
    this.#parts.transmit(sequence, piece.payload);
  }

  #settle(sequence: number, nowMs: number): void {
    const { payload, sends, sentMs, sentAs } = this.#pieces.get(sequence)!;
    this.#pieces.delete(sequence);
    this.#lost.delete(sequence);
    this.#underWayBytes -= payload.length;
    // Of one that was sent twice nobody knows which time arrived (Karn's algorithm).
    if (sends > 1) return;
    this.#arrivedAs = Math.max(this.#arrivedAs, sentAs);
    this.#measure(nowMs - sentMs);
  }

  /** Those that later ones have overtaken by too much. */
  #findLost(nowMs: number): void {
    if (this.#smoothedMs === null) return;
    const patienceMs = this.#smoothedMs + Math.max(this.#smoothedMs / 4, 2 * this.#variationMs);
    for (const [sequence, { sentAs, sentMs }] of this.#pieces) {
      const isOvertaken = sentAs < this.#arrivedAs && nowMs - sentMs > patienceMs;
      if (!isOvertaken || this.#lost.has(sequence)) continue;
      this.#lost.add(sequence);
      if (sentAs > this.#shrunkAs) this.#shrink();
    }
  }

  #shrink(): void {
    this.#shrunkAs = this.#sends;
    this.#threshold = Math.max(minWindow, this.#window * shrinkage);
    this.#window = this.#threshold;
  }

  #measure(roundTripMs: number): void {
    if (this.#smoothedMs === null) {
      this.#smoothedMs = roundTripMs;
      this.#variationMs = roundTripMs / 2;
      return;
    }
    this.#variationMs += (Math.abs(this.#smoothedMs - roundTripMs) - this.#variationMs) / 4;
    this.#smoothedMs += (roundTripMs - this.#smoothedMs) / 8;
  }
}
