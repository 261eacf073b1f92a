import { join } from 'node:path';
import type { SnapshotInfo } from '../../../ports/snapshot-store.ts';
import type { HardState, LogIndex } from '../../../raft/types.ts';
import { type Account, accountName, type LogBase } from './account.ts';
import { damaged } from './checked-file.ts';
import { EntryIndex } from './entry-index.ts';
import type { FileHandle, Files } from './files.ts';
import {
  decodeHeader,
  firstRecordOffset,
  type SegmentHeader,
  saltOf,
  segmentName,
  segmentNumberOf,
} from './format.ts';
import {
  decodeFields,
  entryKindOf,
  payloadBytesOf,
  payloadOffset,
  RecordType,
  soundRecordBytes,
} from './record.ts';
import { type SegmentScan, scanSegment } from './segment-scan.ts';
import { zeroFill } from './segments.ts';
import { snapshotFileName } from './snapshot-format.ts';

export interface RecoveredLog {
  readonly hardState: HardState;
  /** As the log has it; `hardState` differs from it if the snapshot is of a later term. */
  readonly writtenHardState: HardState;
  readonly index: EntryIndex;
  /** The snapshot's last entry, if the log does not have it: the log must say that it begins after it before anything else is written. */
  readonly startAfter: LogBase | null;
  /** The last index before each segment. */
  readonly segmentStarts: ReadonlyMap<number, LogIndex>;
  /** The segment that is written next, and where in it. */
  readonly header: SegmentHeader;
  readonly offset: number;
  /** Segments that are not part of the log: prepared but never used, or no longer needed. To be removed once the account says so. */
  readonly unused: readonly number[];
}

/** What the directory must hold. */
export type Expected = Omit<Account, 'start' | 'runs'>;

/** One segment file, read whole. */
interface Segment {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly bytes: Buffer;
}

/**
 * Reads the log in `directory` from its first segment to its last, a segment at a time into one buffer. `expected`: what the directory's
 * account says must be there; null for a directory of format 1, which has none. `snapshot`: the newest durable one.
 *
 * On return the disk holds what was recovered and zeros after it: what a crash left of an unfinished sync is durably gone,
 * so that no later crash can bring it back beside newer records. Throws `StorageRefused` for damage.
 */
export const recoverLog = async (
  files: Files,
  directory: string,
  logId: string,
  expected: Expected | null,
  snapshot: SnapshotInfo | null,
): Promise<RecoveredLog> => {
  const { numbers, outdated } = await segmentNumbers(files, directory, expected);
  const reader = new SegmentReader(files, directory, logId);
  const last = await lastUsed(directory, numbers, reader, expected);

  const state = new Replay(numbers[0]!);
  for (const number of numbers.slice(0, numbers.indexOf(last))) {
    const segment = await reader.read(number);
    const scan = scanSegment(segment.bytes, saltOf(segment.header));
    refuseUnlessClean(segment, scan);
    refuseIfShort(segment, scan.end, expected);
    state.replay(segment, scan.end);
  }
  const segment = await reader.read(last);
  const { end, tail } = scanSegment(segment.bytes, saltOf(segment.header));
  if (tail.kind === 'damaged') throw damaged(segment.path, tail.offset, tail.reason);
  refuseIfShort(segment, end, expected);
  state.replay(segment, end);
  if (tail.kind === 'torn') {
    const file = await files.open(segment.path, 'write');
    try {
      await zeroFill(files, file, end, Math.min(tail.to, segment.header.sizeBytes));
    } finally {
      files.close(file);
    }
  }
  const unused = [...outdated, ...numbers.filter((number) => number > last)];
  const { hardState: writtenHardState, index, segmentStarts } = state;
  const startAfter = joinSnapshot(directory, state, expected?.base ?? { index: 0, term: 0 }, snapshot);
  const isNewer = snapshot !== null && snapshot.term > writtenHardState.currentTerm;
  return {
    // Its term was never written, so no vote in it was ever sent.
    hardState: isNewer ? { currentTerm: snapshot.term, votedFor: null } : writtenHardState,
    writtenHardState,
    index,
    startAfter,
    segmentStarts,
    header: segment.header,
    offset: end,
    unused,
  };
};

/**
 * Makes the log go on where `snapshot` ends: what it covers and `base` has dropped is gone; what follows it stays if the log has its last entry, with its term, and is
 * discarded otherwise (Raft paper §7). Then it returns where the log is to begin. Throws `StorageRefused` if entries are missing between the two.
 */
function joinSnapshot(
  directory: string,
  { index }: Replay,
  base: LogBase,
  snapshot: SnapshotInfo | null,
): LogBase | null {
  const begins = Math.max(index.baseTerm === 0 ? 0 : index.baseIndex, base.index);
  if (begins > (snapshot?.index ?? 0)) {
    const found = snapshot === null ? 'there is no snapshot' : `the snapshot ends at ${snapshot.index}`;
    const path = join(directory, snapshotFileName(begins));
    throw damaged(path, 0, `the log begins after entry ${begins}, but ${found}: a snapshot is missing`);
  }
  if (snapshot !== null && index.termOf(snapshot.index) !== snapshot.term) {
    const isAhead =
      index.baseIndex > snapshot.index || (index.baseTerm === 0 && index.baseIndex === snapshot.index);
    if (!isAhead) return { index: snapshot.index, term: snapshot.term };
  }
  if (base.index > index.baseIndex) {
    if (index.termOf(base.index) !== base.term) {
      const found = index.termOf(base.index);
      throw damaged(
        join(directory, accountName),
        0,
        `it says that entry ${base.index} has term ${base.term}, the log says ${found}`,
      );
    }
    index.dropThrough(base.index);
  } else if (index.baseIndex > 0 && index.baseTerm === 0) {
    if (base.index < index.baseIndex) {
      const first = base.index + 1;
      throw damaged(join(directory, accountName), 0, `entries ${first} to ${index.baseIndex} are missing`);
    }
    index.baseTerm = base.term;
  }
  return null;
}

/** The segments in `directory`, without a gap, and those from before the log began. */
async function segmentNumbers(
  files: Files,
  directory: string,
  expected: Expected | null,
): Promise<{ readonly numbers: readonly number[]; readonly outdated: readonly number[] }> {
  const { firstSegment, lastSegment } = expected ?? { firstSegment: 1, lastSegment: 1 };
  const names = await files.list(directory);
  const found = names.map(segmentNumberOf).filter((number) => number !== null);
  found.sort((a, b) => a - b);
  const numbers = found.filter((number) => number >= firstSegment);
  const end = Math.max(lastSegment, numbers.at(-1) ?? 0);
  for (let number = firstSegment; number <= end; number += 1) {
    if (numbers[number - firstSegment] !== number)
      throw damaged(join(directory, segmentName(number)), 0, 'this segment is missing');
  }
  return { numbers, outdated: found.filter((number) => number < firstSegment) };
}

/**
 * The number of the newest segment that is in use. The one after it was only prepared, or its very first sync was torn. It is not kept:
 * writing continues in the one before, and the next is created afresh.
 */
async function lastUsed(
  directory: string,
  numbers: readonly number[],
  reader: SegmentReader,
  expected: Expected | null,
): Promise<number> {
  const newest = await reader.read(numbers.at(-1)!);
  const { number } = newest.header;
  const salt = saltOf(newest.header);
  const isUsed = soundRecordBytes(newest.bytes, firstRecordOffset, firstRecordOffset, salt) > 0;
  if (expected !== null && (isUsed ? number : number - 1) > expected.lastSegment) {
    const reason = `it says that the log ends in segment ${expected.lastSegment}, but there is segment ${number}`;
    throw damaged(join(directory, accountName), 0, reason);
  }
  if (isUsed) return number;
  const { tail } = scanSegment(newest.bytes, salt);
  if (tail.kind === 'damaged') throw damaged(newest.path, tail.offset, tail.reason);
  if (numbers.length === 1)
    throw damaged(newest.path, firstRecordOffset, 'the first record of the log is missing');
  if (expected?.watermark.segment === number) refuseIfShort(newest, firstRecordOffset, expected);
  if (tail.kind === 'torn') {
    // Something was written here, so the segment before was durable to its end.
    const before = await reader.read(number - 1);
    refuseUnlessClean(before, scanSegment(before.bytes, saltOf(before.header)));
  }
  return number - 1;
}

/** Zeros where records were durable look like the end of the log, but no crash takes them. */
function refuseIfShort({ path, header }: Segment, end: number, expected: Expected | null): void {
  if (expected === null || expected.watermark.segment !== header.number) return;
  const { offset } = expected.watermark;
  if (end < offset) throw damaged(path, end, `records from here up to offset ${offset} are missing`);
}

function refuseUnlessClean({ path }: Segment, { tail }: SegmentScan): void {
  if (tail.kind === 'damaged') throw damaged(path, tail.offset, tail.reason);
  if (tail.kind === 'torn')
    throw damaged(path, tail.offset, 'records are missing, but a later segment is in use');
}

/** Reads segments whole, into one buffer: what it returned last is gone with the next `read`. */
class SegmentReader {
  readonly #files: Files;
  readonly #directory: string;
  readonly #logId: string;
  #buffer = Buffer.alloc(0);

  constructor(files: Files, directory: string, logId: string) {
    this.#files = files;
    this.#directory = directory;
    this.#logId = logId;
  }

  async read(number: number): Promise<Segment> {
    const path = join(this.#directory, segmentName(number));
    const file = await this.#files.open(path, 'read');
    try {
      return this.#readOpen(path, file, number);
    } finally {
      this.#files.close(file);
    }
  }

  #readOpen(path: string, file: FileHandle, number: number): Segment {
    const head = Buffer.alloc(firstRecordOffset);
    const header = decodeHeader(head.subarray(0, this.#files.readSync(file, head, 0)));
    if (typeof header === 'string') throw damaged(path, 0, header);
    if (header.logId !== this.#logId) throw damaged(path, 16, 'this is a segment of another log');
    if (header.number !== number)
      throw damaged(path, 12, `this is segment ${header.number} under a wrong name`);
    const size = this.#files.sizeBytes(file);
    if (size !== header.sizeBytes) {
      const offset = Math.min(size, header.sizeBytes);
      throw damaged(path, offset, `the file has ${size} bytes, not ${header.sizeBytes}; no crash does that`);
    }
    if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(size);
    const bytes = this.#buffer.subarray(0, size);
    const read = this.#files.readSync(file, bytes, 0);
    if (read !== size) throw damaged(path, read, 'the file ends early');
    return { path, header, bytes };
  }
}

/** Applies sound records in order, and refuses what `assertInOrder` never let into a log. */
class Replay {
  hardState: HardState = { currentTerm: 0, votedFor: null };
  readonly index = new EntryIndex();
  readonly segmentStarts = new Map<number, LogIndex>();
  readonly #firstSegment: number;
  #previous = { path: '', end: 0 };

  constructor(firstSegment: number) {
    this.#firstSegment = firstSegment;
  }

  replay({ path, header, bytes }: Segment, end: number): void {
    // A segment is made only after the one before it was synced at least once.
    if (end === firstRecordOffset) throw damaged(path, end, 'the segment start is missing');
    for (let offset = firstRecordOffset; offset < end; offset += bytes.readUInt32LE(offset)) {
      const { type, index, term } = decodeFields(bytes, offset);
      let reason: string | null;
      if ((offset === firstRecordOffset) !== (type === RecordType.segmentStart)) {
        reason = 'a segment start opens each segment, and stands nowhere else';
      } else if (type === RecordType.segmentStart) {
        this.segmentStarts.set(header.number, index);
        reason =
          header.number === this.#firstSegment && header.number > 1
            ? this.#begin(bytes, offset, index, term)
            : this.#start(bytes, offset, index, term);
      } else if (type === RecordType.hardState) {
        reason = this.#adopt({ currentTerm: term, votedFor: index === 0 ? null : index });
      } else if (type === RecordType.logStart) {
        reason = this.#startAfter(index, term);
      } else if (entryKindOf(type) !== undefined) {
        reason = this.#put(header.number, offset, index, term, payloadBytesOf(bytes, offset));
      } else {
        reason = `record type ${type} is unknown`;
      }
      if (reason !== null) throw damaged(path, offset, reason);
    }
    this.#previous = { path, end };
  }

  /** The segments before are gone, with all entries that they held: of those, nothing but the last index is known. */
  #begin(bytes: Buffer, offset: number, lastIndex: number, currentTerm: number): null {
    const voted = Number(bytes.readBigUInt64LE(offset + payloadOffset));
    this.hardState = { currentTerm, votedFor: voted === 0 ? null : voted };
    this.index.reset(lastIndex, 0);
    return null;
  }

  #startAfter(index: number, term: number): string | null {
    if (index < 1 || term < 1) return `the log begins after entry ${index} of term ${term}`;
    if (term > this.hardState.currentTerm) {
      return `the log begins after an entry of term ${term}, the node has ${this.hardState.currentTerm}`;
    }
    this.index.reset(index, term);
    return null;
  }

  #start(bytes: Buffer, offset: number, lastIndex: number, currentTerm: number): string | null {
    const voted = Number(bytes.readBigUInt64LE(offset + payloadOffset));
    const previousEnd = bytes.readUInt32LE(offset + payloadOffset + 8);
    const { path, end } = this.#previous;
    if (end < previousEnd)
      throw damaged(path, end, `records from here up to offset ${previousEnd} are missing`);
    const had = this.hardState;
    const said = JSON.stringify([lastIndex, currentTerm, voted, previousEnd]);
    const found = JSON.stringify([this.index.lastIndex, had.currentTerm, had.votedFor ?? 0, end]);
    return said === found
      ? null
      : `last index, term, vote and end before it were ${said}, but found ${found}`;
  }

  #adopt(next: HardState): string | null {
    const had = this.hardState;
    if (next.currentTerm < had.currentTerm) return `term ${next.currentTerm} after term ${had.currentTerm}`;
    if (next.currentTerm === had.currentTerm && had.votedFor !== null && next.votedFor !== had.votedFor) {
      return `a second vote in term ${next.currentTerm}: ${next.votedFor} after ${had.votedFor}`;
    }
    this.hardState = next;
    return null;
  }

  #put(segment: number, offset: number, index: number, term: number, payloadBytes: number): string | null {
    const { lastIndex } = this.index;
    if (index < 1 || index > lastIndex + 1) return `entry ${index} after entry ${lastIndex}`;
    const previous = this.index.termOf(index - 1);
    if (term < previous) return `entry ${index} has term ${term}, the one before it ${previous}`;
    if (term > this.hardState.currentTerm)
      return `entry ${index} has term ${term}, the node ${this.hardState.currentTerm}`;
    const { baseIndex, baseTerm } = this.index;
    if (index <= baseIndex) {
      if (baseTerm > 0) return `entry ${index}, but the log begins after entry ${baseIndex}`;
      // It replaced entries of a segment that is gone: those after it are gone as well, and what it follows is not known.
      this.index.reset(index - 1, 0);
    }
    this.index.truncateFrom(index);
    this.index.append(segment, offset, payloadBytes, term);
    return null;
  }
}
