import { LaterFormat, type Position, type StateMachine } from '../../ports/state-machine.ts';
import { type LogTime, logStart, logTimeAfter } from '../log-time.ts';
import { decodeCommand, type KvCommand, laterOperationIn, mapKeyOf } from './commands.ts';
import { rangeOfKey } from './key-range.ts';
import { readKvSnapshot, writeKvSnapshot } from './kv-snapshot.ts';
import { Leases } from './leases.ts';
import { comparedBytes, perform } from './perform.ts';
import {
  type Done,
  type KvRefusalReason,
  type KvRequest,
  type KvRequestResult,
  maxTtlSeconds,
  minTtlSeconds,
} from './requests.ts';
import { type Change, RevisionedStore, type Transaction } from './revisioned-store.ts';

/** What a command did. Values belong to the store and never change: read them, do not write into them. */
export type KvResult =
  | { readonly type: 'stored' }
  | { readonly type: 'found'; readonly value: Uint8Array }
  | { readonly type: 'absent' }
  | { readonly type: 'deleted'; readonly existed: boolean }
  | { readonly type: 'swapped' }
  /** A compare-and-swap that found something else; null: the key was absent. */
  | { readonly type: 'mismatch'; readonly actual: Uint8Array | null }
  /** Of a request to the store with revisions. */
  | { readonly type: 'requested'; readonly result: KvRequestResult }
  /** The bytes in the log were not a command. The same on every node, and nothing changed. */
  | { readonly type: 'malformed' };

const stored: KvResult = { type: 'stored' };
const absent: KvResult = { type: 'absent' };
const swapped: KvResult = { type: 'swapped' };
const malformed: KvResult = { type: 'malformed' };
const deletedExisting: KvResult = { type: 'deleted', existed: true };
const deletedAbsent: KvResult = { type: 'deleted', existed: false };

/** One stamped command moves the store's time on by at most so much: a lease outlives a cluster that stood still, or a clock that jumped. */
export const maxStepMs = 5000;
/** So many leases are ended by one command at most: a thousand that end at once must not hold up heartbeats. */
const endedPerCommand = 64;

/**
 * The replicated map from key to raw bytes, with revisions, its recent past and leases. `get` reads it where it stands, and so do `store` and `leases`: linearizably once
 * `read` of the node has said `ready`. A get that is a command stands in the log: earlier versions of the client API made such entries.
 *
 * Revisions begin with the first stamped command. What was there before it has the first revision, however it came about: a node that has read all commands and one
 * that has read a snapshot of an earlier version hold the same store.
 */
export class KvStateMachine implements StateMachine<KvResult> {
  readonly #store = new RevisionedStore();
  readonly #leases = new Leases();
  #time: LogTime = logStart;
  #changed: () => void = () => {};

  /** How many keys have a value. */
  get size(): number {
    return this.#store.size;
  }

  /** Read it, and leave its changes to commands. */
  get store(): RevisionedStore {
    return this.#store;
  }

  /** Read them, and leave their changes to commands. */
  get leases(): Leases {
    return this.#leases;
  }

  /** The time by which leases end: that of the stamps in the log. */
  get time(): LogTime {
    return this.#time;
  }

  /** Calls `changed` after each command that has changed a key since revisions began, and after the state was replaced. One listener. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  /** The value of `key` as of the commands applied so far, null if it has none. It belongs to the store: do not write into it. */
  get(key: string): Uint8Array | null {
    return this.#store.map.get(mapKeyOf(key))?.value ?? null;
  }

  /** The stamp around a command counts more than its own: a command that is tried again, or through another node, keeps its own, and time would pass twice. */
  apply(command: Uint8Array, { stampMs }: Pick<Position, 'stampMs'> = {}): KvResult {
    const decoded = decodeCommand(command);
    if (decoded?.type === 'stamped')
      return this.#execute({ ...decoded, stampMs: stampMs ?? decoded.stampMs });
    if (decoded !== null) return this.#execute(decoded);
    const later = laterOperationIn(command);
    if (later === null) return malformed;
    throw new LaterFormat(`the log holds command ${later} of the key-value store, which is not known here`);
  }

  /** Writes the state as of now in pieces of some 64 KiB, while commands are applied: what it writes stays as it is. */
  snapshot(): Iterable<Uint8Array> {
    const { isBegun, state } = this.#store;
    return writeKvSnapshot({ isBegun, state, time: this.#time, leases: this.#leases.map });
  }

  /** Reads a snapshot into a second store, which takes the place of the first one at the end. A snapshot that is being written goes on. */
  async restore(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const { store, time, leases } = await readKvSnapshot(pieces);
    this.#time = time;
    this.#store.replace(store);
    this.#leases.replace(leases, this.#store.map.pairs());
    this.#changed();
  }

  #execute(command: KvCommand): KvResult {
    switch (command.type) {
      case 'put':
        this.#put(command.key, ownCopy(command.value));
        return stored;
      case 'get': {
        const found = this.#store.map.get(command.key);
        return found === undefined ? absent : { type: 'found', value: found.value };
      }
      case 'delete':
        return this.#delete(command.key) ? deletedExisting : deletedAbsent;
      case 'cas': {
        const actual = this.#store.map.get(command.key)?.value ?? null;
        if (!isSameValue(actual, command.from)) return { type: 'mismatch', actual };
        if (command.to === null) this.#delete(command.key);
        else this.#put(command.key, ownCopy(command.to));
        return swapped;
      }
      case 'stamped': {
        this.#passTime(command.stampMs);
        const done = this.#fulfil(command.request);
        const { revision } = this.#store;
        const result: KvRequestResult =
          typeof done === 'string'
            ? { type: 'refused', reason: done, revision }
            : { type: 'done', done, revision };
        return { type: 'requested', result };
      }
    }
  }

  #put(key: string, value: Uint8Array): void {
    this.#transact((transaction) => transaction.put(key, value, 0n));
  }

  #delete(key: string): boolean {
    return this.#transact((transaction) => transaction.deleteRange(rangeOfKey(key))).length > 0;
  }

  #fulfil(request: KvRequest): Done | KvRefusalReason {
    switch (request.type) {
      case 'passTime':
        return { type: 'passedTime' };
      case 'grant': {
        const ttlSeconds = Math.min(Math.max(minTtlSeconds, request.ttlSeconds), maxTtlSeconds);
        if (!this.#leases.grant(request.id, ttlSeconds, this.#time.nowMs)) return 'leaseExists';
        return { type: 'granted', id: request.id, ttlSeconds };
      }
      case 'renew': {
        const { id } = request;
        if (!this.#leases.renew(id, this.#time.nowMs)) return 'leaseNotFound';
        return { type: 'renewed', id, ttlSeconds: this.#leases.get(id)!.ttlSeconds };
      }
      case 'revoke':
        return this.#revoke(request.id) ? { type: 'revoked', id: request.id } : 'leaseNotFound';
      case 'compact': {
        if (request.revision > this.#store.revision) return 'futureRevision';
        return this.#store.compact(request.revision) ? { type: 'compacted' } : 'compacted';
      }
      default: {
        const outcome = this.#transact((transaction) =>
          perform(request, transaction, {
            at: (revision) => this.#store.at(revision),
            revision: this.#store.revision,
            hasLease: (lease) => this.#leases.has(lease),
          }),
        );
        return outcome.type === 'refused' ? outcome.reason : outcome;
      }
    }
  }

  #passTime(stampMs: number): void {
    this.#store.begin();
    this.#time = logTimeAfter(this.#time, stampMs, maxStepMs);
    for (const id of this.#leases.due(this.#time.nowMs, endedPerCommand)) this.#revoke(id);
  }

  /** False: there is no such lease. */
  #revoke(id: bigint): boolean {
    const keys = this.#leases.revoke(id);
    if (keys === null) return false;
    this.#transact((transaction) => {
      for (const key of keys) transaction.deleteRange(rangeOfKey(key));
    });
    return true;
  }

  #transact<Result>(act: (transaction: Transaction) => Result): Result {
    const { result, change } = this.#store.transact(act);
    if (change !== null) {
      this.#moveKeys(change);
      this.#changed();
    }
    return result;
  }

  /** Keys go from lease to lease as they are written. */
  #moveKeys({ events }: Change): void {
    for (const { key, before, now } of events) this.#leases.move(key, before?.lease ?? 0n, now?.lease ?? 0n);
  }
}

/** A command is often a view into a frame of many; keeping the view would keep the whole frame. */
const ownCopy = (view: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(view.length);
  copy.set(view);
  return copy;
};

const isSameValue = (a: Uint8Array | null, b: Uint8Array | null): boolean => {
  if (a === null || b === null) return a === b;
  return comparedBytes(a, b) === 0;
};
