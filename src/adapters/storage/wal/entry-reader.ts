import { join } from 'node:path';
import { StorageFailed } from '../../../ports/storage.ts';
import { type Entry, emptyPayload, type LogIndex } from '../../../raft/types.ts';
import type { FileHandle, Files } from '../files.ts';
import type { EntryIndex } from './entry-index.ts';
import { saltOf, segmentName } from './format.ts';
import {
  decodeFields,
  entryKindOf,
  payloadBytesOf,
  payloadOffset,
  recordBytesOf,
  soundRecordBytes,
} from './record.ts';

const maxRunBytes = 1024 * 1024;
/** How many bytes of other records (hard states, replaced entries) a run may span rather than be cut in two. */
const maxGapBytes = 4096;
const maxOpenFiles = 16;

/** Reads durable entries back: one disk read for each contiguous run of them, and each record checked. */
export class EntryReader {
  readonly #files: Files;
  readonly #directory: string;
  readonly #index: EntryIndex;
  readonly #logId: string;
  /** Segments open for reading, the one used last at the end. */
  readonly #open = new Map<number, FileHandle>();

  constructor(files: Files, directory: string, index: EntryIndex, logId: string) {
    this.#files = files;
    this.#directory = directory;
    this.#index = index;
    this.#logId = logId;
  }

  /** Pushes entries `firstIndex` to `lastIndex` onto `target`. Throws `StorageFailed`. */
  read(firstIndex: LogIndex, lastIndex: LogIndex, target: Entry[]): void {
    for (let index = firstIndex; index <= lastIndex; ) {
      index = this.#readRun(index, lastIndex, target);
    }
  }

  /** Closes the files of segments before `segment`, which are about to be removed. */
  forgetBefore(segment: number): void {
    for (const [number, file] of this.#open) {
      if (number >= segment) continue;
      this.#open.delete(number);
      this.#files.close(file);
    }
  }

  close(): void {
    for (const file of this.#open.values()) this.#files.close(file);
    this.#open.clear();
  }

  /** Reads the run that starts at `firstIndex`; returns the index after it. */
  #readRun(firstIndex: LogIndex, lastIndex: LogIndex, target: Entry[]): LogIndex {
    const { segment, offset: start } = this.#index.positionOf(firstIndex);
    let end = start + recordBytesOf(this.#index.payloadBytesOf(firstIndex));
    let after = firstIndex + 1;
    for (; after <= lastIndex; after += 1) {
      const next = this.#index.positionOf(after);
      const nextEnd = next.offset + recordBytesOf(this.#index.payloadBytesOf(after));
      const isNear = next.segment === segment && next.offset >= end && next.offset - end <= maxGapBytes;
      if (!isNear || nextEnd - start > maxRunBytes) break;
      end = nextEnd;
    }
    const path = join(this.#directory, segmentName(segment));
    const bytes = Buffer.allocUnsafeSlow(end - start);
    let read: number;
    try {
      read = this.#files.readSync(this.#fileOf(segment, path), bytes, start);
    } catch (error) {
      throw new StorageFailed(`${path}: cannot read at offset ${start}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    const salt = saltOf({ logId: this.#logId, number: segment });
    const found = bytes.subarray(0, read);
    for (let index = firstIndex; index < after; index += 1) {
      const { offset } = this.#index.positionOf(index);
      const entry = entryAt(found, offset - start, offset, salt, index);
      if (entry === null || entry.term !== this.#index.termOf(index)) {
        throw new StorageFailed(
          `${path}: offset ${offset} does not give back entry ${index} as it was written`,
        );
      }
      target.push(entry);
    }
    return after;
  }

  #fileOf(segment: number, path: string): FileHandle {
    const file = this.#open.get(segment) ?? this.#files.openToReadSync(path);
    this.#open.delete(segment);
    this.#open.set(segment, file);
    if (this.#open.size > maxOpenFiles) {
      const [oldest, oldestFile] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      this.#files.close(oldestFile);
    }
    return file;
  }
}

/** The payload is a view of `bytes`, not a copy. */
function entryAt(bytes: Buffer, at: number, offset: number, salt: number, index: LogIndex): Entry | null {
  if (soundRecordBytes(bytes, at, offset, salt) === 0) return null;
  const fields = decodeFields(bytes, at);
  if (fields.index !== index) return null;
  const kind = entryKindOf(fields.type);
  if (kind === undefined) return null;
  if (kind === 'noop') return { term: fields.term, kind, payload: emptyPayload };
  const start = at + payloadOffset;
  return {
    term: fields.term,
    kind,
    payload: bytes.subarray(start, start + payloadBytesOf(bytes, at)),
  };
}
