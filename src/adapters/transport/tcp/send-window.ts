/** How much the frames in the ordered lane may delay a frame that overtakes them. */
const delayBudgetMs = 40;
const minBytes = 8 * 1024;
/** The share of the window that one piece has. */
const pieceShare = 1 / 4;
/** Only the last piece of a frame may be smaller. */
export const minPieceBytes = minBytes * pieceShare;
const maxBytes = 4 * 1024 * 1024;

/**
 * How many unconfirmed bytes may be under way: just enough to keep the path busy, so that little waits in the buffers of kernels and routers, where nothing can
 * overtake. The window grows while confirmations come almost as soon as the quickest one did, and shrinks when they come later.
 * Source: the idea of TCP Vegas and LEDBAT (RFC 6817), which Node.js cannot switch on for a socket.
 */
export class SendWindow {
  readonly #now: () => number;
  #bytes = 2 * minBytes;
  #sent = 0;
  #confirmed = 0;
  /** The shortest time that a confirmation took, on the path as it is now. */
  #leastMs = Number.POSITIVE_INFINITY;
  /** Once this many bytes are confirmed, the last change of the window has taken effect. */
  #settledAt = 0;
  /** Whether anything has waited since then: if not, quick confirmations do not mean that there is room for more. */
  #wasFull = false;
  readonly #underWay: { readonly end: number; readonly atMs: number }[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Bytes that have left and are not confirmed. */
  get underWayBytes(): number {
    return this.#sent - this.#confirmed;
  }

  /** How many bytes may leave at once; 0: none before the next confirmation. */
  get room(): number {
    const room = this.#bytes - this.underWayBytes;
    if (room <= 0) this.#wasFull = true;
    return Math.max(0, room);
  }

  /** A quarter of the window, so that the other side confirms in time. */
  get pieceBytes(): number {
    return Math.min(64 * 1024, Math.floor(this.#bytes * pieceShare));
  }

  sent(bytes: number): void {
    this.#sent += bytes;
    this.#underWay.push({ end: this.#sent, atMs: this.#now() });
  }

  /** The other side has taken this many more bytes. False: it was not sent that many. */
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
    // With so little under way, the window does not cause the delay: the path has become longer, or the other side slower.
    if (this.#bytes === minBytes && tookMs > this.#leastMs + delayBudgetMs) this.#leastMs = tookMs;
    const wantedMs = this.#leastMs + delayBudgetMs;
    const factor = Math.max(0.5, Math.min(2, wantedMs / Math.max(tookMs, 1)));
    if (factor < 1 || this.#wasFull)
      this.#bytes = Math.max(minBytes, Math.min(maxBytes, Math.floor(this.#bytes * factor)));
    this.#wasFull = false;
    this.#settledAt = this.#sent;
  }
}
