import { join } from 'node:path';
import { damaged } from '../checked-file.ts';
import type { FileHandle, Files } from '../files.ts';
import { decodeHeader, firstRecordOffset, type SegmentHeader, segmentName } from './format.ts';
import { done, type Stretches, stretchBytes, type WhileReading } from './stretches.ts';

/** One segment file, read whole. */
export interface Segment {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly bytes: Buffer;
}

/** Reads segments whole, into one buffer: what it returned last is gone with the next `read`. */
export class SegmentReader {
  readonly #files: Files;
  readonly #directory: string;
  readonly #logId: string;
  #buffer = Buffer.alloc(0);

  constructor(files: Files, directory: string, logId: string) {
    this.#files = files;
    this.#directory = directory;
    this.#logId = logId;
  }

  async read(number: number, between: WhileReading | null): Promise<Segment> {
    const path = join(this.#directory, segmentName(number));
    const file = await this.#files.open(path, 'read');
    try {
      return await done(this.#readOpen(path, file, number), between);
    } finally {
      this.#files.close(file);
    }
  }

  *#readOpen(path: string, file: FileHandle, number: number): Stretches<Segment> {
    const head = Buffer.alloc(firstRecordOffset);
    const header = decodeHeader(head.subarray(0, this.#files.readSync(file, head, 0)));
    if (typeof header === 'string') throw damaged(path, 0, header);
    if (header.logId !== this.#logId) throw damaged(path, 16, 'this is a segment of another log');
    if (header.number !== number)
      throw damaged(path, 12, `this is segment ${header.number} under a wrong name`);
    const size = this.#files.sizeBytes(file);
    if (size !== header.sizeBytes) {
      const offset = Math.min(size, header.sizeBytes);
      throw damaged(path, offset, `the file has ${size} bytes, not ${header.sizeBytes}; no crash does that`);
    }
    if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(size);
    const bytes = this.#buffer.subarray(0, size);
    for (let at = 0; at < size; ) {
      const stretch = bytes.subarray(at, at + stretchBytes);
      const read = this.#files.readSync(file, stretch, at);
      at += read;
      if (read !== stretch.length) throw damaged(path, at, 'the file ends early');
      yield at / size;
    }
    return { path, header, bytes };
  }
}
