import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { maxChunkBytes, type SnapshotChunk } from '../../ports/snapshot-store.ts';
import type { Configuration } from '../../raft/configuration.ts';
import { decodeConfiguration, encodeConfiguration } from '../../raft/configuration-payload.ts';
import { PieceReader } from '../piece-reader.ts';

/*
 * The bytes of a backup; docs/backup.md has the tables. Numbers are little-endian.
 *
 * Head, chunks, end. All in the order in which they are written and read, so that a backup may come through a pipe. The end says
 * how much there was and what its SHA-256 is: whoever reads a backup to its end knows that it is whole and unchanged.
 */

const formatVersion = 1;
const magic = Buffer.from('raftbak\0', 'latin1');
const endMagic = Buffer.from('raftbke\0', 'latin1');
const prefaceBytes = 16;
const maxHeaderBytes = 1024 * 1024;
const chunkHeadBytes = 8;
const digestBytes = 32;
/** After the size of no chunk: size of the data, digest, magic. */
const endBytes = 8 + digestBytes + endMagic.length;

/** What a backup says of itself. */
export interface BackupHeader {
  /** Of the cluster that it was taken from. */
  readonly clusterId: string;
  /** The node that gave it. */
  readonly node: number;
  /** `linearizable`: it has all that was acknowledged before it was asked for. `stale`: it has what that node had. */
  readonly consistency: 'linearizable' | 'lease' | 'stale';
  /** Of the last entry whose effect it has. */
  readonly index: number;
  readonly term: number;
  /** As of that entry. */
  readonly configuration: Configuration;
  /** ISO 8601, by the clock of the node. */
  readonly takenAt: string;
  /** The version of raftchart that wrote it. */
  readonly program: string;
  /** Of the data. */
  readonly sizeBytes: number;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const headerSchema = v.object({
  clusterId: v.pipe(v.string(), v.nonEmpty()),
  node: count,
  consistency: v.picklist(['linearizable', 'lease', 'stale']),
  index: count,
  term: count,
  configuration: v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const found = decodeConfiguration(encodeConfiguration(dataset.value as Configuration));
      if (found !== null) return found;
      addIssue({ message: 'no configuration' });
      return NEVER;
    }),
  ),
  takenAt: v.string(),
  program: v.string(),
  sizeBytes: count,
});

/** These bytes are no backup that can be used. The message says why, and where. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}

const damagedAt = (offset: number, reason: string): BackupRefused =>
  new BackupRefused(`damaged at offset ${offset}: ${reason}`);

/** A backup, piece by piece, made of a snapshot's chunks; one is read when it is asked for. */
export function* backupPieces(
  header: BackupHeader,
  chunks: Iterable<Pick<SnapshotChunk, 'bytes' | 'checksum'>>,
): Generator<Uint8Array, void> {
  const hash = createHash('sha256');
  const hashed = (bytes: Uint8Array): Uint8Array => {
    hash.update(bytes);
    return bytes;
  };
  yield hashed(encodeHead(header));
  let sizeBytes = 0;
  for (const { bytes, checksum } of chunks) {
    // A size of 0 is the end.
    if (bytes.length === 0) continue;
    const head = Buffer.alloc(chunkHeadBytes);
    head.writeUInt32LE(bytes.length, 0);
    head.writeUInt32LE(checksum, 4);
    yield hashed(head);
    yield hashed(bytes);
    sizeBytes += bytes.length;
  }
  const end = Buffer.alloc(4 + 8);
  end.writeBigUInt64LE(BigInt(sizeBytes), 4);
  yield Buffer.concat([hashed(end), hash.digest(), endMagic]);
}

function encodeHead(header: BackupHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(prefaceBytes + json.length + 4);
  magic.copy(head, 0);
  head.writeUInt32LE(formatVersion, 8);
  head.writeUInt32LE(json.length, 12);
  json.copy(head, prefaceBytes);
  head.writeUInt32LE(crc32(head.subarray(0, -4)), head.length - 4);
  return head;
}

export interface Backup {
  readonly header: BackupHeader;
  /**
   * The data, chunk by chunk, each of which is sound. The whole is sound once this has ended; until then nothing may depend on it.
   * Throws `BackupRefused`. Once.
   */
  data(): AsyncGenerator<Uint8Array, void>;
}

/** Reads the head of a backup. Rejects with `BackupRefused`, and with whatever `pieces` throws. */
export const openBackup = async (pieces: AsyncIterable<Uint8Array>): Promise<Backup> => {
  const source = new PieceReader(pieces[Symbol.asyncIterator]());
  const hash = createHash('sha256');
  let offset = 0;
  const take = async (length: number): Promise<Buffer> => {
    const bytes = await source.read(length);
    if (bytes.length < length) throw damagedAt(offset + bytes.length, 'it ends here');
    offset += length;
    return Buffer.from(bytes.buffer, bytes.byteOffset, length);
  };
  const preface = await takePreface();
  const headerAt = offset;
  const json = await take(preface.readUInt32LE(12));
  const checksum = await take(4);
  if (crc32(json, crc32(preface)) !== checksum.readUInt32LE(0)) {
    throw damagedAt(0, 'the header does not match its checksum');
  }
  hash.update(preface).update(json).update(checksum);
  const header = headerIn(json, headerAt);

  async function takePreface(): Promise<Buffer> {
    const bytes = Buffer.from(await source.read(prefaceBytes));
    const isOurs = bytes.subarray(0, magic.length).equals(magic.subarray(0, bytes.length));
    if (bytes.length === 0 || !isOurs) throw new BackupRefused('this is no backup of raftchart');
    if (bytes.length < prefaceBytes) throw damagedAt(bytes.length, 'it ends here');
    const version = bytes.readUInt32LE(8);
    if (version > formatVersion) {
      throw new BackupRefused(
        `the backup has format ${version}, this program reads formats up to ${formatVersion}: a newer raftchart wrote it, use that one`,
      );
    }
    if (version < 1) throw damagedAt(8, `there is no format ${version}`);
    if (bytes.readUInt32LE(12) > maxHeaderBytes) throw damagedAt(12, 'the header is too large');
    offset = prefaceBytes;
    return bytes;
  }

  async function* data(): AsyncGenerator<Uint8Array, void> {
    for (let sizeBytes = 0; ; ) {
      const at = offset;
      const size = await take(4);
      const length = size.readUInt32LE(0);
      hash.update(size);
      if (length === 0) return takeEnd(sizeBytes);
      if (length > maxChunkBytes) throw damagedAt(at, `a chunk of ${length} bytes`);
      const expected = await take(4);
      const bytes = await take(length);
      if (crc32(bytes) !== expected.readUInt32LE(0)) {
        throw damagedAt(at, 'the chunk does not match its checksum');
      }
      hash.update(expected).update(bytes);
      sizeBytes += length;
      if (sizeBytes > header.sizeBytes) {
        throw damagedAt(at, `there is more than the ${header.sizeBytes} bytes that the header says`);
      }
      yield bytes;
    }
  }

  async function takeEnd(sizeBytes: number): Promise<void> {
    const at = offset;
    const end = await take(endBytes);
    const isWhole =
      end.readBigUInt64LE(0) === BigInt(sizeBytes) &&
      sizeBytes === header.sizeBytes &&
      end.subarray(8 + digestBytes).equals(endMagic);
    if (!isWhole) throw damagedAt(at, `the end does not fit ${sizeBytes} bytes of data`);
    if (
      !hash
        .update(end.subarray(0, 8))
        .digest()
        .equals(end.subarray(8, 8 + digestBytes))
    ) {
      throw damagedAt(at + 8, 'the whole does not match its SHA-256');
    }
    if ((await source.read(1)).length > 0) throw damagedAt(offset, 'something follows the end');
  }

  return { header, data };
};

function headerIn(json: Buffer, offset: number): BackupHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json.toString('utf8'));
  } catch {
    throw damagedAt(offset, 'the header is not JSON');
  }
  const checked = v.safeParse(headerSchema, parsed);
  if (checked.success) return checked.output;
  const path = v.getDotPath(checked.issues[0]) ?? 'header';
  throw damagedAt(offset, `the header's ${path} makes no sense`);
}
