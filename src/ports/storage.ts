import type { Entry, HardState, LogIndex } from '../raft/types.ts';

/** One ordered write: the hard state as of now and, if there are any, entries from `firstIndex` on. */
export interface Write {
  /** Written only where it differs from the last one appended. */
  readonly hardState: HardState;
  /** Index of the first entry; 0 when `entries` is empty. Whatever stood at `firstIndex` and after it is replaced. */
  readonly firstIndex: LogIndex;
  readonly entries: readonly Entry[];
}

/** Index, term and payload size of one recovered entry, in order of index from 1. */
export type EntryVisitor = (index: LogIndex, term: number, payloadBytes: number) => void;

export interface Recovered {
  readonly hardState: HardState;
  /** 0 if the log is empty. */
  readonly lastIndex: LogIndex;
}

/**
 * The durable log and hard state of one node. All calls come from one thread, in program order.
 *
 * A crash keeps a prefix of the appended writes that includes everything covered by a `sync` that was answered
 * without failure. After the first failure the storage is poisoned: every later `sync` fails as well, since a
 * retried fsync may report success for pages that are gone.
 */
export interface Storage {
  /** What was durable when this storage was opened. */
  readonly recovered: Recovered;

  /** Calls `visit` for each entry present now, in order of index. Reads no payload. */
  visitEntries(visit: EntryVisitor): void;

  /** Takes `write` after all earlier ones. `read` sees it at once; it is not durable yet. Never throws. */
  append(write: Write): void;

  /**
   * Calls `done(null)` once everything appended before this call would survive a power loss, or
   * `done(failure)`. Never calls `done` before returning. One `sync` at a time: not again before `done`.
   */
  sync(done: (failure: StorageFailed | null) => void): void;

  /**
   * Entries `firstIndex` to `lastIndex`, both included, all present; recent ones come from memory. Returns fewer
   * (at least one) once `maxBytes` of payload are reached. Throws `StorageFailed` if the disk does not give back what was written.
   */
  read(firstIndex: LogIndex, lastIndex: LogIndex, maxBytes: number): readonly Entry[];

  /** Releases files and lock. Writes that were not synced may be lost. `done` is called once. */
  close(done: () => void): void;
}

/** The disk did not do what it was asked to. The node must stop. */
export class StorageFailed extends Error {
  override readonly name = 'StorageFailed';
}

/** The directory cannot be used: damaged, another node's, another cluster's. Names the file and, for damage, the offset. */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';
  readonly reason: 'damaged' | 'wrongOwner' | 'locked' | 'unusable';

  constructor(reason: StorageRefused['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
