import { type Adapter, AdapterHung, AdapterMalformed } from './adapter.ts';
import type { AdapterRequest, AdapterResponse } from './protocol.ts';

/**
 * How often an adapter may hang while it walks the paths, and once more while failing paths are shortened: each time costs a whole
 * timeout. How often it may answer with nonsense while it walks the paths.
 */
const maxTimes = 3;

/** Counts how often an adapter hangs, and how often it answers with nonsense. */
export class CountedHangs implements Adapter {
  readonly #adapter: Adapter;
  #hangs = 0;
  #malformed = 0;

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
  }

  get hasHungTooOften(): boolean {
    return this.#hangs >= maxTimes;
  }

  /** Why not to ask it any more; null: go on. */
  get hopeless(): string | null {
    if (this.hasHungTooOften) return `it hung ${maxTimes} times, so it was not asked any more`;
    if (this.#malformed < maxTimes) return null;
    return `it gave ${maxTimes} lines that are not of the protocol, so it was not asked any more`;
  }

  async ask(request: AdapterRequest): Promise<AdapterResponse> {
    try {
      return await this.#adapter.ask(request);
    } catch (error) {
      if (error instanceof AdapterHung) this.#hangs++;
      if (error instanceof AdapterMalformed) this.#malformed++;
      throw error;
    }
  }
}
