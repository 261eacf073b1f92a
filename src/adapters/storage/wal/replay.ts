import type { HardState, LogIndex } from '../../../raft/types.ts';
import { damaged } from '../checked-file.ts';
import { EntryIndex } from './entry-index.ts';
import { firstRecordOffset } from './format.ts';
import { decodeFields, entryKindOf, payloadBytesOf, payloadOffset, RecordType } from './record.ts';
import type { Segment } from './segment-reader.ts';
import { type Stretches, stretchBytes } from './stretches.ts';

/** Applies sound records in order, and refuses what `assertInOrder` never let into a log. */
export class Replay {
  hardState: HardState = { currentTerm: 0, votedFor: null };
  readonly index = new EntryIndex();
  readonly segmentStarts = new Map<number, LogIndex>();
  readonly #firstSegment: number;
  #previous = { path: '', end: 0 };

  constructor(firstSegment: number) {
    this.#firstSegment = firstSegment;
  }

  *replay({ path, header, bytes }: Segment, end: number): Stretches<void> {
    // A segment is made only after the one before it was synced at least once.
    if (end === firstRecordOffset) throw damaged(path, end, 'the segment start is missing');
    let stretchEnd = stretchBytes;
    for (let offset = firstRecordOffset; offset < end; offset += bytes.readUInt32LE(offset)) {
      if (offset >= stretchEnd) {
        yield offset / bytes.length;
        stretchEnd = offset + stretchBytes;
      }
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
        const entry = { index, term, payloadBytes: payloadBytesOf(bytes, offset), type };
        reason = this.#put(header.number, offset, entry);
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

  #put(
    segment: number,
    offset: number,
    { index, term, payloadBytes, type }: Record<'index' | 'term' | 'payloadBytes' | 'type', number>,
  ): string | null {
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
    this.index.append(segment, offset, payloadBytes, term, type === RecordType.configuration);
    return null;
  }
}
