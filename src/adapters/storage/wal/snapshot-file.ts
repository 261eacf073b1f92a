import { crc32 } from 'node:zlib';
import type { SnapshotPosition } from '../../../ports/snapshot-store.ts';
import { damaged } from '../checked-file.ts';
import { committed, type FileHandle, type Files } from '../files.ts';
import {
  type ChunkEntry,
  decodeFoot,
  decodeHead,
  encodeFoot,
  encodeHead,
  footBytesOf,
  type SnapshotTable,
  snapshotHeadBytes,
  snapshotTailBytes,
} from './snapshot-format.ts';

/** A snapshot's file while it is written, chunk by chunk, under a name that does not count. */
export class SnapshotWriter {
  readonly path: string;
  readonly #files: Files;
  readonly #position: SnapshotPosition;
  readonly #file: FileHandle;
  readonly #chunks: ChunkEntry[] = [];
  #isClosed = false;
  sizeBytes = 0;
  /** Of what has been written. */
  checksum = 0;

  private constructor(files: Files, path: string, position: SnapshotPosition, file: FileHandle) {
    this.#files = files;
    this.path = path;
    this.#position = position;
    this.#file = file;
  }

  static async create(
    files: Files,
    path: string,
    logId: string,
    position: SnapshotPosition,
  ): Promise<SnapshotWriter> {
    const writer = new SnapshotWriter(files, path, position, await createAnew(files, path));
    try {
      await committed(files, writer.#file, encodeHead(logId, position), 0);
      return writer;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  /** Makes the next chunk durable. `checksum`: its CRC-32. */
  async write(chunk: Uint8Array, checksum: number): Promise<void> {
    if (chunk.length > 0) {
      await committed(this.#files, this.#file, chunk, snapshotHeadBytes + this.sizeBytes);
    }
    this.#chunks.push({ sizeBytes: chunk.length, checksum });
    this.checksum = crc32(chunk, this.checksum);
    this.sizeBytes += chunk.length;
  }

  /** Makes the whole durable and closes the file. */
  async finish(): Promise<SnapshotTable> {
    const { sizeBytes, checksum } = this;
    const table = { info: { ...this.#position, sizeBytes, checksum }, chunks: this.#chunks };
    await committed(this.#files, this.#file, encodeFoot(table), snapshotHeadBytes + sizeBytes);
    this.#close();
    return table;
  }

  /** Closes the file and removes it, unless it is gone. Never fails: what is left is removed at the next start. */
  async discard(): Promise<void> {
    this.#close();
    await this.#files.remove(this.path).catch(() => {});
  }

  #close(): void {
    if (!this.#isClosed) this.#files.close(this.#file);
    this.#isClosed = true;
  }
}

/** A file that could not be removed when it was given up may still be there. */
const createAnew = async (files: Files, path: string): Promise<FileHandle> => {
  try {
    return await files.open(path, 'create');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await files.remove(path);
    return files.open(path, 'create');
  }
};

/** What the snapshot at `path` says of itself; its data is checked when it is read. Throws `StorageRefused` if it is damaged. */
export const readTable = async (files: Files, path: string, logId: string): Promise<SnapshotTable> => {
  const file = await files.open(path, 'read');
  try {
    const size = files.sizeBytes(file);
    const read = (from: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, files.readSync(file, bytes, from));
    };
    const head = decodeHead(read(0, snapshotHeadBytes), logId);
    if (typeof head === 'string') throw damaged(path, 0, head);
    const tailAt = Math.max(snapshotHeadBytes, size - snapshotTailBytes);
    const footBytes = footBytesOf(read(tailAt, snapshotTailBytes));
    if (typeof footBytes === 'string') throw damaged(path, tailAt, footBytes);
    const footAt = size - footBytes;
    if (footAt < snapshotHeadBytes)
      throw damaged(path, tailAt, 'the table of chunks is larger than the file');
    const table = decodeFoot(read(footAt, footBytes), head, size);
    if (typeof table === 'string') throw damaged(path, footAt, table);
    return table;
  } finally {
    files.close(file);
  }
};
