import { closeSync, fstatSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { replacementOf, rewriteFile } from '../../adapters/storage/rewrite-file.ts';

/**
 * An exploration that was stopped, as a file:
 *
 * ```
 * "RAFTEXPL"  u32 header bytes  header (JSON)  the arrays, one after another  u32 CRC-32 of everything before
 * ```
 *
 * Integers are little-endian, and so are the arrays, as on all machines that this runs on.
 */
export interface Checkpoint {
  /** Plain JSON: which exploration it is, and how far it got. */
  readonly header: unknown;
  readonly arrays: Readonly<Record<string, CheckpointArray>>;
}

export type CheckpointArray = Int32Array | Uint32Array;

const constructors = { Int32Array, Uint32Array } as const;

interface ArrayEntry {
  readonly name: string;
  readonly type: keyof typeof constructors;
  readonly length: number;
}

interface FileHeader {
  readonly header: unknown;
  readonly arrays: readonly ArrayEntry[];
}

/** A file that is not a complete checkpoint, or that one must not replace; the message is one line, without the file's name. */
export class UnusableCheckpoint extends Error {
  override readonly name = 'UnusableCheckpoint';
}

const magic = Buffer.from('RAFTEXPL');
const crcBytes = 4;
/** How much one system call reads or writes. */
const chunkBytes = 64 * 1024 * 1024;
/** More than any exploration's header needs; a greater length means damage. */
const maxHeaderBytes = 256 * 1024 * 1024;

/**
 * Checks, before hours are spent, that `writeCheckpoint` can create its file and put it in place of what is there, which stays
 * untouched. Throws `UnusableCheckpoint` for what it must not or cannot replace, or the system's error.
 */
export const probeCheckpoint = (path: string): void => {
  const found = statSync(path, { throwIfNoEntry: false });
  // A rename would replace even a device.
  if (found?.isFile() === false) {
    throw new UnusableCheckpoint(
      `there is a ${found.isDirectory() ? 'directory' : 'device or pipe'} of this name`,
    );
  }
  const { target, temporary } = replacementOf(path);
  if (found !== undefined && isKeptByOthers(found.uid, target)) {
    throw new UnusableCheckpoint("it is another user's, in a directory where only they may replace it");
  }
  closeSync(openSync(temporary, 'w'));
  rmSync(temporary);
};

/** A sticky directory, such as the one for temporary files: anyone may create files there, but replace only their own. */
const isKeptByOthers = (owner: number, path: string): boolean => {
  const directory = statSync(dirname(path));
  const isSticky = (directory.mode & 0o1000) !== 0;
  return isSticky && ![0, owner, directory.uid].includes(process.geteuid?.() ?? 0);
};

/** Writes a checkpoint atomically: `path` holds all of it, or what was there before. Throws the system's error. */
export const writeCheckpoint = (path: string, checkpoint: Checkpoint): void =>
  rewriteFile(path, (descriptor) => writeTo(descriptor, checkpoint));

const writeTo = (descriptor: number, { header, arrays }: Checkpoint): void => {
  let crc = 0;
  const write = (bytes: Uint8Array) => {
    crc = crc32(bytes, crc);
    writeAll(descriptor, bytes);
  };
  const entries = Object.entries(arrays).map(
    ([name, array]): ArrayEntry => ({ name, type: typeOf(array), length: array.length }),
  );
  const json = Buffer.from(JSON.stringify({ header, arrays: entries } satisfies FileHeader));
  write(magic);
  write(uint32(json.length));
  write(json);
  for (const array of Object.values(arrays)) eachChunk(bytesOf(array), write);
  writeAll(descriptor, uint32(crc));
};

/** Throws `UnusableCheckpoint`, or the system's error for a file that cannot be read. */
export const readCheckpoint = (path: string): Checkpoint => {
  const descriptor = openSync(path, 'r');
  try {
    return readFrom(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const readFrom = (descriptor: number): Checkpoint => {
  const { size } = fstatSync(descriptor);
  let crc = 0;
  let left = size;
  const read = (bytes: Uint8Array): void => {
    left -= bytes.length;
    if (left < 0) throw new UnusableCheckpoint('it is cut off');
    eachChunk(bytes, (chunk) => {
      readAll(descriptor, chunk);
      crc = crc32(chunk, crc);
    });
  };
  const readBytes = (length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    read(bytes);
    return bytes;
  };
  if (size < magic.length + 4 || !readBytes(magic.length).equals(magic)) {
    throw new UnusableCheckpoint('it is no checkpoint of raftchart explore');
  }
  const headerBytes = readBytes(4).readUInt32LE();
  if (headerBytes > Math.min(left, maxHeaderBytes)) throw new UnusableCheckpoint('it is cut off or damaged');
  const { header, arrays } = parseHeader(readBytes(headerBytes));
  const expected = arrays.reduce(
    (sum, { type, length }) => sum + length * constructors[type].BYTES_PER_ELEMENT,
    crcBytes,
  );
  if (expected !== left)
    throw new UnusableCheckpoint(`it is cut off or damaged: ${left} bytes of ${expected} follow its header`);
  const found = arrays.map(({ name, type, length }) => {
    const array = new constructors[type](length);
    read(bytesOf(array));
    return [name, array] as const;
  });
  const computed = crc;
  if (readBytes(crcBytes).readUInt32LE() !== computed)
    throw new UnusableCheckpoint('it is damaged: its checksum does not fit');
  return { header, arrays: Object.fromEntries(found) };
};

const parseHeader = (json: Buffer): FileHeader => {
  let found: Partial<FileHeader>;
  try {
    found = JSON.parse(json.toString()) as Partial<FileHeader>;
  } catch {
    throw new UnusableCheckpoint('it is damaged: its header is no JSON');
  }
  const { header, arrays } = found;
  const isUsable =
    Array.isArray(arrays) &&
    arrays.every(({ type, length }) => type in constructors && Number.isSafeInteger(length) && length >= 0);
  if (!isUsable) throw new UnusableCheckpoint('it is damaged: its header does not list its arrays');
  return { header, arrays };
};

const typeOf = (array: CheckpointArray): keyof typeof constructors =>
  array instanceof Int32Array ? 'Int32Array' : 'Uint32Array';

const bytesOf = ({ buffer, byteOffset, byteLength }: CheckpointArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const eachChunk = (bytes: Uint8Array, take: (chunk: Uint8Array) => void): void => {
  for (let at = 0; at < bytes.length; at += chunkBytes) take(bytes.subarray(at, at + chunkBytes));
};

const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
};

const readAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(descriptor, bytes, at, bytes.length - at, null);
    if (count === 0) throw new UnusableCheckpoint('it is cut off');
    at += count;
  }
};
