import type { AdapterRequest, AdapterResponse } from './protocol.ts';

/** Whoever answers the kit's lines: in practice a process. One request at a time. */
export interface Adapter {
  /**
   * Rejects with `AdapterBroken` if it died, or `AdapterHung` if it fell silent; `init` starts it anew. With `AdapterUnusable` if it
   * talks nonsense.
   */
  ask(request: AdapterRequest): Promise<AdapterResponse>;
}

/** The implementation died or hung: this path fails, the next may go well. */
export class AdapterBroken extends Error {
  override readonly name: string = 'AdapterBroken';
}

/** It gave no answer in time. */
export class AdapterHung extends AdapterBroken {
  override readonly name = 'AdapterHung';
}

/** It is no adapter: there is no sense in going on. One line. */
export class AdapterUnusable extends Error {
  override readonly name = 'AdapterUnusable';
}
