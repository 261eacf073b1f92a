import { createMemoryDisk, openMemoryClaim } from '../../adapters/storage/memory.ts';
import type { Disk } from '../../ports/disk.ts';
import type { SnapshotStore } from '../../ports/snapshot-store.ts';
import type { Storage, StorageFailed, Write } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { Entry } from '../../raft/types.ts';
import { DrivenSnapshots } from './driven-snapshots.ts';

type SyncDone = (failure: StorageFailed | null) => void;

/** Of every disk in a driven world: there its name decides nothing. */
export const drivenLogId = 'd'.repeat(32);

/** The storage of one run of a driven node: it knows whether a sync is in flight, makes a slow sync wait for its release, and ignores a killed run. */
export class DrivenStorage implements Storage {
  /** In memory, whatever the log is on: played peers never lose a disk. */
  readonly disk: Disk;
  readonly #storage: Storage;
  readonly #isSlow: boolean;
  readonly #snapshots: DrivenSnapshots;
  /** On a slow disk: the callback of the sync that the node has asked for. */
  #waiting: SyncDone | null = null;
  #inFlight: Promise<void> | null = null;
  #isDead = false;
  #isClosed = false;

  constructor(storage: Storage, isSlow: boolean, later: (run: () => void) => void) {
    this.disk = openMemoryClaim(createMemoryDisk(drivenLogId).claim, later);
    this.#storage = storage;
    this.#isSlow = isSlow;
    this.#snapshots = new DrivenSnapshots(storage.snapshots, isSlow);
  }

  get recovered() {
    return this.#storage.recovered;
  }

  get snapshots(): SnapshotStore {
    return this.#snapshots;
  }

  /** Resolves when the sync in flight is done, or what is done to a snapshot; null: there is nothing. */
  get inFlight(): Promise<void> | null {
    return this.#inFlight ?? this.#snapshots.inFlight;
  }

  /** On a slow disk: what was received of a snapshot turns out to be sound, or of no use. */
  checked(isSound: boolean): void {
    this.#snapshots.checked(isSound);
  }

  /** The whole log, as the node would read it. */
  get entries(): readonly Entry[] {
    let firstIndex = 0;
    let lastIndex = 0;
    this.#storage.visitEntries((index) => {
      firstIndex ||= index;
      lastIndex = index;
    });
    return lastIndex === 0 ? [] : this.#storage.read(firstIndex, lastIndex, Number.POSITIVE_INFINITY);
  }

  visitEntries(visit: Parameters<Storage['visitEntries']>[0]): void {
    this.#storage.visitEntries(visit);
  }

  append(write: Write): void {
    if (!this.#isDead) this.#storage.append(write);
  }

  compact(index: number, term: number): void {
    if (!this.#isDead) this.#storage.compact(index, term);
  }

  sync(done: SyncDone): void {
    assert(this.#waiting === null, 'one sync at a time', this.#waiting, null);
    if (this.#isDead) return;
    this.#waiting = done;
    if (!this.#isSlow) this.letThrough();
  }

  /** Starts the waiting sync. False: none is waiting, or the run was killed. */
  letThrough(): boolean {
    const done = this.#waiting;
    if (done === null || this.#inFlight !== null || this.#isDead) return false;
    this.#inFlight = new Promise((resolve) => {
      this.#storage.sync((failure) => {
        this.#waiting = null;
        this.#inFlight = null;
        if (!this.#isDead) done(failure);
        resolve();
      });
    });
    return true;
  }

  read(firstIndex: number, lastIndex: number, maxBytes: number): readonly Entry[] {
    return this.#storage.read(firstIndex, lastIndex, maxBytes);
  }

  close(done: () => void): void {
    this.#isClosed = true;
    this.#storage.close(done);
  }

  /** The process is gone: nothing that it does reaches the disk any more. */
  cutOff(): void {
    this.#isDead = true;
    this.#snapshots.cutOff();
  }

  /** Resolves when the next run may open the disk, which then holds only what was synced. */
  release(): Promise<void> {
    this.cutOff();
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.close(resolve));
  }
}
