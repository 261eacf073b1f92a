import { LaterFormat, type StateMachine } from '../../ports/state-machine.ts';
import { assert } from '../../raft/assert.ts';
import { decodeCommand, type KvCommand, laterOperationIn, mapKeyOf } from './commands.ts';
import { type BeforeChange, KeyBuckets } from './key-buckets.ts';
import { KvSnapshot, readKvSnapshot } from './kv-snapshot.ts';

/** What a command did. Values belong to the store and never change: read them, do not write into them. */
export type KvResult =
  | { readonly type: 'stored' }
  | { readonly type: 'found'; readonly value: Uint8Array }
  | { readonly type: 'absent' }
  | { readonly type: 'deleted'; readonly existed: boolean }
  | { readonly type: 'swapped' }
  /** A compare-and-swap that found something else; null: the key was absent. */
  | { readonly type: 'mismatch'; readonly actual: Uint8Array | null }
  /** The bytes in the log were not a command. The same on every node, and nothing changed. */
  | { readonly type: 'malformed' };

const stored: KvResult = { type: 'stored' };
const absent: KvResult = { type: 'absent' };
const swapped: KvResult = { type: 'swapped' };
const malformed: KvResult = { type: 'malformed' };
const deletedExisting: KvResult = { type: 'deleted', existed: true };
const deletedAbsent: KvResult = { type: 'deleted', existed: false };

/**
 * The replicated map from key to raw bytes. `get` reads it where it stands: linearizably once `read` of the node has said `ready`. A get that is a
 * command stands in the log: earlier versions of the client API made such entries.
 */
export class KvStateMachine implements StateMachine<KvResult> {
  /** By the key's bytes, one character each; see `decodeCommand`. */
  #values = new KeyBuckets();
  /** Of the snapshot that is being written, if there is one. */
  #beforeChange: BeforeChange | null = null;

  /** How many keys have a value. */
  get size(): number {
    return this.#values.size;
  }

  /** The value of `key` as of the commands applied so far, null if it has none. It belongs to the store: do not write into it. */
  get(key: string): Uint8Array | null {
    return this.#values.get(mapKeyOf(key)) ?? null;
  }

  apply(command: Uint8Array): KvResult {
    const decoded = decodeCommand(command);
    if (decoded !== null) return this.#execute(decoded);
    const later = laterOperationIn(command);
    if (later === null) return malformed;
    throw new LaterFormat(`the log holds command ${later} of the key-value store, which is not known here`);
  }

  /**
   * Writes the state as of now in pieces of some 64 KiB, while commands are applied. Until the part of the store that a changed key lies in is written,
   * its value of now stays in memory: at most once for each key.
   */
  snapshot(): Iterable<Uint8Array> {
    assert(this.#beforeChange === null, 'one snapshot at a time', this.#beforeChange, null);
    const snapshot: KvSnapshot = new KvSnapshot(this.#values, () => {
      if (this.#beforeChange === beforeChange) this.#beforeChange = null;
    });
    const beforeChange: BeforeChange = (bucket, key, value) => snapshot.keep(bucket, key, value);
    this.#beforeChange = beforeChange;
    return snapshot;
  }

  /** Reads a snapshot into a second store, which takes the place of the first one at the end. A snapshot that is being written goes on. */
  async restore(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    this.#values = await readKvSnapshot(pieces);
    this.#beforeChange = null;
  }

  #execute(command: KvCommand): KvResult {
    switch (command.type) {
      case 'put':
        this.#values.set(command.key, ownCopy(command.value), this.#beforeChange);
        return stored;
      case 'get': {
        const value = this.#values.get(command.key);
        return value === undefined ? absent : { type: 'found', value };
      }
      case 'delete':
        return this.#values.delete(command.key, this.#beforeChange) ? deletedExisting : deletedAbsent;
      case 'cas': {
        const actual = this.#values.get(command.key) ?? null;
        if (!isSameValue(actual, command.from)) return { type: 'mismatch', actual };
        if (command.to === null) this.#values.delete(command.key, this.#beforeChange);
        else this.#values.set(command.key, ownCopy(command.to), this.#beforeChange);
        return swapped;
      }
    }
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
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};
