import type { Clock } from '../../ports/clock.ts';

/**
 * How long a client may read nothing of what is sent to it, whatever it sends itself: that alone would keep its socket from being idle. That it reads is seen only when its system, whose buffers
 * hold up to some megabytes, takes more.
 */
export class ReadingPatience {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #over: () => void;
  /** When something was last taken, or began to be sent; null: all of it was taken. */
  #sinceMs: number | null = null;
  /** Stays while answers come and go: one for each of them would cost more. */
  #timer: unknown = null;
  #isClosed = false;

  /** `over` is called once. */
  constructor(clock: Clock, ms: number, over: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#over = over;
  }

  /** Something is sent, or some of it was taken and there is more. */
  waits(): void {
    if (this.#isClosed) return;
    this.#sinceMs = this.#clock.now();
    if (this.#timer === null) this.#look(this.#ms);
  }

  /** All that was sent was taken. */
  ended(): void {
    this.#sinceMs = null;
  }

  close(): void {
    this.#isClosed = true;
    this.#sinceMs = null;
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #look(inMs: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      if (this.#sinceMs === null) return;
      const leftMs = this.#sinceMs + this.#ms - this.#clock.now();
      if (leftMs > 0) this.#look(leftMs);
      else this.#over();
    }, inMs);
  }
}
