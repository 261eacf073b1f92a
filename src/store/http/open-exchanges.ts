/** A request that is not answered yet. */
export interface OpenExchange {
  readonly socket: unknown;
  /** The request has been received to its last byte. */
  readonly isReceived: boolean;
  /** Set by `OpenExchanges`, on its own clock. */
  deadlineMs: number;
  /** The deadline has passed. It must leave. */
  expire(): void;
}

/**
 * The exchanges of a server that are still to be answered: first those whose body is on its way, then those that wait
 * for an outcome. These all wait equally long, so the oldest expires first: one slow timer looks at the head of the
 * line, where a timer for each request would be set and cleared thousands of times a second.
 */
export class OpenExchanges {
  readonly #timeoutMs: number;
  readonly #sweeper: NodeJS.Timeout;
  readonly #receiving = new Set<OpenExchange>();
  /** In order of `wait`, which is the order of deadlines. */
  readonly #waiting = new Set<OpenExchange>();
  /** Those that wait as long as it takes. */
  readonly #patient = new Set<OpenExchange>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(250, Math.ceil(timeoutMs / 4)));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#receiving.size + this.#waiting.size + this.#patient.size;
  }

  /** A body is on its way. */
  receive(exchange: OpenExchange): void {
    this.#receiving.add(exchange);
  }

  /** A command was submitted. */
  wait(exchange: OpenExchange): void {
    this.#receiving.delete(exchange);
    exchange.deadlineMs = performance.now() + this.#timeoutMs;
    this.#waiting.add(exchange);
  }

  /** Something was asked for that takes as long as there is progress. */
  waitPatiently(exchange: OpenExchange): void {
    this.#receiving.delete(exchange);
    this.#patient.add(exchange);
  }

  /** It is answered, or will never be. Idempotent. */
  leave(exchange: OpenExchange): void {
    this.#receiving.delete(exchange);
    this.#waiting.delete(exchange);
    this.#patient.delete(exchange);
  }

  /** Whether `socket` brought a whole request that is still to be answered. */
  isOwed(socket: unknown): boolean {
    for (const exchange of this.#waiting) if (exchange.socket === socket) return true;
    for (const exchange of this.#patient) if (exchange.socket === socket) return true;
    for (const exchange of this.#receiving) {
      if (exchange.socket === socket && exchange.isReceived) return true;
    }
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
