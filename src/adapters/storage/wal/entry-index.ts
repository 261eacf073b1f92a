import type { LogIndex, Term } from '../../../raft/types.ts';

/** The place of a record. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

const chunkEntries = 8192;
/** A position is one double: segment × 2^32 + offset, exact up to 2^21 segments of up to 4 GiB. */
const segmentStride = 0x1_0000_0000;

/**
 * From log index to place, payload size and term: 12 bytes an entry, and one run for each change of term.
 * Grows by chunks; nothing is ever copied.
 */
export class EntryIndex {
  lastIndex: LogIndex = 0;
  readonly #positions: Float64Array[] = [];
  readonly #payloadBytes: Uint32Array[] = [];
  readonly #runs: { readonly firstIndex: LogIndex; readonly term: Term }[] = [];

  /** Takes entry `lastIndex` + 1. */
  append(segment: number, offset: number, payloadBytes: number, term: Term): void {
    const slot = this.lastIndex % chunkEntries;
    const chunk = (this.lastIndex - slot) / chunkEntries;
    if (chunk === this.#positions.length) {
      this.#positions.push(new Float64Array(chunkEntries));
      this.#payloadBytes.push(new Uint32Array(chunkEntries));
    }
    this.#positions[chunk]![slot] = segment * segmentStride + offset;
    this.#payloadBytes[chunk]![slot] = payloadBytes;
    this.lastIndex += 1;
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ firstIndex: this.lastIndex, term });
  }

  /** Forgets `index` and everything after it. */
  truncateFrom(index: LogIndex): void {
    if (index > this.lastIndex) return;
    this.lastIndex = index - 1;
    this.#positions.length = Math.ceil(this.lastIndex / chunkEntries);
    this.#payloadBytes.length = this.#positions.length;
    while (this.#runs.length > 0 && this.#runs.at(-1)!.firstIndex >= index) this.#runs.pop();
  }

  positionOf(index: LogIndex): Position {
    const slot = (index - 1) % chunkEntries;
    const packed = this.#positions[(index - 1 - slot) / chunkEntries]![slot]!;
    const offset = packed % segmentStride;
    return { segment: (packed - offset) / segmentStride, offset };
  }

  payloadBytesOf(index: LogIndex): number {
    const slot = (index - 1) % chunkEntries;
    return this.#payloadBytes[(index - 1 - slot) / chunkEntries]![slot]!;
  }

  /** 0 for index 0. */
  termOf(index: LogIndex): Term {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.firstIndex <= index) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#runs[low - 1]!.term;
  }
}
