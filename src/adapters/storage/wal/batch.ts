import type { LogIndex } from '../../../raft/types.ts';
import { encodeRecord, type RecordFields, recordBytesOf } from './record.ts';

/** Bytes `from` to `to` of the batch belong at `offset` of segment `segment`. */
export interface BatchPart {
  readonly segment: number;
  readonly offset: number;
  readonly from: number;
  to: number;
}

const initialBytes = 64 * 1024;
const maxIdleBytes = 4 * 1024 * 1024;

/** The records of one sync, encoded where they were appended; one buffer, used again and again. */
export class Batch {
  /** The lowest entry index in it; none: Infinity. */
  firstIndex: LogIndex = Number.POSITIVE_INFINITY;
  readonly parts: BatchPart[] = [];
  bytes: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Adds a record that will stand at `offset` of `segment`. Returns its size. */
  add(segment: number, offset: number, salt: number, fields: RecordFields, payload: Uint8Array): number {
    this.#reserve(recordBytesOf(payload.length));
    let part = this.parts.at(-1);
    if (part === undefined || part.segment !== segment) {
      part = { segment, offset, from: this.#length, to: this.#length };
      this.parts.push(part);
    }
    const size = encodeRecord(this.bytes, this.#length, offset, salt, fields, payload);
    this.#length += size;
    part.to = this.#length;
    return size;
  }

  clear(): void {
    this.firstIndex = Number.POSITIVE_INFINITY;
    this.parts.length = 0;
    this.#length = 0;
    if (this.bytes.length > maxIdleBytes) this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.#length);
    this.bytes = larger;
  }
}
