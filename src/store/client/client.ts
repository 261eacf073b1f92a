import { Election } from './election.ts';
import { type Lock, type LockOptions, lock } from './lock.ts';
import { Queue } from './queue.ts';
import { StoreClient } from './store-client.ts';

/** A `StoreClient`, with what programs build on it. */
export class Client extends StoreClient {
  /**
   * Waits until this client alone holds the lock `name`. Its token is greater than that of every holder before: have what the lock protects refuse lower ones.
   * Rejects with `RangeError` for what is no name, and with `ClientError`: `aborted` or `closed` while it waits, `lease_not_found` where its place is lost, `key_exists`, or what a request rejects with.
   */
  lock(name: string, options: LockOptions = {}): Promise<Lock> {
    return lock(this, name, options);
  }

  /** The election `name`, in which one of those that campaign leads at a time. Throws `RangeError` for what is no name. */
  election(name: string): Election {
    return new Election(this, name);
  }

  /** The queue `name`, which gives each item to one taker, in the order in which they were added. Throws `RangeError` for what is no name. */
  queue(name: string): Queue {
    return new Queue(this, name);
  }
}
