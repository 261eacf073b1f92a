import type { Clock } from '../../ports/clock.ts';
import type { Watches } from '../kv/watches.ts';
import type { EtcdLimits } from './limits.ts';
import { LoopTurns } from './loop-turns.ts';

/** The watches of the store, and how many of them the clients of this API may have. */
export class WatchRoom {
  readonly watches: Watches;
  /** All streams tell their watches within these. */
  readonly turns: LoopTurns;
  readonly #limits: Pick<EtcdLimits, 'maxWatches' | 'maxStreamWatches'>;
  #taken = 0;

  constructor(
    watches: Watches,
    limits: Pick<EtcdLimits, 'maxWatches' | 'maxStreamWatches'>,
    clock: Pick<Clock, 'now' | 'defer'>,
  ) {
    this.watches = watches;
    this.#limits = limits;
    this.turns = new LoopTurns(clock);
  }

  get taken(): number {
    return this.#taken;
  }

  /** For another watch of a stream that has `ofStream`. Null: it is taken; otherwise why there is none. */
  take(ofStream: number): string | null {
    const { maxWatches, maxStreamWatches } = this.#limits;
    if (ofStream >= maxStreamWatches)
      return `a stream has at most ${maxStreamWatches} watches: open another one`;
    if (this.#taken >= maxWatches) return `this node takes at most ${maxWatches} watches: ask another one`;
    this.#taken++;
    return null;
  }

  give(): void {
    this.#taken--;
  }
}
