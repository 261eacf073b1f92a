/** A connection with bytes that are to be parsed. */
export interface Feeder {
  /** Whether there are some, and they may be parsed now. */
  readonly isReady: boolean;
  /** Has a few of them parsed. */
  feed(): void;
}

/**
 * Keeps the turns of the event loop short however many clients send at once: heartbeats, and the requests of those who ask for little, come between two
 * turns. What does not fit into one is taken up in the next, a little of each connection in turn.
 */
export class ReadingTurns {
  readonly #maxTurnMs: number;
  /** When this turn should be over; null: it has not begun. */
  #endMs: number | null = null;
  readonly #line = new Set<Feeder>();

  constructor(maxTurnMs: number) {
    this.#maxTurnMs = maxTurnMs;
  }

  /** Feeds from `feeder` now, as far as this turn allows, and goes on in later ones. */
  take(feeder: Feeder): void {
    if (this.#line.size === 0) while (feeder.isReady && !this.#isOver()) feeder.feed();
    if (feeder.isReady) this.#line.add(feeder);
  }

  /** The client has left. */
  leave(feeder: Feeder): void {
    this.#line.delete(feeder);
  }

  #isOver(): boolean {
    const now = performance.now();
    if (this.#endMs === null) {
      this.#endMs = now + this.#maxTurnMs;
      setImmediate(() => this.#next());
    }
    return now >= this.#endMs;
  }

  #next(): void {
    this.#endMs = null;
    for (const feeder of this.#line) {
      if (this.#isOver()) return;
      this.#line.delete(feeder);
      if (!feeder.isReady) continue;
      feeder.feed();
      // To the end of the line.
      if (feeder.isReady) this.#line.add(feeder);
    }
  }
}
