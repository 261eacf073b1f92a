import type { Clock } from '../../../src/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** Time that passes only when told to; timers fire in the order of their times, equal ones in the order they were set. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, order: this.#order++, fn };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(id: unknown): void {
    this.#timers.delete(id as Timer);
  }

  /** Timers that have not fired. */
  get armed(): number {
    return this.#timers.size;
  }

  defer(fn: () => void): void {
    this.setTimeout(fn, 0);
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer !== null; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = timer.at;
      timer.fn();
    }
    this.#now = end;
  }

  #next(end: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers)
      if (
        timer.at <= end &&
        (next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
      )
        next = timer;
    return next;
  }
}
