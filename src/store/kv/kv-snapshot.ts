import { LaterFormat } from '../../ports/state-machine.ts';
import { bucketCount, KeyBuckets, type Pair } from './key-buckets.ts';

/*
 * The bytes of a snapshot of the key-value store. Integers are big-endian.
 *
 *   u8 version, 1   u32 keys   then for each key: u16 keyBytes  u32 valueBytes  key  value
 *
 * In the order of the buckets, and within a bucket in the order of the keys: equal stores give equal bytes, whatever their past.
 */
const formatVersion = 1;
const headBytes = 5;
const recordHeadBytes = 6;

/** How many bytes are written between two turns of the event loop; a larger value is a piece of its own. */
const pieceBytes = 64 * 1024;
/** How many pairs are collected or sorted between two turns of the event loop. */
const runPairs = 4096;
const nothing = new Uint8Array(0);

/**
 * The state of a key-value store as of now, as bytes. The store tells it of each change before it happens; what was there before is kept until its
 * bucket is written. So a snapshot costs memory only for the keys that change under it: a reference or two for each, and the replaced value.
 */
export class KvSnapshot implements Iterable<Uint8Array>, Iterator<Uint8Array> {
  readonly #buckets: KeyBuckets;
  readonly #ended: () => void;
  readonly #pieces: Generator<Uint8Array, void>;
  /** What the buckets that are still to be collected held at keys that have changed since; null: nothing. */
  readonly #before: (Map<string, Uint8Array | null> | undefined)[] = [];
  #firstUncollected = 0;

  /** `ended` is called when it need not be told of changes any more. */
  constructor(buckets: KeyBuckets, ended: () => void) {
    this.#buckets = buckets;
    this.#ended = ended;
    this.#pieces = this.#write(buckets.size);
  }

  [Symbol.iterator](): Iterator<Uint8Array> {
    return this;
  }

  next(): IteratorResult<Uint8Array, void> {
    const result = this.#pieces.next();
    if (result.done === true) this.#ended();
    return result;
  }

  return(): IteratorResult<Uint8Array, void> {
    this.#ended();
    this.#before.length = 0;
    return this.#pieces.return();
  }

  /** `key` of bucket `number` is about to change; it holds `value`. */
  keep(number: number, key: string, value: Uint8Array | undefined): void {
    if (number < this.#firstUncollected) return;
    let before = this.#before[number];
    if (before === undefined) {
      before = new Map();
      this.#before[number] = before;
    }
    if (!before.has(key)) before.set(key, value ?? null);
  }

  *#write(keys: number): Generator<Uint8Array, void> {
    const head = new Uint8Array(headBytes);
    head[0] = formatVersion;
    new DataView(head.buffer).setUint32(1, keys);
    yield head;

    let piece = new Uint8Array(pieceBytes);
    let used = 0;
    for (let number = 0; number < bucketCount; number++) {
      const runs = yield* this.#collect(number);
      for (const [key, value] of merged(runs)) {
        const needed = recordHeadBytes + key.length;
        if (used > 0 && used + needed + value.length > pieceBytes) {
          yield piece.subarray(0, used);
          piece = new Uint8Array(pieceBytes);
          used = 0;
        }
        if (needed + value.length > pieceBytes) {
          yield encodeHead(key, value);
          yield value;
          continue;
        }
        writeHead(piece, used, key, value);
        piece.set(value, used + needed);
        used += needed + value.length;
      }
    }
    if (used > 0) yield piece.subarray(0, used);
  }

  /** The pairs of one bucket as they were, in sorted runs. Gives way after each full one, which takes keys that were chosen to share a bucket. */
  *#collect(number: number): Generator<Uint8Array, readonly (readonly Pair[])[]> {
    const live = yield* runsOf(this.#buckets.pairsIn(number));
    // From here on the bucket may change as it likes.
    this.#firstUncollected = number + 1;
    const before = this.#before[number];
    this.#before[number] = undefined;
    if (before === undefined) return yield* sorted(live);

    // A key that has changed was collected as it was, as it is now, as both or not at all: `before` has it as it was.
    const unchanged = live.map((run) => run.filter(([key]) => !before.has(key)));
    const changed = yield* runsOf(existing(before));
    return yield* sorted([...unchanged, ...changed]);
  }
}

function* runsOf(pairs: Iterable<Pair>): Generator<Uint8Array, readonly (readonly Pair[])[]> {
  const runs: Pair[][] = [];
  let run: Pair[] = [];
  for (const pair of pairs) {
    run.push(pair);
    if (run.length < runPairs) continue;
    runs.push(run);
    run = [];
    yield nothing;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function* existing(before: ReadonlyMap<string, Uint8Array | null>): Generator<Pair> {
  for (const [key, value] of before) if (value !== null) yield [key, value];
}

function* sorted(runs: readonly (readonly Pair[])[]): Generator<Uint8Array, readonly (readonly Pair[])[]> {
  const result: (readonly Pair[])[] = [];
  for (const run of runs) {
    if (result.length > 0 && run.length >= runPairs) yield nothing;
    result.push(run.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }
  return result;
}

/** Merges sorted runs. Nearly always there are one or two. */
function* merged(runs: readonly (readonly Pair[])[]): Generator<Pair> {
  if (runs.length === 1) {
    yield* runs[0]!;
    return;
  }
  const at = runs.map(() => 0);
  for (;;) {
    let first: Pair | undefined;
    let firstRun = 0;
    for (const [i, run] of runs.entries()) {
      const pair = run[at[i]!];
      if (pair !== undefined && (first === undefined || pair[0] < first[0])) {
        first = pair;
        firstRun = i;
      }
    }
    if (first === undefined) return;
    at[firstRun]! += 1;
    yield first;
  }
}

const encodeHead = (key: string, value: Uint8Array): Uint8Array => {
  const head = new Uint8Array(recordHeadBytes + key.length);
  writeHead(head, 0, key, value);
  return head;
};

const writeHead = (target: Uint8Array, at: number, key: string, value: Uint8Array): void => {
  const { length } = key;
  target[at] = length >>> 8;
  target[at + 1] = length & 0xff;
  target[at + 2] = value.length >>> 24;
  target[at + 3] = (value.length >>> 16) & 0xff;
  target[at + 4] = (value.length >>> 8) & 0xff;
  target[at + 5] = value.length & 0xff;
  for (let i = 0; i < length; i++) target[at + recordHeadBytes + i] = key.charCodeAt(i);
};

/** Reads a snapshot piece by piece, each in one turn of the event loop. Rejects if it is none. */
export const readKvSnapshot = async (pieces: AsyncIterable<Uint8Array>): Promise<KeyBuckets> => {
  const reader = new SnapshotReader();
  for await (const piece of pieces) reader.take(piece);
  return reader.end();
};

class SnapshotReader {
  readonly #buckets = new KeyBuckets();
  /** What has arrived and is not read yet. Joined only when there is enough of it for the next record. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #neededBytes = headBytes;
  /** How many there should be. */
  #keys: number | null = null;
  #keysRead = 0;

  take(piece: Uint8Array): void {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    if (this.#waitingBytes < this.#neededBytes) return;
    const bytes = joined(this.#waiting, this.#waitingBytes);
    const read = this.#readRecords(bytes);
    this.#waiting = read < bytes.length ? [bytes.subarray(read)] : [];
    this.#waitingBytes = bytes.length - read;
  }

  end(): KeyBuckets {
    if (this.#waitingBytes > 0 || this.#keys === null) {
      throw new Error('this is no snapshot of a key-value store: it ends in the middle of a key');
    }
    if (this.#keysRead !== this.#keys || this.#buckets.size !== this.#keys) {
      const found = this.#keysRead === this.#buckets.size ? '' : `, ${this.#buckets.size} of them different`;
      throw new Error(`a snapshot of ${this.#keys} keys of a key-value store has ${this.#keysRead}${found}`);
    }
    return this.#buckets;
  }

  /** Returns how many bytes it has read. */
  #readRecords(bytes: Uint8Array): number {
    let at = 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.#keys === null) {
      if (bytes[0] !== formatVersion) {
        if (bytes[0]! > formatVersion) {
          throw new LaterFormat(
            `the snapshot of the key-value store has version ${bytes[0]}, this program reads version ${formatVersion}`,
          );
        }
        throw new Error(
          `this is no snapshot of a key-value store of version ${formatVersion}: it starts with ${bytes[0]}`,
        );
      }
      this.#keys = view.getUint32(1);
      at = headBytes;
    }
    for (;;) {
      this.#neededBytes = recordHeadBytes;
      if (at + this.#neededBytes > bytes.length) return at;
      const keyEnd = at + recordHeadBytes + view.getUint16(at);
      const end = keyEnd + view.getUint32(at + 2);
      this.#neededBytes = end - at;
      if (end > bytes.length) return at;
      const key = String.fromCharCode.apply(
        null,
        bytes.subarray(at + recordHeadBytes, keyEnd) as unknown as number[],
      );
      // A copy of its own: a view would keep the whole piece.
      this.#buckets.set(key, new Uint8Array(bytes.subarray(keyEnd, end)), null);
      this.#keysRead += 1;
      at = end;
    }
  }
}

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
