import { Client } from '../store/client/client.ts';
import type { StoreClientOptions } from '../store/client/store-client-options.ts';

export type { Client } from '../store/client/client.ts';
export { ClientError } from '../store/client/client-error.ts';
export type { Election } from '../store/client/election.ts';
export type { Fetch, Fetched, FetchedWith } from '../store/client/fetching.ts';
export type { KeptLease } from '../store/client/kept-lease.ts';
export type { Keys, KeyValuePair } from '../store/client/key-value.ts';
export type { Lock, LockOptions } from '../store/client/lock.ts';
export type { Queue, QueueItem } from '../store/client/queue.ts';
export type { StoreClient } from '../store/client/store-client.ts';
export type {
  ListOptions,
  Page,
  ReadOptions,
  RequestOptions,
  StoreClientOptions,
  WriteOptions,
  Written,
} from '../store/client/store-client-options.ts';
export type { Condition, Txn, TxnResult, TxnStep, TxnStepResult } from '../store/client/txn.ts';
export type { Watch } from '../store/client/watch.ts';
export type { WatchEvent, WatchOptions } from '../store/client/watching.ts';

/** A client of the replicated store. Throws a `RangeError` for an endpoint that is none. docs/client.md */
export const createClient = (options: StoreClientOptions): Client => new Client(options);
