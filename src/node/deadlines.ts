import type { Clock } from '../ports/clock.ts';
import type { PassingMap } from '../ports/passing-map.ts';

interface Waiting {
  readonly deadline: number;
}

/** Ends what has waited too long, with one timer for all of it: for the oldest. */
export class Deadlines<Key, Value extends Waiting> {
  readonly #clock: Clock;
  readonly #waiting: PassingMap<Key, Value>;
  readonly #expire: (value: Value, key: Key) => void;
  #timer: unknown = null;

  /** The deadlines in `waiting` ascend in its order; `expire` takes what it is called with out of it. */
  constructor(clock: Clock, waiting: PassingMap<Key, Value>, expire: (value: Value, key: Key) => void) {
    this.#clock = clock;
    this.#waiting = waiting;
    this.#expire = expire;
  }

  /** To be called after something has begun to wait. */
  arm(): void {
    if (this.#timer !== null) return;
    const oldest = this.#waiting.values().next().value;
    if (oldest === undefined) return;
    this.#timer = this.#clock.setTimeout(
      () => this.#onTime(),
      Math.max(1, oldest.deadline - this.#clock.now()),
    );
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #onTime(): void {
    this.#timer = null;
    const now = this.#clock.now();
    for (const [key, value] of this.#waiting) {
      if (value.deadline > now) break;
      this.#expire(value, key);
    }
    this.arm();
  }
}
