import type { Clock } from '../../ports/clock.ts';
import type { KeyRange } from './key-range.ts';
import { eventsIn, type KeyEvent, type Revision, type RevisionedStore } from './revisioned-store.ts';

/** What a watch is told next. */
export type Told =
  /** All that happened to its keys at one revision, in order. */
  | { readonly type: 'events'; readonly revision: Revision; readonly events: readonly KeyEvent[] }
  /** There is nothing more up to `revision`: `wake` is called once there may be. */
  | { readonly type: 'nothing'; readonly revision: Revision }
  /** What comes next is not kept any more, and the watch is over: another one may begin at `oldest`. */
  | { readonly type: 'compacted'; readonly oldest: Revision };

/** One that is told what happens to some keys. It holds nothing but a place in the store's past, so a slow one costs no memory; one that is too slow finds its place compacted. */
export interface Watch {
  /** What is next. Look at no more than you can send: what is taken is not told again. */
  next(): Told;
  /** `wake` is not called any more. */
  close(): void;
}

/** So many revisions are taken from the store in one go. */
const atOnce = 1024;

/** The watches of one store on this node. */
export class Watches {
  readonly #store: RevisionedStore;
  readonly #clock: Pick<Clock, 'defer'>;
  /** Those that have nothing to tell, with what wakes them. */
  #waiting = new Map<Watch, () => unknown>();
  #open = 0;
  #isDeferred = false;

  constructor(store: RevisionedStore, clock: Pick<Clock, 'defer'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** How many there are. */
  get size(): number {
    return this.#open;
  }

  /** Begins with what happened at `from`; null: with what is still to come. `wake` is called once after each time that `next` has told `nothing`, and not inside a call of this. */
  open(range: KeyRange, from: Revision | null, wake: () => void): Watch {
    let at = from ?? this.#store.revision + 1;
    let isClosed = false;
    const watch: Watch = {
      next: () => {
        for (;;) {
          const changes = this.#store.changesFrom(at, atOnce);
          if (changes === null) return { type: 'compacted', oldest: this.#store.firstKept };
          for (const change of changes) {
            at = change.revision + 1;
            const events = eventsIn(change, range);
            if (events.length > 0) return { type: 'events', revision: change.revision, events };
          }
          if (changes.length === atOnce) continue;
          if (!isClosed) this.#waiting.set(watch, () => isClosed || wake());
          return { type: 'nothing', revision: this.#store.revision };
        }
      },
      close: () => {
        if (isClosed) return;
        isClosed = true;
        this.#open--;
        this.#waiting.delete(watch);
      },
    };
    this.#open++;
    return watch;
  }

  /** The store has changed, or is another one. */
  changed(): void {
    if (this.#isDeferred || this.#waiting.size === 0) return;
    this.#isDeferred = true;
    this.#clock.defer(() => {
      this.#isDeferred = false;
      const woken = this.#waiting;
      this.#waiting = new Map();
      for (const wake of woken.values()) wake();
    });
  }
}
