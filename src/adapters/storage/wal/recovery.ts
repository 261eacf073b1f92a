import { join } from 'node:path';
import type { SnapshotInfo } from '../../../ports/snapshot-store.ts';
import type { HardState, LogIndex } from '../../../raft/types.ts';
import { damaged } from '../checked-file.ts';
import type { Files } from '../files.ts';
import { type Account, accountName, type LogBase } from './account.ts';
import type { EntryIndex } from './entry-index.ts';
import { firstRecordOffset, type SegmentHeader, saltOf, segmentName, segmentNumberOf } from './format.ts';
import { soundRecordBytes } from './record.ts';
import { Replay } from './replay.ts';
import { type Segment, SegmentReader } from './segment-reader.ts';
import { type SegmentScan, scanSegment } from './segment-scan.ts';
import { zeroFill } from './segments.ts';
import { snapshotFileName } from './snapshot-format.ts';
import { done, type WhileReading } from './stretches.ts';

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

/**
 * Reads the log in `directory` from its first segment to its last, a segment at a time into one buffer. `expected`: what the directory's
 * account says must be there; null for a directory of format 1, which has none. `snapshot`: the newest durable one. `whileReading`: see
 * `WalOptions`.
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
  whileReading: WhileReading | null,
): Promise<RecoveredLog> => {
  const { numbers, outdated } = await segmentNumbers(files, directory, expected);
  const reader = new SegmentReader(files, directory, logId);
  const last = await lastUsed(directory, numbers, reader, expected, whileReading && (() => whileReading(0)));

  // Each segment is gone through three times.
  const passes = 3 * (numbers.indexOf(last) + 1);
  let pass = 0;
  const between = whileReading && ((part: number) => whileReading((pass + part) / passes));
  const state = new Replay(numbers[0]!);
  const take = async (number: number): Promise<{ segment: Segment; scan: SegmentScan }> => {
    const segment = await reader.read(number, between);
    pass += 1;
    const scan = await done(scanSegment(segment.bytes, saltOf(segment.header)), between);
    pass += 1;
    if (number !== last) refuseUnlessClean(segment, scan);
    else if (scan.tail.kind === 'damaged') throw damaged(segment.path, scan.tail.offset, scan.tail.reason);
    refuseIfShort(segment, scan.end, expected);
    await done(state.replay(segment, scan.end), between);
    pass += 1;
    return { segment, scan };
  };
  for (const number of numbers.slice(0, numbers.indexOf(last))) await take(number);
  const {
    segment,
    scan: { end, tail },
  } = await take(last);
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
  between: WhileReading | null,
): Promise<number> {
  const newest = await reader.read(numbers.at(-1)!, between);
  const { number } = newest.header;
  const salt = saltOf(newest.header);
  const isUsed = soundRecordBytes(newest.bytes, firstRecordOffset, firstRecordOffset, salt) > 0;
  if (expected !== null && (isUsed ? number : number - 1) > expected.lastSegment) {
    const reason = `it says that the log ends in segment ${expected.lastSegment}, but there is segment ${number}`;
    throw damaged(join(directory, accountName), 0, reason);
  }
  if (isUsed) return number;
  const { tail } = await done(scanSegment(newest.bytes, salt), between);
  if (tail.kind === 'damaged') throw damaged(newest.path, tail.offset, tail.reason);
  if (numbers.length === 1)
    throw damaged(newest.path, firstRecordOffset, 'the first record of the log is missing');
  if (expected?.watermark.segment === number) refuseIfShort(newest, firstRecordOffset, expected);
  if (tail.kind === 'torn') {
    // Something was written here, so the segment before was durable to its end.
    const before = await reader.read(number - 1, between);
    refuseUnlessClean(before, await done(scanSegment(before.bytes, saltOf(before.header)), between));
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
