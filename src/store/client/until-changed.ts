import { ClientError } from './client-error.ts';
import type { Keys } from './key-value.ts';
import type { StoreClient } from './store-client.ts';
import type { WatchEvent } from './watching.ts';

/** Waits for an event that `matters` from the revision `from` on, or until nobody can tell any more whether there was one: look again in either case. Ends early with the signal, and with the client. */
export const untilChanged = async (
  client: StoreClient,
  keys: Keys,
  from: number,
  matters: (event: WatchEvent) => boolean,
  signal: AbortSignal | undefined,
): Promise<void> => {
  try {
    for await (const event of client.watch(keys, { from, ...(signal && { signal }) })) {
      if (matters(event)) return;
    }
  } catch (error) {
    if (!(error instanceof ClientError && error.code === 'compacted')) throw error;
  }
};
