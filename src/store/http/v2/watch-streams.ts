import type { ServerResponse } from 'node:http';
import type { RevisionedStore } from '../../kv/revisioned-store.ts';
import type { Watches } from '../../kv/watches.ts';
import type { HttpLimits } from '../limits.ts';
import type { WatchRequest } from './watch-request.ts';
import { WatchStream } from './watch-stream.ts';

/** All watches of one server. */
export class WatchStreams {
  readonly #store: RevisionedStore;
  readonly #watches: Watches;
  readonly #maxWatches: number;
  readonly #open = new Set<WatchStream>();
  readonly #heart: NodeJS.Timeout;

  constructor(
    store: RevisionedStore,
    watches: Watches,
    { maxWatches, watchHeartbeatMs }: Pick<HttpLimits, 'maxWatches' | 'watchHeartbeatMs'>,
  ) {
    this.#store = store;
    this.#watches = watches;
    this.#maxWatches = maxWatches;
    this.#heart = setInterval(() => {
      for (const stream of this.#open) stream.beat();
    }, watchHeartbeatMs);
    this.#heart.unref();
  }

  get isFull(): boolean {
    return this.#open.size >= this.#maxWatches;
  }

  /** Begins to tell what is asked for. `response` has sent its head. */
  open(response: ServerResponse, request: WatchRequest): void {
    const stream = new WatchStream(response, request, this.#store, this.#watches);
    this.#open.add(stream);
    response.on('close', () => this.#open.delete(stream));
    stream.start();
  }

  /** Ends all of them, and has no timer after that. */
  close(): void {
    clearInterval(this.#heart);
    for (const stream of this.#open) stream.end();
  }
}
