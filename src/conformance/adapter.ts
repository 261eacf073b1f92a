import type { AdapterRequest, AdapterResponse } from './protocol.ts';

/** Whoever answers the kit's lines: in practice a process. One request at a time. */
export interface Adapter {
  /**
   * Rejects with `AdapterBroken` if it died, `AdapterHung` if it fell silent, or `AdapterMalformed` if it talks nonsense; `init` starts
   * it anew. Rejects with `AdapterUnusable` if it has never given a sound answer to `init`.
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

/** It has answered as an adapter does, and now with what is no answer of the protocol. One line. */
export class AdapterMalformed extends AdapterBroken {
  override readonly name = 'AdapterMalformed';
}

/** It is no adapter: there is no sense in going on. One line. */
export class AdapterUnusable extends Error {
  override readonly name = 'AdapterUnusable';
}
