import type { Entry, LogIndex } from '../../../raft/types.ts';

/** What an entry costs beside its payload: three objects of V8, roughly. */
const overheadBytes = 128;

/** The newest entries, without a gap up to the last one, bounded by bytes. */
export class EntryCache {
  /** Index of the oldest entry held; the last index + 1 when nothing is. */
  firstIndex: LogIndex;
  readonly #maxBytes: number;
  #bytes = 0;
  /** Entries from `#head` on are held; those before it await a compaction. */
  #entries: (Entry | undefined)[] = [];
  #head = 0;

  constructor(firstIndex: LogIndex, maxBytes: number) {
    this.firstIndex = firstIndex;
    this.#maxBytes = maxBytes;
  }

  /** Takes the entry after the last one. */
  append(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.payload.length + overheadBytes;
  }

  /** Forgets `index` and everything after it. */
  truncateFrom(index: LogIndex): void {
    const keep = Math.max(0, index - this.firstIndex);
    while (this.#entries.length - this.#head > keep) {
      this.#bytes -= this.#entries.pop()!.payload.length + overheadBytes;
    }
    if (index < this.firstIndex) this.firstIndex = index;
  }

  /** Forgets `index` and everything before it. */
  dropThrough(index: LogIndex): void {
    while (this.firstIndex <= index && this.#head < this.#entries.length) this.#dropOldest();
    this.#compact();
  }

  /** Forgets everything: the next entry is the one after `index`. */
  reset(index: LogIndex): void {
    this.firstIndex = index + 1;
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  /** Lets go of the oldest entries, as long as there are too many bytes and they come before `keepFrom`. */
  evict(keepFrom: LogIndex): void {
    while (this.#bytes > this.#maxBytes && this.firstIndex < keepFrom && this.#head < this.#entries.length) {
      this.#dropOldest();
    }
    this.#compact();
  }

  /** The entry at `index`, which must be held. */
  at(index: LogIndex): Entry {
    return this.#entries[this.#head + index - this.firstIndex]!;
  }

  #dropOldest(): void {
    this.#bytes -= this.#entries[this.#head]!.payload.length + overheadBytes;
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    this.firstIndex += 1;
  }

  #compact(): void {
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }
}
