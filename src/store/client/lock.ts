import { ClientError } from './client-error.ts';
import type { KeptLease } from './kept-lease.ts';
import { prefixOf } from './name.ts';
import type { StoreClient } from './store-client.ts';
import { untilChanged } from './until-changed.ts';

export interface LockOptions {
  /** A holder that is not heard of for so long loses the lock. A whole number from 2 on. Default: 10. */
  readonly ttlSeconds?: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
  /** The value of this contender's key, for whoever looks at who holds the lock or waits for it. Default: empty. */
  readonly value?: string | Uint8Array;
}

/** A lock that is held. */
export class Lock {
  /** Greater than that of every holder before: the fencing token. */
  readonly token: number;
  /** The holder's key in the store. */
  readonly key: string;
  readonly #lease: KeptLease;

  constructor(key: string, token: number, lease: KeptLease) {
    this.key = key;
    this.token = token;
    this.#lease = lease;
  }

  /** Aborted once this client may no longer hold it. Only the token stops a holder that acts all the same. */
  get lost(): AbortSignal {
    return this.#lease.lost;
  }

  /** Lets the next one have it. If this rejects, the lock is free at the latest when its lease ends: nobody renews it any more. */
  release(): Promise<void> {
    return this.#lease.revoke();
  }
}

/**
 * Each contender has a key of its own under `name//`, which ends with its lease; the one that was created first holds the lock, and its revision is the token. Each waits only for the one before
 * it, so that a release wakes one of them.
 */
export const lock = async (
  client: StoreClient,
  name: string,
  { ttlSeconds = 10, signal, value = '' }: LockOptions = {},
): Promise<Lock> => {
  const prefix = prefixOf(name);
  const lease = await client.lease(ttlSeconds, signal && { signal });
  const waiting = AbortSignal.any([lease.lost, ...(signal ? [signal] : [])]);
  try {
    const key = `${prefix}${lease.id}`;
    const written = await client.put(key, value, { lease: lease.id, ifRevision: 0, signal: waiting });
    if (!written.isDone)
      throw new ClientError('key_exists', `another program writes under ${prefix}: ${key} was there already`);
    const token = written.revision;
    // The last two of those that came no later than this one: itself, and the one before.
    const options = {
      sort: 'create',
      order: 'desc',
      maxCreateRevision: token,
      pageSize: 2,
      keysOnly: true,
      signal: waiting,
    } as const;
    for (;;) {
      const { pairs, revision } = await client.page({ prefix }, options);
      const [own, before] = pairs;
      if (waiting.aborted || own?.key !== key || own.createRevision !== token) throw isLost(name);
      if (before === undefined) return new Lock(key, token, lease);
      await untilChanged(client, { key: before.key }, revision + 1, ({ type }) => type === 'delete', waiting);
    }
  } catch (error) {
    const reason = reasonToStop(error, client, name, lease, signal);
    // So that those behind need not wait for the lease to end.
    await lease.revoke().catch(() => {});
    throw reason;
  }
};

const isLost = (name: string): ClientError =>
  new ClientError('lease_not_found', `the place among those who wait for ${name} ended with its lease`);

/** What ended the wait, where all that a request knows is that it was given up. */
const reasonToStop = (
  error: unknown,
  client: StoreClient,
  name: string,
  lease: KeptLease,
  signal: AbortSignal | undefined,
): unknown => {
  if (signal?.aborted) return new ClientError('aborted', `waiting for ${name} was given up`);
  if (client.isClosed) return new ClientError('closed', `the client was closed while it waited for ${name}`);
  return lease.lost.aborted ? isLost(name) : error;
};
