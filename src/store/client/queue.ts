import { prefixOf } from './name.ts';
import type { StoreClient } from './store-client.ts';
import { untilChanged } from './until-changed.ts';

/** An item that was taken. */
export interface QueueItem {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision at which it was added. */
  readonly revision: number;
  /** The value as text. */
  text(): string;
}

/**
 * A queue whose items are keys under `name//`. A key begins with a revision that the store had while the item was being added, so the order of the keys is that of the items: one whose `add` began
 * after that of another had ended comes after it, and those that are added at the same time come in any order. The first is found without looking at the others. An item is taken by
 * deleting it, which one taker can do.
 */
export class Queue {
  readonly #client: StoreClient;
  readonly #prefix: string;

  constructor(client: StoreClient, name: string) {
    this.#client = client;
    this.#prefix = prefixOf(name);
  }

  /** Adds one item at the end. */
  async add(value: string | Uint8Array): Promise<void> {
    const { revision } = await this.#client.page({ key: this.#prefix }, { keysOnly: true });
    const place = String(revision).padStart(revisionDigits, '0');
    await this.#client.put(`${this.#prefix}${place}-${crypto.randomUUID()}`, value);
  }

  /** Takes the first item; null: there is none. It is the taker's alone from then on, so it is lost with a taker that dies, or that is never told (`unknown_outcome`). */
  async poll(): Promise<QueueItem | null> {
    const found = await this.#first();
    return typeof found === 'number' ? null : found;
  }

  /** Takes the first item, and waits for one if there is none. Rejects with `aborted` once the signal comes, and with `closed` once the client is closed. */
  async take(signal?: AbortSignal): Promise<QueueItem> {
    for (;;) {
      const found = await this.#first(signal);
      if (typeof found !== 'number') return found;
      await untilChanged(
        this.#client,
        { prefix: this.#prefix },
        found + 1,
        ({ type }) => type === 'put',
        signal,
      );
    }
  }

  /** Takes the first item; or the revision at which there was none. */
  async #first(signal?: AbortSignal): Promise<QueueItem | number> {
    for (;;) {
      const options = { pageSize: 10, ...(signal && { signal }) };
      const page = await this.#client.page({ prefix: this.#prefix }, options);
      if (page.count === 0) return page.revision;
      // The next one, where another taker is faster. Without the signal: a delete that is given up could take an item that nobody gets.
      for (const pair of page.pairs) {
        const { key, value, createRevision: revision } = pair;
        const { isDone } = await this.#client.delete(key, { ifRevision: pair.modRevision });
        if (isDone) return { key, value, revision, text: () => pair.text() };
      }
    }
  }
}

/** Digits of the greatest revision, 2^53 − 1: so keys sort as numbers do. */
const revisionDigits = 16;
