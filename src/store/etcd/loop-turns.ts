import type { Clock } from '../../ports/clock.ts';

/** How long all who share it hold the event loop together before others get their turn, in milliseconds. */
const turnMs = 10;

/** Lets everything else on this node go on between pieces of a long work. */
export class LoopTurns {
  readonly #clock: Pick<Clock, 'now' | 'defer'>;
  /** Null: nobody has worked in this turn of the event loop. */
  #begunMs: number | null = null;

  constructor(clock: Pick<Clock, 'now' | 'defer'>) {
    this.#clock = clock;
  }

  /** Null: go on at once. Otherwise go on once it resolves, in a later turn of the event loop. */
  pause(): Promise<void> | null {
    const nowMs = this.#clock.now();
    if (this.#begunMs === null) {
      this.#begunMs = nowMs;
      this.#clock.defer(() => {
        this.#begunMs = null;
      });
    }
    if (nowMs - this.#begunMs < turnMs) return null;
    return new Promise((resolve) => this.#clock.defer(resolve));
  }
}
