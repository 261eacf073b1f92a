import { assert } from '../../../raft/assert.ts';
import type { LogIndex, Term } from '../../../raft/types.ts';

/** The place of a record. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

interface Chunk {
  readonly positions: Float64Array;
  readonly payloadBytes: Uint32Array;
}

const chunkEntries = 8192;
/** A position is one double: segment × 2^32 + offset, exact up to 2^21 segments of up to 4 GiB. */
const segmentStride = 0x1_0000_0000;

/**
 * From log index to place, payload size and term: 12 bytes an entry, and one run for each change of term.
 * Grows, and is dropped from its front, by chunks; nothing is ever copied.
 */
export class EntryIndex {
  /** The entry before the first one; the log begins after it. */
  baseIndex: LogIndex = 0;
  /** 0 for index 0, or while it is not known. */
  baseTerm: Term = 0;
  lastIndex: LogIndex = 0;
  /** Number of the first chunk held. */
  #firstChunk = 0;
  #chunks: Chunk[] = [];
  #runs: { readonly firstIndex: LogIndex; readonly term: Term }[] = [];
  /** The entries of kind `configuration`, ascending: few. */
  #configurations: LogIndex[] = [];

  get configurations(): readonly LogIndex[] {
    return this.#configurations;
  }

  /** Takes entry `lastIndex` + 1. */
  append(segment: number, offset: number, payloadBytes: number, term: Term, isConfiguration: boolean): void {
    const slot = this.lastIndex % chunkEntries;
    const at = (this.lastIndex - slot) / chunkEntries - this.#firstChunk;
    if (at === this.#chunks.length) {
      this.#chunks.push({
        positions: new Float64Array(chunkEntries),
        payloadBytes: new Uint32Array(chunkEntries),
      });
    }
    const chunk = this.#chunks[at]!;
    chunk.positions[slot] = segment * segmentStride + offset;
    chunk.payloadBytes[slot] = payloadBytes;
    this.lastIndex += 1;
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ firstIndex: this.lastIndex, term });
    if (isConfiguration) this.#configurations.push(this.lastIndex);
  }

  /** Forgets `index` and everything after it. */
  truncateFrom(index: LogIndex): void {
    if (index > this.lastIndex) return;
    assert(index > this.baseIndex, 'nothing at or below the base is replaced', index, this.baseIndex);
    this.lastIndex = index - 1;
    const chunks = Math.ceil(this.lastIndex / chunkEntries) - this.#firstChunk;
    this.#chunks.length = Math.min(this.#chunks.length, Math.max(0, chunks));
    while (this.#runs.length > 0 && this.#runs.at(-1)!.firstIndex >= index) this.#runs.pop();
    while (this.#configurations.length > 0 && this.#configurations.at(-1)! >= index) {
      this.#configurations.pop();
    }
  }

  /** Forgets everything up to `index`, which is present. */
  dropThrough(index: LogIndex): void {
    this.baseTerm = this.termOf(index);
    this.baseIndex = index;
    const next = this.#runs.findIndex((run) => run.firstIndex > index + 1);
    const last = (next < 0 ? this.#runs.length : next) - 1;
    const kept = this.#runs.slice(Math.max(0, last));
    const [first, ...rest] = kept;
    if (first !== undefined) {
      this.#runs = [{ term: first.term, firstIndex: Math.max(first.firstIndex, index + 1) }, ...rest];
    }
    if (index === this.lastIndex) this.#runs = [];
    this.#configurations = this.#configurations.filter((each) => each > index);
    const firstChunk = Math.floor(index / chunkEntries);
    const dropped = Math.min(firstChunk - this.#firstChunk, this.#chunks.length);
    this.#chunks = this.#chunks.slice(dropped);
    this.#firstChunk = firstChunk;
  }

  /** Forgets everything: the log begins anew after the entry at `index`. */
  reset(index: LogIndex, term: Term): void {
    this.baseIndex = index;
    this.baseTerm = term;
    this.lastIndex = index;
    this.#firstChunk = Math.floor(index / chunkEntries);
    this.#chunks = [];
    this.#runs = [];
    this.#configurations = [];
  }

  positionOf(index: LogIndex): Position {
    const slot = (index - 1) % chunkEntries;
    const packed = this.#chunkOf(index, slot).positions[slot]!;
    const offset = packed % segmentStride;
    return { segment: (packed - offset) / segmentStride, offset };
  }

  payloadBytesOf(index: LogIndex): number {
    const slot = (index - 1) % chunkEntries;
    return this.#chunkOf(index, slot).payloadBytes[slot]!;
  }

  /** Also of the entry at the base; 0 for what is not there. */
  termOf(index: LogIndex): Term {
    if (index <= this.baseIndex) return index === this.baseIndex ? this.baseTerm : 0;
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.firstIndex <= index) low = middle + 1;
      else high = middle;
    }
    return low === 0 || index > this.lastIndex ? 0 : this.#runs[low - 1]!.term;
  }

  #chunkOf(index: LogIndex, slot: number): Chunk {
    return this.#chunks[(index - 1 - slot) / chunkEntries - this.#firstChunk]!;
  }
}
