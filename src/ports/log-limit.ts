import type { Clock } from './clock.ts';

/** Keeps peers and machines from flooding the log: by default five lines in ten seconds for each `key`. */
export class LogLimit {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #lines: number;
  readonly #windows = new Map<string, { start: number; lines: number; unlogged: number }>();

  constructor(clock: Clock, windowMs = 10_000, lines = 5) {
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#lines = lines;
  }

  /** How many lines were suppressed since the last one, if one may be written now; null if not. There must be few distinct keys. */
  take(key: string): number | null {
    const now = this.#clock.now();
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { start: now, lines: 0, unlogged: 0 };
      this.#windows.set(key, window);
    }
    if (now - window.start >= this.#windowMs) {
      window.start = now;
      window.lines = 0;
    }
    if (window.lines === this.#lines) {
      window.unlogged++;
      return null;
    }
    const { unlogged } = window;
    window.lines++;
    window.unlogged = 0;
    return unlogged;
  }
}
