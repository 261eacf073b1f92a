import { ClientError } from './client-error.ts';
import type { KeptLease } from './kept-lease.ts';
import type { StoreClient } from './store-client.ts';

export interface LockOptions {
  /** A holder that is not heard of for so long loses the lock. From 2 on. Default: 10. */
  readonly ttlSeconds?: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /** What others read who look at who holds it, or waits. Default: nothing. */
  readonly value?: string | Uint8Array;
}

/** A lock that is held. */
export class Lock {
  /** Greater than that of every holder before: the fencing token. */
  readonly token: number;
  /** Under which the holder stands. */
  readonly key: string;
  readonly #lease: KeptLease;

  constructor(key: string, token: number, lease: KeptLease) {
    this.key = key;
    this.token = token;
    this.#lease = lease;
  }

  /** Aborted once this client may not hold it any more. Whoever still acts then is stopped by the token alone. */
  get lost(): AbortSignal {
    return this.#lease.lost;
  }

  release(): Promise<void> {
    return this.#lease.revoke();
  }
}

/**
 * Each contender has a key of its own under `name/`, which ends with its lease; the one that was created first holds the lock, and its revision is the token. Each waits only for the one before
 * it, so that a release wakes one of them.
 */
export const lock = async (
  client: StoreClient,
  name: string,
  { ttlSeconds = 10, signal, value = '' }: LockOptions = {},
): Promise<Lock> => {
  const lease = await client.lease(ttlSeconds, signal && { signal });
  try {
    const prefix = `${name}/`;
    const key = `${prefix}${lease.id}`;
    const given = signal === undefined ? [] : [signal];
    const waiting = AbortSignal.any([lease.lost, ...given]);
    const written = await client.put(key, value, {
      lease: lease.id,
      ifRevision: 0,
      ...(signal && { signal }),
    });
    if (!written.isDone)
      throw new ClientError('lease_exists', `another one waits for ${name} with this lease`);
    const token = written.revision;
    for (;;) {
      let before: string | null = null;
      for await (const pair of client.list({ prefix }, { sort: 'create', keysOnly: true })) {
        if (pair.createRevision < token) before = pair.key;
        else break;
      }
      if (lease.lost.aborted)
        throw new ClientError('lease_not_found', `the lease ended while waiting for ${name}`);
      if (before === null) return new Lock(key, token, lease);
      if (!(await isGone(client, before, waiting)) && signal?.aborted)
        throw new ClientError('aborted', `waiting for ${name} was given up`);
    }
  } catch (error) {
    // Those behind need not wait for the lease to end.
    await lease.revoke().catch(() => {});
    throw error;
  }
};

/** Waits until there is no such key. False: the signal came first. */
export const isGone = async (client: StoreClient, key: string, signal: AbortSignal): Promise<boolean> => {
  const seen = await client.get(key);
  if (seen === null) return true;
  for await (const event of client.watch({ key }, { from: seen.modRevision + 1, signal })) {
    if (event.type === 'delete') return true;
  }
  return false;
};
