/** Something that waits for an outcome, on a socket, until a deadline. */
export interface Waiting {
  readonly socket: unknown;
  /** Set by `WaitingExchanges`, on its own clock. */
  deadlineMs: number;
  /** The deadline has passed. It must leave the line. */
  expire(): void;
}

/**
 * Exchanges whose command was submitted and whose outcome is open. All wait equally long, so the oldest expires
 * first: one slow timer looks at the head of the line, where a timer for each request would be set and cleared
 * thousands of times a second.
 */
export class WaitingExchanges {
  readonly #timeoutMs: number;
  readonly #sweeper: NodeJS.Timeout;
  /** In order of `add`, which is the order of deadlines. */
  readonly #waiting = new Set<Waiting>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(250, Math.ceil(timeoutMs / 4)));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(exchange: Waiting): void {
    exchange.deadlineMs = performance.now() + this.#timeoutMs;
    this.#waiting.add(exchange);
  }

  delete(exchange: Waiting): void {
    this.#waiting.delete(exchange);
  }

  /** Whether an answer is still to come on `socket`. */
  includesSocket(socket: unknown): boolean {
    for (const exchange of this.#waiting) if (exchange.socket === socket) return true;
    return false;
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#sweeper);
  }

  #sweep(): void {
    const now = performance.now();
    for (const exchange of this.#waiting) {
      if (exchange.deadlineMs > now) return;
      exchange.expire();
    }
  }
}
