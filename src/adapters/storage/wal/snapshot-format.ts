import { crc32 } from 'node:zlib';
import type { SnapshotInfo, SnapshotPosition } from '../../../ports/snapshot-store.ts';
import type { LogIndex } from '../../../raft/types.ts';
import { logIdBytes } from './format.ts';

/*
 * The bytes of a snapshot's file; docs/storage.md has the tables. All numbers are little-endian.
 *
 * Head, data, foot. The foot is written last: it has what is known only then.
 */

const version = 1;
const magic = Buffer.from('raftsnp\0', 'latin1');
const endMagic = Buffer.from('raftend\0', 'latin1');
export const snapshotHeadBytes = 64;
const chunkEntryBytes = 8;
const tailBytes = 32;

export const snapshotFileName = (index: LogIndex): string =>
  `snapshot-${String(index).padStart(16, '0')}.snap`;

/** The index in a snapshot's name; null for any other file. */
export const snapshotIndexOf = (name: string): LogIndex | null => {
  const match = /^snapshot-(\d{16})\.snap$/.exec(name);
  return match === null ? null : Number(match[1]);
};

/** Of what is being received. */
export const incomingName = 'snapshot-incoming.tmp';

export interface ChunkEntry {
  readonly sizeBytes: number;
  readonly checksum: number;
}

/** A snapshot and the chunks that its data is in. */
export interface SnapshotTable {
  readonly info: SnapshotInfo;
  readonly chunks: readonly ChunkEntry[];
}

export const encodeHead = (logId: string, { index, term }: SnapshotPosition): Buffer => {
  const bytes = Buffer.alloc(snapshotHeadBytes);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(version, 8);
  bytes.write(logId, 16, logIdBytes, 'hex');
  bytes.writeBigUInt64LE(BigInt(index), 32);
  bytes.writeBigUInt64LE(BigInt(term), 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, snapshotHeadBytes - 4)), snapshotHeadBytes - 4);
  return bytes;
};

/** Index and term in a head, or why it is none of the log `logId`. */
export const decodeHead = (bytes: Buffer, logId: string): Pick<SnapshotInfo, 'index' | 'term'> | string => {
  if (bytes.length < snapshotHeadBytes) return 'the head is cut off';
  if (!bytes.subarray(0, magic.length).equals(magic)) return 'this is no snapshot of raftchart';
  if (crc32(bytes.subarray(0, snapshotHeadBytes - 4)) !== bytes.readUInt32LE(snapshotHeadBytes - 4)) {
    return 'the head does not match its checksum';
  }
  const found = bytes.readUInt32LE(8);
  if (found !== version) return `the snapshot has format ${found}, this program reads ${version}`;
  if (bytes.toString('hex', 16, 16 + logIdBytes) !== logId) return 'this is a snapshot of another log';
  return { index: Number(bytes.readBigUInt64LE(32)), term: Number(bytes.readBigUInt64LE(40)) };
};

/** Configuration, table of chunks, and a tail of fixed size from which a reader starts. */
export const encodeFoot = ({ info, chunks }: SnapshotTable): Buffer => {
  const { configuration, sizeBytes, checksum } = info;
  const tableAt = configuration.length;
  const tailAt = tableAt + chunks.length * chunkEntryBytes;
  const bytes = Buffer.alloc(tailAt + tailBytes);
  bytes.set(configuration, 0);
  for (const [i, chunk] of chunks.entries()) {
    bytes.writeUInt32LE(chunk.sizeBytes, tableAt + i * chunkEntryBytes);
    bytes.writeUInt32LE(chunk.checksum, tableAt + i * chunkEntryBytes + 4);
  }
  bytes.writeBigUInt64LE(BigInt(sizeBytes), tailAt);
  bytes.writeUInt32LE(checksum, tailAt + 8);
  bytes.writeUInt32LE(configuration.length, tailAt + 12);
  bytes.writeUInt32LE(chunks.length, tailAt + 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, tailAt + 20)), tailAt + 20);
  endMagic.copy(bytes, tailAt + 24);
  return bytes;
};

/** The size of the foot, from the last bytes of the file; a text: why there is none. */
export const footBytesOf = (tail: Buffer): number | string => {
  if (tail.length < tailBytes) return 'the end is cut off';
  const at = tail.length - tailBytes;
  if (!tail.subarray(at + 24).equals(endMagic)) return 'the end is missing';
  return tail.readUInt32LE(at + 12) + tail.readUInt32LE(at + 16) * chunkEntryBytes + tailBytes;
};

export const snapshotTailBytes = tailBytes;

/** What a foot of `footBytesOf` bytes says of a file of `fileBytes`; a text: why it is unsound. */
export const decodeFoot = (
  bytes: Buffer,
  position: Pick<SnapshotInfo, 'index' | 'term'>,
  fileBytes: number,
): SnapshotTable | string => {
  const tailAt = bytes.length - tailBytes;
  if (crc32(bytes.subarray(0, tailAt + 20)) !== bytes.readUInt32LE(tailAt + 20)) {
    return 'the table of chunks does not match its checksum';
  }
  const sizeBytes = Number(bytes.readBigUInt64LE(tailAt));
  const tableAt = bytes.readUInt32LE(tailAt + 12);
  const chunks = Array.from({ length: bytes.readUInt32LE(tailAt + 16) }, (_, i) => ({
    sizeBytes: bytes.readUInt32LE(tableAt + i * chunkEntryBytes),
    checksum: bytes.readUInt32LE(tableAt + i * chunkEntryBytes + 4),
  }));
  const inChunks = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
  if (inChunks !== sizeBytes || fileBytes !== snapshotHeadBytes + sizeBytes + bytes.length) {
    return `the file has ${fileBytes} bytes, not those of ${sizeBytes} of data`;
  }
  const info = {
    ...position,
    configuration: new Uint8Array(bytes.subarray(0, tableAt)),
    sizeBytes,
    checksum: bytes.readUInt32LE(tailAt + 8),
  };
  return { info, chunks };
};
