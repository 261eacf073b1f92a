import type { Keys, KeyValuePair } from './key-value.ts';
import { type Lock, type LockOptions, lock } from './lock.ts';
import { prefixOf } from './name.ts';
import type { StoreClient } from './store-client.ts';
import { untilChanged } from './until-changed.ts';
import type { WatchEvent } from './watching.ts';

/** An election among clients: whoever holds the lock leads. */
export class Election {
  readonly #client: StoreClient;
  readonly #name: string;
  readonly #keys: Keys;

  constructor(client: StoreClient, name: string) {
    this.#client = client;
    this.#name = name;
    this.#keys = { prefix: prefixOf(name) };
  }

  /** Waits until this client leads, and is known by `value`. The result's `lost` is aborted once it may not lead any more; its `release` resigns. Rejects as `Client.lock` does. */
  campaign(value: string | Uint8Array, options: Omit<LockOptions, 'value'> = {}): Promise<Lock> {
    return lock(this.#client, this.#name, { ...options, value });
  }

  /** The leader's key and value; its `createRevision` is the token. Null: nobody leads. */
  async leader(): Promise<KeyValuePair | null> {
    return (await this.#first()).leader;
  }

  /** The present leader, then each later one, except any that led too briefly to be seen; null: nobody leads. Ends with the signal, and with the client. */
  async *observe(signal?: AbortSignal): AsyncGenerator<KeyValuePair | null, void> {
    /** The key of the leader that was given out last; null: nobody led; undefined: nothing was given out yet. */
    let told: string | null | undefined;
    while (!signal?.aborted && !this.#client.isClosed) {
      const found = await this.#first(signal).catch((error: unknown) => {
        if (signal?.aborted) return null;
        throw error;
      });
      if (found === null) return;
      const { leader, revision } = found;
      const now = leader?.key ?? null;
      if (now !== told) yield leader;
      told = now;
      // Anybody may come to lead where nobody does.
      const matters = (event: WatchEvent): boolean =>
        now === null || (event.key === now && event.type === 'delete');
      await untilChanged(this.#client, this.#keys, revision + 1, matters, signal);
    }
  }

  async #first(
    signal?: AbortSignal,
  ): Promise<{ readonly leader: KeyValuePair | null; readonly revision: number }> {
    const options = { sort: 'create', pageSize: 1, ...(signal && { signal }) } as const;
    const { pairs, revision } = await this.#client.page(this.#keys, options);
    return { leader: pairs[0] ?? null, revision };
  }
}
