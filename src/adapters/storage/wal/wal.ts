import { join } from 'node:path';
import type { Log } from '../../../ports/log.ts';
import {
  EntriesCompacted,
  type EntryVisitor,
  type Recovered,
  type Storage,
  StorageFailed,
  type Write,
} from '../../../ports/storage.ts';
import { assert } from '../../../raft/assert.ts';
import type { Entry, LogIndex, Term } from '../../../raft/types.ts';
import type { FileHandle, Files } from '../files.ts';
import type { ReleaseLock } from '../lock.ts';
import { assertInOrder } from '../write-order.ts';
import type { LogBase } from './account.ts';
import { Batch } from './batch.ts';
import { EntryCache } from './entry-cache.ts';
import type { EntryIndex, Position } from './entry-index.ts';
import { EntryReader } from './entry-reader.ts';
import { firstRecordOffset, segmentName } from './format.ts';
import { LogTail } from './log-tail.ts';
import type { RecoveredLog } from './recovery.ts';
import { NextSegment } from './segments.ts';
import type { SnapshotFiles } from './snapshots.ts';
import type { WalDisk } from './wal-disk.ts';

type SyncDone = (failure: StorageFailed | null) => void;

export interface WalParts {
  readonly files: Files;
  readonly directory: string;
  readonly log: Log;
  readonly recovered: RecoveredLog;
  readonly disk: WalDisk;
  readonly snapshots: SnapshotFiles;
  /** The segment to continue with, open for writing. */
  readonly file: FileHandle;
  readonly release: ReleaseLock;
  readonly segmentSizeBytes: number;
  readonly cacheBytes: number;
}

/**
 * The write-ahead log, open. One sync is in flight at most; what is appended in the meantime is encoded into the other of two
 * batches and goes with the next. Group commit as in thesis §10.2.1.
 */
export class Wal implements Storage {
  readonly recovered: Recovered;
  readonly disk: WalDisk;
  readonly snapshots: SnapshotFiles;
  readonly #files: Files;
  readonly #directory: string;
  readonly #log: Log;
  readonly #release: ReleaseLock;
  readonly #index: EntryIndex;
  readonly #cache: EntryCache;
  readonly #reader: EntryReader;
  readonly #tail: LogTail;
  readonly #next: NextSegment;
  /** The segment of the last write to disk, and where that ended; `#tail` is ahead of it by what is not synced. */
  #current: Position & { readonly file: FileHandle };
  #appended = new Batch();
  #inFlight = new Batch();
  #syncDone: SyncDone | null = null;
  /** The oldest segment, and whether those before the one that is needed are being removed. */
  #firstSegment: number;
  #removing: Promise<void> | null = null;
  #failure: StorageFailed | null = null;
  #isClosed = false;
  #closeDone: (() => void) | null = null;

  constructor(parts: WalParts) {
    const { files, directory, log, recovered, disk, file, release, segmentSizeBytes, cacheBytes } = parts;
    const { header, hardState, writtenHardState, index, offset, segmentStarts, startAfter } = recovered;
    const tailAt = { header, offset, nextSizeBytes: segmentSizeBytes };
    this.#tail = new LogTail(index, writtenHardState, tailAt, segmentStarts);
    if (startAfter !== null) {
      this.#tail.startAfter(this.#appended, hardState, startAfter.index, startAfter.term);
    }
    const { baseIndex, baseTerm, lastIndex } = index;
    this.snapshots = parts.snapshots;
    this.recovered = { hardState, baseIndex, baseTerm, lastIndex };
    this.#files = files;
    this.#directory = directory;
    this.#log = log;
    this.#release = release;
    this.#index = index;
    this.#cache = new EntryCache(lastIndex + 1, cacheBytes);
    this.#reader = new EntryReader(files, directory, index, header.logId);
    this.#firstSegment = Math.min(...segmentStarts.keys());
    this.#next = new NextSegment(files, directory, log);
    this.#current = { segment: header.number, offset, file };
    this.disk = disk;
    disk.follow(() => this.#current);
  }

  visitEntries(visit: EntryVisitor): void {
    const configurations = new Set(this.#index.configurations);
    for (let index = this.#index.baseIndex + 1; index <= this.#index.lastIndex; index += 1) {
      const payloadBytes = this.#index.payloadBytesOf(index);
      visit(index, this.#index.termOf(index), payloadBytes, configurations.has(index));
    }
  }

  append(write: Write): void {
    assert(!this.#isClosed, 'no append after close', write.firstIndex, this.#index.lastIndex);
    const { hardState } = this.#tail;
    const { baseIndex, lastIndex } = this.#index;
    assertInOrder({ hardState, baseIndex, lastIndex, termOf: (index) => this.#index.termOf(index) }, write);
    this.#tail.append(this.#appended, write);
    // Nothing more will be written; the write stays in memory until the node has stopped.
    if (this.#failure !== null) this.#appended.clear();
    if (write.entries.length === 0) return;
    this.#cache.truncateFrom(write.firstIndex);
    for (const entry of write.entries) this.#cache.append(entry);
  }

  compact(index: LogIndex, term: Term): void {
    assert(!this.#isClosed, 'no compaction after close', index, this.#index.lastIndex);
    const covered = this.snapshots.latest?.index ?? 0;
    assert(index <= covered, 'a durable snapshot covers what is compacted', index, covered);
    if (index > this.#index.baseIndex) {
      if (this.#index.termOf(index) === term) {
        this.#index.dropThrough(index);
        this.#cache.dropThrough(index);
      } else {
        this.#tail.startAfter(this.#appended, this.#tail.hardState, index, term);
        if (this.#failure !== null) this.#appended.clear();
        this.#cache.reset(index);
      }
    }
    this.#removeSegments();
  }

  sync(done: SyncDone): void {
    assert(this.#syncDone === null, 'one sync at a time', this.#syncDone !== null, false);
    assert(!this.#isClosed, 'no sync after close', this.#isClosed, false);
    this.#syncDone = done;
    if (this.#failure !== null || this.#appended.isEmpty) {
      queueMicrotask(() => this.#answer());
      return;
    }
    [this.#appended, this.#inFlight] = [this.#inFlight, this.#appended];
    this.#commitPart(0);
  }

  read(firstIndex: LogIndex, lastIndex: LogIndex, maxBytes: number): readonly Entry[] {
    const { baseIndex } = this.#index;
    if (1 <= firstIndex && firstIndex <= baseIndex) throw new EntriesCompacted(firstIndex, baseIndex);
    const isPresent = 1 <= firstIndex && firstIndex <= lastIndex && lastIndex <= this.#index.lastIndex;
    assert(isPresent, 'read of present entries', [firstIndex, lastIndex], this.#index.lastIndex);
    let last = firstIndex;
    let bytes = this.#index.payloadBytesOf(last);
    while (last < lastIndex) {
      bytes += this.#index.payloadBytesOf(last + 1);
      if (bytes > maxBytes) break;
      last += 1;
    }
    const entries: Entry[] = [];
    this.#readBack(firstIndex, Math.min(last, this.#cache.firstIndex - 1), entries);
    for (let index = firstIndex + entries.length; index <= last; index += 1)
      entries.push(this.#cache.at(index));
    return entries;
  }

  close(done: () => void): void {
    assert(!this.#isClosed, 'closed once', this.#isClosed, false);
    this.#isClosed = true;
    this.#closeDone = done;
    if (this.#syncDone === null) this.#finishClose();
  }

  /** Makes the batch in flight durable, part by part: no segment is written before the one before it is durable. */
  #commitPart(i: number): void {
    const part = this.#inFlight.parts[i];
    if (part === undefined) {
      this.#finishSync();
      return;
    }
    if (part.segment !== this.#current.segment) {
      assert(
        part.segment === this.#current.segment + 1,
        'segments in order',
        part.segment,
        this.#current.segment,
      );
      this.#enterSegment(part.segment).then(
        () => this.#commitPart(i),
        (error) => this.#fail(error, `cannot make segment ${part.segment}`),
      );
      return;
    }
    const bytes = this.#inFlight.bytes.subarray(part.from, part.to);
    this.#files.commit(this.#current.file, bytes, part.offset, (error) => {
      if (error === null) {
        this.#current = { ...this.#current, offset: part.offset + bytes.length };
        this.#commitPart(i + 1);
      } else this.#fail(error, `cannot write segment ${part.segment} at offset ${part.offset}`);
    });
  }

  /** The directory knows that it has this segment before anything is written to it. */
  async #enterSegment(segment: number): Promise<void> {
    const file = await this.#next.take(this.#tail.headerOf(segment));
    try {
      await this.disk.enterSegment(segment);
    } catch (error) {
      this.#files.close(file);
      throw error;
    }
    this.#files.close(this.#current.file);
    this.#current = { segment, offset: firstRecordOffset, file };
  }

  /**
   * Removes the segments that hold nothing but what the log has dropped: first it becomes durable that they are not needed, so that a crash leaves none of them
   * in the way, and none that is needed can be missing unnoticed.
   */
  #removeSegments(): void {
    if (this.#removing !== null || this.#failure !== null || this.#isClosed) return;
    const { baseIndex: index, baseTerm: term } = this.#index;
    let first = this.#firstSegment;
    // The one after must have begun durably: what stands in its start replaces all before it.
    const newest =
      this.#current.offset > firstRecordOffset ? this.#current.segment : this.#current.segment - 1;
    while (first < newest && (this.#tail.segmentStarts.get(first + 1) ?? Number.POSITIVE_INFINITY) <= index)
      first += 1;
    if (first === this.#firstSegment) return;
    this.#removing = this.#removeBefore(first, { index, term })
      .catch((error: Error) => {
        this.#log.warn({ error: error.message }, 'old segments could not be removed');
      })
      .finally(() => {
        this.#removing = null;
      });
  }

  async #removeBefore(segment: number, base: LogBase): Promise<void> {
    await this.disk.beginAt(segment, base);
    this.#reader.forgetBefore(segment);
    while (this.#firstSegment < segment) {
      await this.#files.remove(join(this.#directory, segmentName(this.#firstSegment)));
      this.#tail.segmentStarts.delete(this.#firstSegment);
      this.#firstSegment += 1;
    }
    await this.#files.syncDirectory(this.#directory);
  }

  #finishSync(): void {
    this.#inFlight.clear();
    if (this.#failure === null) this.#cache.evict(this.#appended.firstIndex);
    if (this.#tail.isHalfFull && this.#tail.segment === this.#current.segment && !this.#isClosed) {
      this.#next.prepare(this.#tail.headerOf(this.#tail.segment + 1));
    }
    this.#answer();
  }

  /**
   * For good: after a failed fsync the kernel may hold pages as clean that never reached the disk, and the next fsync
   * would say so (PostgreSQL's fsyncgate, 2018).
   */
  #fail(error: Error, what: string): void {
    this.#poison(new StorageFailed(`${what}: ${error.message}`, { cause: error }));
    this.#answer();
  }

  #poison(failure: StorageFailed): void {
    this.#failure ??= failure;
    this.#log.error({ error: failure.message }, 'storage failed; the node must stop');
  }

  #answer(): void {
    const done = this.#syncDone!;
    this.#syncDone = null;
    done(this.#failure);
    if (this.#closeDone !== null) this.#finishClose();
  }

  #readBack(firstIndex: LogIndex, lastIndex: LogIndex, target: Entry[]): void {
    try {
      this.#reader.read(firstIndex, lastIndex, target);
    } catch (error) {
      if (error instanceof StorageFailed) this.#poison(error);
      throw error;
    }
  }

  #finishClose(): void {
    const done = this.#closeDone!;
    this.#closeDone = null;
    const noted = this.disk.close(this.#failure === null).catch((error: Error) => {
      this.#log.warn({ error: error.message }, 'the end of the log could not be noted');
    });
    Promise.all([this.#next.close(), this.snapshots.close(), this.#removing, noted]).then(() => {
      this.#reader.close();
      this.#files.close(this.#current.file);
      this.#release();
      done();
    });
  }
}
