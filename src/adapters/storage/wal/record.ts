import { crc32 } from 'node:zlib';
import type { EntryKind } from '../../../raft/types.ts';

/** What a record says. `segmentStart` repeats the state so far, so that a segment can be checked against the one before. `logStart`: the log is empty, and goes on after this index. */
export const RecordType = {
  hardState: 1,
  noop: 2,
  command: 3,
  segmentStart: 4,
  configuration: 5,
  logStart: 6,
} as const satisfies Record<EntryKind | 'hardState' | 'segmentStart' | 'logStart', number>;

const entryKinds: (EntryKind | undefined)[] = [];
for (const kind of ['noop', 'command', 'configuration'] as const) entryKinds[RecordType[kind]] = kind;

/** The kind of entry that records of `type` hold; undefined if they hold none. */
export const entryKindOf = (type: number): EntryKind | undefined => entryKinds[type];

export const RecordFlag = {
  /** First record of its sync: whatever precedes it in the log was durable when it was written. */
  followsSync: 1,
  /** Last record of its write: a write whose last record is missing did not happen. */
  endsWrite: 2,
} as const;

export interface RecordFields {
  readonly type: number;
  readonly flags: number;
  /** An entry's index; the entry before the first one of a log start; `votedFor` of a hard state (0: nobody); the last index before a segment start. */
  readonly index: number;
  /** An entry's term; currentTerm of the others. */
  readonly term: number;
}

const headBytes = 32;
const tailBytes = 8;
export const minRecordBytes = headBytes + tailBytes;
/** ASCII "DONE". Its last byte has several bits set, so that no single flipped bit makes it look half-written. */
const endMark = 0x454e4f44;

/** Size of the record of a payload: head, payload, padding to a multiple of 8, checksum and end mark. */
export const recordBytesOf = (payloadBytes: number): number =>
  headBytes + Math.ceil(payloadBytes / 8) * 8 + tailBytes;

/** Where the payload of a record starts, counted from the record. */
export const payloadOffset = headBytes;

/**
 * Writes one record at `at` into `target` as it will stand at `offset` of the segment with `salt`.
 * Returns its size. `target` must have room for it.
 */
export const encodeRecord = (
  target: Buffer,
  at: number,
  offset: number,
  salt: number,
  fields: RecordFields,
  payload: Uint8Array,
): number => {
  const size = recordBytesOf(payload.length);
  target.writeUInt32LE(size, at);
  target.writeUInt32LE((size ^ salt ^ offset) >>> 0, at + 4);
  target.writeUInt32LE(fields.type | (fields.flags << 8), at + 8);
  target.writeUInt32LE(payload.length, at + 12);
  writeUint64(target, fields.index, at + 16);
  writeUint64(target, fields.term, at + 24);
  target.set(payload, at + headBytes);
  const tail = at + size - tailBytes;
  target.fill(0, at + headBytes + payload.length, tail);
  target.writeUInt32LE(crc32(target.subarray(at + 8, tail), seedOf(salt, offset)), tail);
  target.writeUInt32LE(endMark, tail + 4);
  return size;
};

/** Size of the complete, sound record at `at` of `bytes`, which is `offset` of its segment; 0: there is none. */
export const soundRecordBytes = (bytes: Buffer, at: number, offset: number, salt: number): number => {
  const size = claimedRecordBytes(bytes, at, offset, salt);
  if (size === 0 || at + size > bytes.length) return 0;
  const tail = at + size - tailBytes;
  if (bytes.readUInt32LE(tail + 4) !== endMark) return 0;
  if (recordBytesOf(bytes.readUInt32LE(at + 12)) !== size) return 0;
  return crc32(bytes.subarray(at + 8, tail), seedOf(salt, offset)) === bytes.readUInt32LE(tail) ? size : 0;
};

/** The size that a record's first 8 bytes claim, if they agree with each other; otherwise 0. */
export const claimedRecordBytes = (bytes: Buffer, at: number, offset: number, salt: number): number => {
  if (at + minRecordBytes > bytes.length) return 0;
  const size = bytes.readUInt32LE(at);
  if ((size ^ salt ^ offset) >>> 0 !== bytes.readUInt32LE(at + 4)) return 0;
  return size >= minRecordBytes && size % 8 === 0 ? size : 0;
};

/** Whether the end of the record of `size` bytes at `at` was not, or only in part, written. */
export const lacksEnd = (bytes: Buffer, at: number, size: number): boolean => {
  const end = at + size;
  if (end > bytes.length) return true;
  const found = bytes.readUInt32LE(end - 4);
  // A byte-wise prefix of the end mark followed by zeros.
  return found === 0 || [0xff, 0xffff, 0xffffff].some((mask) => found === (endMark & mask));
};

/** Of a sound record. */
export const flagsOf = (bytes: Buffer, at: number): number => bytes[at + 9]!;

/** Fields of a sound record. */
export const decodeFields = (bytes: Buffer, at: number): RecordFields => ({
  type: bytes[at + 8]!,
  flags: flagsOf(bytes, at),
  index: readUint64(bytes, at + 16),
  term: readUint64(bytes, at + 24),
});

export const payloadBytesOf = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 12);

/** The position takes part, so that a record copied elsewhere is not one. Different seeds never give the same checksum. */
const seedOf = (salt: number, offset: number): number => (salt + offset) >>> 0;

const twoTo32 = 0x1_0000_0000;

function writeUint64(target: Buffer, value: number, at: number): void {
  target.writeUInt32LE(value >>> 0, at);
  target.writeUInt32LE((value / twoTo32) >>> 0, at + 4);
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * twoTo32;
}
