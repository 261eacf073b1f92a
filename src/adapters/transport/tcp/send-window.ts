/** What frames that must wait their turn may add to the delay of one that overtakes them. */
const delayBudgetMs = 40;
const minBytes = 8 * 1024;
/** So much of what may be under way is in one piece. */
const pieceShare = 1 / 4;
/** No piece but the last one of a frame is smaller. */
export const minPieceBytes = minBytes * pieceShare;
const maxBytes = 4 * 1024 * 1024;

/**
 * How many bytes may be under way to the other side that it has not confirmed: as few as keep the path busy, so that little waits in the buffers of kernels
 * and routers, where nothing can overtake. It grows while confirmations come about as soon as they ever did, and shrinks when they come later.
 * Source: the idea is that of TCP Vegas and LEDBAT (RFC 6817), of which no socket of Node.js can be told.
 */
export class SendWindow {
  readonly #now: () => number;
  #bytes = 2 * minBytes;
  #sent = 0;
  #confirmed = 0;
  /** The soonest that a confirmation came, on the path as it is now. */
  #leastMs = Number.POSITIVE_INFINITY;
  /** Once so much is confirmed, the last change of the window has had its effect. */
  #settledAt = 0;
  /** Whether anything had to wait since then: otherwise it is no sign of room that confirmations come soon. */
  #wasFull = false;
  readonly #underWay: { readonly end: number; readonly atMs: number }[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Bytes that have left, and may still wait in some buffer. */
  get underWayBytes(): number {
    return this.#sent - this.#confirmed;
  }

  /** How many bytes may leave at once; 0: none before the next confirmation. */
  get room(): number {
    const room = this.#bytes - this.underWayBytes;
    if (room <= 0) this.#wasFull = true;
    return Math.max(0, room);
  }

  /** A quarter of what may be under way leaves in one piece, so that the other side confirms in time. */
  get pieceBytes(): number {
    return Math.min(64 * 1024, Math.floor(this.#bytes * pieceShare));
  }

  sent(bytes: number): void {
    this.#sent += bytes;
    this.#underWay.push({ end: this.#sent, atMs: this.#now() });
  }

  /** The other side has taken so many more bytes. False: so many were not sent. */
  confirm(bytes: number): boolean {
    if (bytes === 0 || bytes > this.underWayBytes) return false;
    this.#confirmed += bytes;
    let sentMs: number | null = null;
    while (this.#underWay.length > 0 && this.#underWay[0]!.end <= this.#confirmed)
      sentMs = this.#underWay.shift()!.atMs;
    if (sentMs !== null) this.#adjust(this.#now() - sentMs);
    return true;
  }

  #adjust(tookMs: number): void {
    this.#leastMs = Math.min(this.#leastMs, tookMs);
    if (this.#confirmed < this.#settledAt) return;
    // With so little under way the delay is none of its making: the path has become longer, or the other side slower.
    if (this.#bytes === minBytes && tookMs > this.#leastMs + delayBudgetMs) this.#leastMs = tookMs;
    const wantedMs = this.#leastMs + delayBudgetMs;
    const factor = Math.max(0.5, Math.min(2, wantedMs / Math.max(tookMs, 1)));
    if (factor < 1 || this.#wasFull)
      this.#bytes = Math.max(minBytes, Math.min(maxBytes, Math.floor(this.#bytes * factor)));
    this.#wasFull = false;
    this.#settledAt = this.#sent;
  }
}
