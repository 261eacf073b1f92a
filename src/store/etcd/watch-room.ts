import type { Watches } from '../kv/watches.ts';

/** Watches over all streams, at most. */
const defaultMaxWatches = 100_000;

/** The watches of the store, and how many of them the clients of this API may have. */
export class WatchRoom {
  readonly watches: Watches;
  readonly #most: number;
  #taken = 0;

  constructor(watches: Watches, most = defaultMaxWatches) {
    this.watches = watches;
    this.#most = most;
  }

  /** False: there is no room for another one. */
  take(): boolean {
    if (this.#taken >= this.#most) return false;
    this.#taken++;
    return true;
  }

  give(): void {
    this.#taken--;
  }
}
