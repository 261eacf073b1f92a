import { ClientError } from './client-error.ts';
import type { StoreClient } from './store-client.ts';

/** An item that was taken. */
export interface QueueItem {
  readonly key: string;
  readonly value: Uint8Array;
  /** Of the store when it was added: it grows from item to item. */
  readonly revision: number;
  /** The value as text. */
  text(): string;
}

/** A queue whose items are keys under `name/`, in the order in which they came into being. An item is taken by deleting it, which one taker can do. */
export class Queue {
  readonly #client: StoreClient;
  readonly #prefix: string;

  constructor(client: StoreClient, name: string) {
    this.#client = client;
    this.#prefix = `${name}/`;
  }

  /** Adds one item at the end. */
  async add(value: string | Uint8Array): Promise<void> {
    await this.#client.put(`${this.#prefix}${crypto.randomUUID()}`, value, { ifRevision: 0 });
  }

  /** Takes the first item; null: there is none. It is the taker's alone from then on, so it is lost with a taker that dies. */
  async poll(): Promise<QueueItem | null> {
    const found = await this.#first();
    return typeof found === 'number' ? null : found;
  }

  /** Takes the first item, and waits for one if there is none. Rejects with `aborted` once the signal comes. */
  async take(signal?: AbortSignal): Promise<QueueItem> {
    for (;;) {
      if (signal?.aborted) throw new ClientError('aborted', 'waiting for an item was given up');
      const found = await this.#first();
      if (typeof found !== 'number') return found;
      const from = found + 1;
      for await (const event of this.#client.watch(
        { prefix: this.#prefix },
        { from, ...(signal && { signal }) },
      ))
        if (event.type === 'put') break;
    }
  }

  /** Or the revision at which there was none. */
  async #first(): Promise<QueueItem | number> {
    for (;;) {
      const page = await this.#client.page({ prefix: this.#prefix }, { sort: 'create', pageSize: 10 });
      if (page.count === 0) return page.revision;
      // The next one, where another taker is faster.
      for (const pair of page.pairs) {
        const { key, value, createRevision: revision } = pair;
        const { isDone } = await this.#client.delete(key, { ifRevision: pair.modRevision });
        if (isDone) return { key, value, revision, text: () => pair.text() };
      }
    }
  }
}
