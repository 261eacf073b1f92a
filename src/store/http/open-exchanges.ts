import { PassingSet } from '../../ports/passing-set.ts';
/** A request that waits for its outcome. */
export interface OpenExchange {
  /** Set by `OpenExchanges`, on its own clock. */
  deadlineMs: number;
  /** The deadline has passed. It must leave. */
  expire(): void;
}

/**
 * The exchanges of a server that wait for an outcome. They all wait equally long, so the oldest expires first: one slow
 * timer looks at the head of the line, where a timer for each request would be set and cleared thousands of times a
 * second.
 */
export class OpenExchanges {
  readonly #timeoutMs: number;
  readonly #sweeper: NodeJS.Timeout;
  /** In order of `wait`, which is the order of deadlines. */
  readonly #waiting = new PassingSet<OpenExchange>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(250, Math.ceil(timeoutMs / 4)));
    this.#sweeper.unref();
  }

  /** A command was submitted. */
  wait(exchange: OpenExchange): void {
    exchange.deadlineMs = performance.now() + this.#timeoutMs;
    this.#waiting.add(exchange);
  }

  /** It is answered, or will never be. Idempotent. */
  leave(exchange: OpenExchange): void {
    this.#waiting.delete(exchange);
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
