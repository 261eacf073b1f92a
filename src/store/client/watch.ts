import type { Reaching } from './asking.ts';
import { ClientError } from './client-error.ts';
import type { Keys } from './key-value.ts';
import { type Endpoints, type WatchEvent, type WatchOptions, watching } from './watching.ts';

/** Events of keys, in order. It connects when it is made, and ends with its signal, with its client, and with `return()`, which the end of a `for await` loop calls. */
export class Watch implements AsyncIterableIterator<WatchEvent, void> {
  /** Resolves once a node has begun to watch, with the first revision that is reported: every change requested after that is. Rejects with `ClientError` if the watch ends before: `aborted`, `closed`, or why it failed. */
  readonly begun: Promise<number>;
  readonly #ending = new AbortController();
  readonly #events: AsyncGenerator<WatchEvent, void>;
  /** Asked for at once, so that it begins. Null: given out. */
  #first: Promise<IteratorResult<WatchEvent, void>> | null;

  constructor(
    keys: Keys,
    { signal, ...options }: WatchOptions,
    closing: AbortSignal,
    endpoints: Endpoints,
    reaching: Reaching,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.begun = promise;
    const signals = [this.#ending.signal, closing, ...(signal ? [signal] : [])];
    this.#events = watching(
      keys,
      { ...options, signal: AbortSignal.any(signals), onBegun: resolve },
      endpoints,
      reaching,
    );
    this.#first = this.#events.next();
    // Once it has begun, these change nothing. Whoever iterates is told of the failure as well.
    this.#first.then(
      () =>
        reject(
          new ClientError(closing.aborted ? 'closed' : 'aborted', 'the watch ended before it had begun'),
        ),
      reject,
    );
    this.begun.catch(() => {});
  }

  next(): Promise<IteratorResult<WatchEvent, void>> {
    const first = this.#first;
    this.#first = null;
    return first ?? this.#events.next();
  }

  return(): Promise<IteratorResult<WatchEvent, void>> {
    this.#first = null;
    this.#ending.abort();
    return this.#events.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
