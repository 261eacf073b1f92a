import { firstRecordOffset, sectorBytes } from './format.ts';
import { claimedRecordBytes, flagsOf, lacksEnd, RecordFlag, soundRecordBytes } from './record.ts';
import { type Stretches, stretchBytes } from './stretches.ts';

export interface SegmentScan {
  /** End of the last complete write. */
  readonly end: number;
  /**
   * After `end`: nothing; what a crash left of the last sync; or what no crash leaves. `offset`: the first unsound record. `isCertain`: no sync that was answered leaves
   * this. Otherwise a whole sector of zeros is all that tells a torn record from a damaged one, and these may be zeros of its payload.
   */
  readonly tail:
    | { readonly kind: 'clean' }
    | { readonly kind: 'torn'; readonly offset: number; readonly to: number; readonly isCertain: boolean }
    | { readonly kind: 'damaged'; readonly offset: number; readonly reason: string };
}

/**
 * Finds the end of the records in `segment`, the whole file, and tells a torn tail from damage.
 *
 * A crash tears the records of the last, unfinished sync only, and by whole sectors, which were zeros before. So the
 * first record that is not sound is torn if a piece of it is still missing (as in etcd's `isTornEntry`), and if no
 * record after it opens a later sync: that one was written only after all before it was durable. All else is damage.
 */
export function* scanSegment(segment: Buffer, salt: number): Stretches<SegmentScan> {
  let offset = firstRecordOffset;
  let end = offset;
  let stretchEnd = stretchBytes;
  for (let size = 1; size > 0; offset += size) {
    if (offset >= stretchEnd) {
      yield offset / segment.length;
      stretchEnd = offset + stretchBytes;
    }
    size = soundRecordBytes(segment, offset, offset, salt);
    if (size > 0 && flagsOf(segment, offset) & RecordFlag.endsWrite) end = offset + size;
  }
  const written = endOfNonZero(segment, offset);
  if (written === end) return { end, tail: { kind: 'clean' } };
  if (written > offset) {
    const reason = damageAt(segment, offset, written, salt);
    if (reason !== null) return { end, tail: { kind: 'damaged', offset, reason } };
  }
  const to = Math.ceil(written / sectorBytes) * sectorBytes;
  return { end, tail: { kind: 'torn', offset, to, isCertain: lacksHeadOrEnd(segment, offset, salt) } };
}

/** Why the unsound record at `offset` is not merely torn; null if it is. */
function damageAt(segment: Buffer, offset: number, written: number, salt: number): string | null {
  const size = claimedRecordBytes(segment, offset, offset, salt);
  if (size === 0) {
    const isHeadMissing = isZero(segment, offset, offset + 8);
    if (!isHeadMissing && written > offset + 8) return 'the head of a record does not match its check';
  } else if (!lacksEnd(segment, offset, size) && !hasZeroSector(segment, offset, offset + size)) {
    return 'a record that was written whole does not match its checksum';
  }
  for (let later = offset + 8; later < written; later += 8) {
    const found = soundRecordBytes(segment, later, later, salt);
    if (found > 0 && flagsOf(segment, later) & RecordFlag.followsSync) {
      return `no sound record here, but at offset ${later} one that was written after this was durable`;
    }
  }
  return null;
}

/** Of an unsound record that is torn: no record that was written whole looks like this. */
function lacksHeadOrEnd(segment: Buffer, offset: number, salt: number): boolean {
  const size = claimedRecordBytes(segment, offset, offset, salt);
  return size === 0 || lacksEnd(segment, offset, size);
}

/** Whether a whole sector, or the part of one that lies within the bounds, is zeros. */
function hasZeroSector(segment: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const next = Math.min((Math.floor(at / sectorBytes) + 1) * sectorBytes, to);
    if (isZero(segment, at, next)) return true;
    at = next;
  }
  return false;
}

const zeros = Buffer.alloc(64 * 1024);

/** End of the last byte from `from` on that is not zero; `from` if there is none. */
export const endOfNonZero = (bytes: Buffer, from: number): number => {
  let end = bytes.length;
  while (end - from > zeros.length && isZero(bytes, end - zeros.length, end)) end -= zeros.length;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
};

function isZero(bytes: Buffer, from: number, to: number): boolean {
  return bytes.compare(zeros, 0, to - from, from, to) === 0;
}
