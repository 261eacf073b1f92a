import { join } from 'node:path';
import type { Log } from '../../../ports/log.ts';
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
    // Or the next attempt could not create it, and what was allocated would be missing elsewhere.
    await files.remove(`${path}.tmp`).catch(() => {});
    throw error;
  }
};

/** Durably zeroes bytes `from` to `to`. */
export const zeroFill = async (files: Files, file: FileHandle, from: number, to: number): Promise<void> => {
  for (let at = from; at < to; at += zeros.length) {
    await committed(files, file, zeros.subarray(0, Math.min(zeros.length, to - at)), at);
  }
};

/** After a segment could not be made ahead of need. */
const retryMs = 1000;

/**
 * The segment after the current one, made ahead of need. Nothing depends on it before it is needed, so that a failure (a disk that is full for a moment) is reported, once for each
 * stretch of them, and tried again, and is no failure of the log.
 */
export class NextSegment {
  readonly #files: Files;
  readonly #directory: string;
  readonly #log: Log;
  /** `file` resolves with null if it could not be made. */
  #prepared: { readonly number: number; readonly file: Promise<FileHandle | null> } | null = null;
  #hasFailed = false;
  #retryTimer: NodeJS.Timeout | null = null;

  constructor(files: Files, directory: string, log: Log) {
    this.#files = files;
    this.#directory = directory;
    this.#log = log;
  }

  /** Begins to make it, unless that has begun. */
  prepare(header: SegmentHeader): void {
    if (this.#prepared?.number === header.number) return;
    this.#stopRetrying();
    this.#prepared = { number: header.number, file: this.#make(header) };
  }

  /** Its file, once it is there; the caller owns it. What could not be made ahead of need is tried once more. */
  async take(header: SegmentHeader): Promise<FileHandle> {
    const prepared = this.#prepared;
    this.#prepared = null;
    this.#stopRetrying();
    const file = prepared?.number === header.number ? await prepared.file : null;
    this.#stopRetrying();
    return file ?? createSegment(this.#files, this.#directory, header);
  }

  /** Waits for what has begun and closes it. */
  async close(): Promise<void> {
    const file = await this.#prepared?.file;
    this.#prepared = null;
    this.#stopRetrying();
    if (file !== undefined && file !== null) this.#files.close(file);
  }

  async #make(header: SegmentHeader): Promise<FileHandle | null> {
    const segment = header.number;
    try {
      const file = await createSegment(this.#files, this.#directory, header);
      if (this.#hasFailed) this.#log.info({ segment }, 'the next segment of the log could be made after all');
      this.#hasFailed = false;
      return file;
    } catch (error) {
      if (!this.#hasFailed) {
        this.#log.warn(
          { segment, error: (error as Error).message, retryMs },
          'the next segment of the log cannot be made; it is tried again, and the node goes on until it needs it',
        );
      }
      this.#hasFailed = true;
      this.#retryTimer = setTimeout(() => {
        this.#prepared = null;
        this.prepare(header);
      }, retryMs);
      return null;
    }
  }

  #stopRetrying(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }
}
