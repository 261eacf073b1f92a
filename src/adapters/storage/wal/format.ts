import { crc32 } from 'node:zlib';

/*
 * The bytes of a segment file; docs/storage.md has the tables. All numbers are little-endian.
 *
 * Records begin at multiples of 8, so that neither their first nor their last 8 bytes are ever torn: a disk writes
 * sectors of 512 bytes whole or not at all (the assumption of SQLite's and etcd's logs as well).
 */

export const sectorBytes = 512;
/** The header has the first sector to itself: it is never rewritten with the records. */
export const firstRecordOffset = 512;
/** Of a data directory as a whole. Format 1 had no accounts, and did not say who the members were. */
export const directoryFormat = 2;
/** Of a segment. */
const segmentFormat = 1;
export const logIdBytes = 16;
/** Of segments, unless somebody wants another size. */
export const defaultSegmentSizeBytes = 8 * 1024 * 1024;

const magic = Buffer.from('raftwal\0', 'latin1');

/** What a segment says about itself. */
export interface SegmentHeader {
  readonly number: number;
  readonly sizeBytes: number;
  /** 16 random bytes drawn when the directory was created, in hexadecimal. */
  readonly logId: string;
}

export const segmentName = (number: number): string => `wal-${String(number).padStart(10, '0')}.log`;

/** The number in a segment's name; null for any other file. */
export const segmentNumberOf = (name: string): number | null => {
  const match = /^wal-(\d{10})\.log$/.exec(name);
  return match === null ? null : Number(match[1]);
};

export const encodeHeader = (header: SegmentHeader): Buffer => {
  const bytes = Buffer.alloc(sectorBytes);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(segmentFormat, 8);
  bytes.writeUInt32LE(header.number, 12);
  bytes.write(header.logId, 16, logIdBytes, 'hex');
  bytes.writeUInt32LE(header.sizeBytes, 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, sectorBytes - 4)), sectorBytes - 4);
  return bytes;
};

/** The header in the first sector, or the reason why there is none. */
export const decodeHeader = (bytes: Buffer): SegmentHeader | string => {
  if (bytes.length < sectorBytes) return 'the segment header is cut off';
  if (!bytes.subarray(0, magic.length).equals(magic)) return 'this is no segment of a raftchart log';
  if (crc32(bytes.subarray(0, sectorBytes - 4)) !== bytes.readUInt32LE(sectorBytes - 4)) {
    return 'the segment header does not match its checksum';
  }
  const version = bytes.readUInt32LE(8);
  if (version !== segmentFormat)
    return `the segment has format ${version}, this program reads ${segmentFormat}`;
  return {
    number: bytes.readUInt32LE(12),
    logId: bytes.toString('hex', 16, 16 + logIdBytes),
    sizeBytes: bytes.readUInt32LE(32),
  };
};

/**
 * Seeds each record's checks, so that no bytes of another log, of another segment, or out of a client's payload pass for
 * a record here. Known before the segment exists.
 */
export const saltOf = ({ logId, number }: Pick<SegmentHeader, 'logId' | 'number'>): number =>
  crc32(logId, number);
