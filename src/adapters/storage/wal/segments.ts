import { join } from 'node:path';
import { committed, type FileHandle, type Files } from '../files.ts';
import { encodeHeader, type SegmentHeader, segmentName } from './format.ts';

const zeros = Buffer.alloc(1024 * 1024);

/**
 * Makes a segment: every byte of it is allocated and durable before it gets its name, and its name is durable before this
 * resolves, so that a later sync of records changes no metadata. `start`: records to begin with.
 */
export const createSegment = async (
  files: Files,
  directory: string,
  header: SegmentHeader,
  start?: Uint8Array,
): Promise<FileHandle> => {
  const path = join(directory, segmentName(header.number));
  const file = await files.open(`${path}.tmp`, 'create');
  try {
    // In pieces, so that syncs of the current segment get their turn.
    await zeroFill(files, file, 0, header.sizeBytes);
    const head = start === undefined ? encodeHeader(header) : Buffer.concat([encodeHeader(header), start]);
    await committed(files, file, head, 0);
    await files.rename(`${path}.tmp`, path);
    await files.syncDirectory(directory);
    return file;
  } catch (error) {
    files.close(file);
    throw error;
  }
};

/** Durably zeroes bytes `from` to `to`. */
export const zeroFill = async (files: Files, file: FileHandle, from: number, to: number): Promise<void> => {
  for (let at = from; at < to; at += zeros.length) {
    await committed(files, file, zeros.subarray(0, Math.min(zeros.length, to - at)), at);
  }
};

/** The segment after the current one, made ahead of need. */
export class NextSegment {
  readonly #files: Files;
  readonly #directory: string;
  #prepared: { readonly number: number; readonly file: Promise<FileHandle> } | null = null;

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** Begins to make it, unless that has begun. A failure shows in `take`. */
  prepare(header: SegmentHeader): void {
    if (this.#prepared?.number === header.number) return;
    const file = createSegment(this.#files, this.#directory, header);
    file.catch(() => {});
    this.#prepared = { number: header.number, file };
  }

  /** Its file, once it is there; the caller owns it. */
  take(header: SegmentHeader): Promise<FileHandle> {
    this.prepare(header);
    const { file } = this.#prepared!;
    this.#prepared = null;
    return file;
  }

  /** Waits for what has begun and closes it. */
  async close(): Promise<void> {
    const file = await this.#prepared?.file.catch(() => undefined);
    this.#prepared = null;
    if (file !== undefined) this.#files.close(file);
  }
}
