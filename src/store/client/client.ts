import { Election } from './election.ts';
import { type Lock, type LockOptions, lock } from './lock.ts';
import { Queue } from './queue.ts';
import { StoreClient } from './store-client.ts';

/** A `StoreClient`, with what programs build on it. */
export class Client extends StoreClient {
  /** Waits until this client alone holds the lock `name`. Its token is greater than that of every holder before: have what the lock protects refuse lesser ones. */
  lock(name: string, options: LockOptions = {}): Promise<Lock> {
    return lock(this, name, options);
  }

  /** The election `name`, in which one of those that campaign leads at a time. */
  election(name: string): Election {
    return new Election(this, name);
  }

  /** The queue `name`, which gives each item to one taker, in the order in which they were added. */
  queue(name: string): Queue {
    return new Queue(this, name);
  }
}
