import type { Clock } from '../ports/clock.ts';

const windowMs = 10_000;
const linesPerWindow = 5;

/** Keeps what a peer can cause from flooding the log: a few lines in ten seconds for each `key`. */
export class LogLimit {
  readonly #clock: Clock;
  readonly #windows = new Map<string, { start: number; lines: number; unlogged: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many lines were suppressed since the last one, if one may be written now; null if not. There must be few distinct keys. */
  take(key: string): number | null {
    const now = this.#clock.now();
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { start: now, lines: 0, unlogged: 0 };
      this.#windows.set(key, window);
    }
    if (now - window.start >= windowMs) {
      window.start = now;
      window.lines = 0;
    }
    if (window.lines === linesPerWindow) {
      window.unlogged++;
      return null;
    }
    const { unlogged } = window;
    window.lines++;
    window.unlogged = 0;
    return unlogged;
  }
}
