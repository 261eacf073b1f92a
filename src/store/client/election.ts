import type { KeyValuePair } from './key-value.ts';
import { type Lock, type LockOptions, lock } from './lock.ts';
import type { StoreClient } from './store-client.ts';

/** An election among clients: whoever holds the lock leads. */
export class Election {
  readonly #client: StoreClient;
  readonly #name: string;

  constructor(client: StoreClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Waits until this client leads, and is known by `value`. `lost` of what is returned tells when it leads no more, `release` resigns. */
  campaign(value: string | Uint8Array, options: Omit<LockOptions, 'value'> = {}): Promise<Lock> {
    return lock(this.#client, this.#name, { ...options, value });
  }

  /** The leader's key and value; its `createRevision` is the token. Null: nobody leads. */
  async leader(): Promise<KeyValuePair | null> {
    return (await this.#first()).leader;
  }

  /** The present leader, then each other one; null: nobody. Ends with the signal. */
  async *observe(signal?: AbortSignal): AsyncGenerator<KeyValuePair | null, void> {
    const { leader, revision } = await this.#first();
    yield leader;
    let told = leader?.key ?? null;
    const options = { from: revision + 1, ...(signal && { signal }) };
    // Whatever happens there may have made another one the first.
    for await (const { key } of this.#client.watch(this.#keys, options)) {
      if (told !== null && key !== told) continue;
      const now = await this.leader();
      if ((now?.key ?? null) === told) continue;
      told = now?.key ?? null;
      yield now;
    }
  }

  get #keys() {
    return { prefix: `${this.#name}/` };
  }

  async #first(): Promise<{ readonly leader: KeyValuePair | null; readonly revision: number }> {
    const { pairs, revision } = await this.#client.page(this.#keys, { sort: 'create', pageSize: 1 });
    return { leader: pairs[0] ?? null, revision };
  }
}
