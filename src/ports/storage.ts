import type { Entry, HardState, LogIndex, Term } from '../raft/types.ts';
import type { Disk } from './disk.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** One ordered write: the hard state as of now and, if there are any, entries from `firstIndex` on. */
export interface Write {
  /** Written only where it differs from the last one appended. */
  readonly hardState: HardState;
  /** Index of the first entry; 0 when `entries` is empty. Whatever was at `firstIndex` and after it is replaced. */
  readonly firstIndex: LogIndex;
  readonly entries: readonly Entry[];
}

/** Index, term and payload size of one entry, in order of index, and whether it is of kind `configuration`. */
export type EntryVisitor = (
  index: LogIndex,
  term: number,
  payloadBytes: number,
  isConfiguration: boolean,
) => void;

export interface Recovered {
  readonly hardState: HardState;
  /** The log begins after this entry, which `snapshots.latest` covers. 0 and 0: it begins at entry 1. */
  readonly baseIndex: LogIndex;
  readonly baseTerm: Term;
  /** `baseIndex` if the log is empty. */
  readonly lastIndex: LogIndex;
}

/**
 * The durable log and hard state of one node. All calls come from one thread, in program order.
 *
 * A crash keeps a prefix of the appended writes that includes everything covered by a `sync` that was answered
 * without failure. (An adapter may cut a write that is larger than some documented bound into several, between entries.)
 * After the first failure the storage is poisoned: every later `sync` fails as well, since a retried fsync may report
 * success for pages that are gone (PostgreSQL's fsyncgate, 2018).
 */
export interface Storage {
  /** What was durable when this storage was opened. */
  readonly recovered: Recovered;

  /** What it is stored on, as far as peers are concerned. Its own `start` counts this opening. */
  readonly disk: Disk;
  /**
   * Beside the log, on the same disk. A storage opens with a log that goes on where `latest` ends: what follows it stays if the log had its last entry,
   * with its term; otherwise the log is empty, and begins after it. Raft paper §7.
   */
  readonly snapshots: SnapshotStore;

  /** Calls `visit` for each entry present now, in order of index. Reads no payload. */
  visitEntries(visit: EntryVisitor): void;

  /**
   * Takes `write` after all earlier ones. `read` sees it at once; it is not durable yet. Its entries belong to the storage
   * from now on: nobody changes a payload. A failing disk shows in `sync`; only our own bug, a write out of order, throws.
   */
  append(write: Write): void;

  /**
   * Calls `done(null)` once everything appended before this call would survive a power loss, or
   * `done(failure)`. Never calls `done` before returning. One `sync` at a time: not again before `done`.
   */
  sync(done: (failure: StorageFailed | null) => void): void;

  /**
   * The log begins after entry `index` of `term` from now on, which `snapshots.latest` covers. What follows that entry stays if the log has it, with that term; otherwise
   * everything is discarded. An `index` at or before where the log begins changes nothing. In order with `append`. The space is given back later; a failure of that is reported, and tried again
   * with the next call.
   */
  compact(index: LogIndex, term: Term): void;

  /**
   * Entries `firstIndex` to `lastIndex`, inclusive, all present; recent ones come from memory. Returns as many from
   * `firstIndex` on as `maxBytes` of payload allow, but at least one. A payload may be a view of a larger buffer. Throws `StorageFailed` if the disk does not give back what was written,
   * `EntriesCompacted` if the log begins after `firstIndex`.
   */
  read(firstIndex: LogIndex, lastIndex: LogIndex, maxBytes: number): readonly Entry[];

  /** Releases files and lock, after the answer to a `sync` in flight. Writes that were not synced may be lost. `done` is called once. */
  close(done: () => void): void;
}

/** An entry was asked for that the log no longer has: a snapshot stands for it. */
export class EntriesCompacted extends Error {
  override readonly name = 'EntriesCompacted';

  constructor(index: LogIndex, baseIndex: LogIndex) {
    super(
      `entry ${index} is not in the log any more: a snapshot covers it, and the log begins after entry ${baseIndex}`,
    );
  }
}

/** The disk did not do what it was asked. The node must stop. */
export class StorageFailed extends Error {
  override readonly name = 'StorageFailed';
}

/**
 * The directory cannot be used: damaged, another node's, another cluster's, of a format that this program cannot take over. Names the
 * file and, for damage, the offset.
 */
export class StorageRefused extends Error {
  override readonly name = 'StorageRefused';
  readonly reason: 'damaged' | 'wrongOwner' | 'otherFormat' | 'locked' | 'unusable';

  constructor(reason: StorageRefused['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
