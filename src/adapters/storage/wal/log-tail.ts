import type { Write } from '../../../ports/storage.ts';
import { assert } from '../../../raft/assert.ts';
import { emptyPayload, type HardState, type LogIndex, type Term } from '../../../raft/types.ts';
import type { Batch } from './batch.ts';
import type { EntryIndex } from './entry-index.ts';
import { firstRecordOffset, type SegmentHeader, saltOf } from './format.ts';
import { minRecordBytes, RecordFlag, RecordType, recordBytesOf } from './record.ts';

/** Payload of a `segmentStart` record: votedFor (u64), end of the records of the segment before (u32), 0 (u32). */
const startPayloadBytes = 16;
const startRecordBytes = recordBytesOf(startPayloadBytes);

/** The largest write that a crash keeps whole or not at all, in bytes of records. */
const segmentCapacity = (segmentSizeBytes: number): number =>
  segmentSizeBytes - firstRecordOffset - startRecordBytes;

/** The largest payload of one entry: its record must fit into one segment. */
export const maxPayloadBytes = (segmentSizeBytes: number): number =>
  segmentCapacity(segmentSizeBytes) - recordBytesOf(0);

/** A `segmentStart` record's payload. */
export const encodeStart = (votedFor: number | null, previousEnd: number): Uint8Array => {
  const payload = Buffer.alloc(startPayloadBytes);
  payload.writeBigUInt64LE(BigInt(votedFor ?? 0), 0);
  payload.writeUInt32LE(previousEnd, 8);
  return payload;
};

/** Where the next record goes. Turns writes into records and notes in `index` where the entries are. */
export class LogTail {
  #hardState: HardState;
  #header: SegmentHeader;
  #salt: number;
  #offset: number;
  readonly #nextSizeBytes: number;
  readonly #index: EntryIndex;
  /** The last index before each segment, as its start says. */
  readonly segmentStarts: Map<number, LogIndex>;

  constructor(
    index: EntryIndex,
    hardState: HardState,
    at: { header: SegmentHeader; offset: number; nextSizeBytes: number },
    segmentStarts: ReadonlyMap<number, LogIndex>,
  ) {
    this.segmentStarts = new Map(segmentStarts);
    this.#index = index;
    this.#hardState = hardState;
    this.#header = at.header;
    this.#salt = saltOf(at.header);
    this.#offset = at.offset;
    this.#nextSizeBytes = at.nextSizeBytes;
  }

  /** The hard state as of the last write. */
  get hardState(): HardState {
    return this.#hardState;
  }

  get segment(): number {
    return this.#header.number;
  }

  /** The header of a segment that is still to be made. */
  headerOf(number: number): SegmentHeader {
    return { logId: this.#header.logId, number, sizeBytes: this.#nextSizeBytes };
  }

  get isHalfFull(): boolean {
    return this.#offset * 2 > this.#header.sizeBytes;
  }

  /** Adds the records of `write` to `batch`: the hard state if it changed, then the entries. */
  append(batch: Batch, { hardState, firstIndex, entries }: Write): void {
    const isChanged =
      hardState.currentTerm !== this.#hardState.currentTerm ||
      hardState.votedFor !== this.#hardState.votedFor;
    let total = isChanged ? minRecordBytes : 0;
    for (const { payload } of entries) {
      const limit = maxPayloadBytes(this.#nextSizeBytes);
      assert(payload.length <= limit, 'a payload fits into a segment', payload.length, limit);
      total += recordBytesOf(payload.length);
    }
    // A write stays within one segment if it can; a larger one is cut, between entries, into several.
    if (!this.#fits(total) && total <= segmentCapacity(this.#nextSizeBytes)) this.#roll(batch);

    const recordBytesAt = (i: number) => (i < entries.length ? recordBytesOf(entries[i]!.payload.length) : 0);
    if (isChanged) {
      this.#makeRoom(batch, minRecordBytes);
      const isLast = entries.length === 0 || !this.#fits(minRecordBytes + recordBytesAt(0));
      const { currentTerm, votedFor } = hardState;
      this.#add(batch, RecordType.hardState, votedFor ?? 0, currentTerm, emptyPayload, isLast);
      this.#hardState = hardState;
    }
    for (const [i, { kind, term, payload }] of entries.entries()) {
      const bytes = recordBytesAt(i);
      this.#makeRoom(batch, bytes);
      const isLast = i === entries.length - 1 || !this.#fits(bytes + recordBytesAt(i + 1));
      const index = firstIndex + i;
      if (i === 0) this.#index.truncateFrom(index);
      this.#index.append(this.segment, this.#offset, payload.length, term, kind === 'configuration');
      this.#add(batch, RecordType[kind], index, term, payload, isLast);
      batch.firstIndex = Math.min(batch.firstIndex, index);
    }
    assert(
      entries.length === 0 || this.#index.lastIndex === firstIndex + entries.length - 1,
      'the index ends with the write',
      this.#index.lastIndex,
      firstIndex + entries.length - 1,
    );
  }

  /** Adds what says that the log is empty after entry `index`: the hard state if it changed, then a log start. */
  startAfter(batch: Batch, hardState: HardState, index: LogIndex, term: Term): void {
    this.append(batch, { hardState, firstIndex: 0, entries: [] });
    this.#makeRoom(batch, minRecordBytes);
    this.#index.reset(index, term);
    this.#add(batch, RecordType.logStart, index, term, emptyPayload, true);
  }

  #fits(bytes: number): boolean {
    return this.#offset + bytes <= this.#header.sizeBytes;
  }

  #makeRoom(batch: Batch, bytes: number): void {
    if (!this.#fits(bytes)) this.#roll(batch);
    assert(this.#fits(bytes), 'a record fits into a new segment', bytes, this.#header.sizeBytes);
  }

  /** Goes on in the next segment, which opens with what the log amounts to so far. */
  #roll(batch: Batch): void {
    const previousEnd = this.#offset;
    this.#header = this.headerOf(this.segment + 1);
    this.#salt = saltOf(this.#header);
    this.#offset = firstRecordOffset;
    this.segmentStarts.set(this.segment, this.#index.lastIndex);
    const { currentTerm, votedFor } = this.#hardState;
    const payload = encodeStart(votedFor, previousEnd);
    this.#add(batch, RecordType.segmentStart, this.#index.lastIndex, currentTerm, payload, true);
  }

  #add(batch: Batch, type: number, index: LogIndex, term: Term, payload: Uint8Array, isLast: boolean): void {
    // The segment before is synced before this one is written, so its first record follows a sync, too.
    const followsSync = batch.isEmpty || this.#offset === firstRecordOffset;
    const flags = (followsSync ? RecordFlag.followsSync : 0) | (isLast ? RecordFlag.endsWrite : 0);
    this.#offset += batch.add(this.segment, this.#offset, this.#salt, { type, flags, index, term }, payload);
  }
}
