import {
  maxChunkBytes,
  type ReceivedSnapshot,
  type SnapshotChunk,
  type SnapshotInfo,
  SnapshotRefused,
} from '../../ports/snapshot-store.ts';
import type { SnapshotPieces } from '../../ports/state-machine.ts';
import { assert } from '../../raft/assert.ts';

/** CRC-32 of `bytes`, after bytes whose CRC-32 is `before`. */
export type Checksum = (bytes: Uint8Array, before: number) => number;

/** For people: `snapshot 12 (term 3)`. */
export const snapshotName = ({ index, term }: Pick<SnapshotInfo, 'index' | 'term'>): string =>
  `snapshot ${index} (term ${term})`;

/** Cuts `data` into chunks of `chunkBytes`; the last one is shorter. An empty whole is one empty chunk. Each chunk is a buffer of its own. */
export async function* cutIntoChunks(
  data: Uint8Array | SnapshotPieces,
  chunkBytes: number,
): AsyncGenerator<Uint8Array> {
  let chunk = new Uint8Array(chunkBytes);
  let used = 0;
  let isEmpty = true;
  for await (const piece of data instanceof Uint8Array ? [data] : data) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + chunkBytes - used);
      chunk.set(part, used);
      used += part.length;
      at += part.length;
      if (used < chunkBytes) break;
      yield chunk;
      isEmpty = false;
      chunk = new Uint8Array(chunkBytes);
      used = 0;
    }
  }
  if (used > 0 || isEmpty) yield chunk.subarray(0, used);
}

/** Throws `SnapshotRefused` unless `chunk` is what may come now. Every adapter asks this. */
export const checkChunk = (
  receiving: ReceivedSnapshot | null,
  latest: SnapshotInfo | null,
  info: SnapshotInfo,
  chunk: SnapshotChunk,
  checksum: Checksum,
): void => {
  refuseOutdated(latest, info);
  const { offset, bytes } = chunk;
  const name = snapshotName(info);
  if (offset > 0) {
    const expected = receiving !== null && isSameSnapshot(receiving.info, info) ? receiving.receivedBytes : 0;
    if (offset !== expected) {
      throw new SnapshotRefused('outOfOrder', `${name}: a chunk at offset ${offset}, expected ${expected}`);
    }
  }
  const fault =
    bytes.length > maxChunkBytes
      ? `has ${bytes.length} bytes, more than ${maxChunkBytes}`
      : offset + bytes.length > info.sizeBytes
        ? `reaches beyond the end at ${info.sizeBytes}`
        : bytes.length === 0 && info.sizeBytes > 0
          ? 'is empty'
          : checksum(bytes, 0) !== chunk.checksum
            ? 'does not match its checksum'
            : null;
  if (fault !== null) throw new SnapshotRefused('damaged', `${name}: the chunk at offset ${offset} ${fault}`);
};

/** Throws `SnapshotRefused` unless all of `info` has been received; `checksum` is of what was. */
export const checkWhole = (
  receiving: ReceivedSnapshot | null,
  info: SnapshotInfo,
  checksum: number,
): void => {
  const received = receiving !== null && isSameSnapshot(receiving.info, info) ? receiving.receivedBytes : 0;
  const name = snapshotName(info);
  if (receiving === null || received < info.sizeBytes) {
    const message = `${name}: only ${received} of ${info.sizeBytes} bytes have been received`;
    throw new SnapshotRefused('outOfOrder', message);
  }
  if (checksum !== info.checksum) {
    throw new SnapshotRefused('damaged', `${name}: what was received does not match its checksum`);
  }
};

export const refuseOutdated = (
  latest: SnapshotInfo | null,
  { index, term }: { index: number; term: number },
): void => {
  if (latest === null || index > latest.index) return;
  throw new SnapshotRefused(
    'outdated',
    `${snapshotName({ index, term })}: ${snapshotName(latest)} reaches as far`,
  );
};

const isSameSnapshot = (a: SnapshotInfo, b: SnapshotInfo): boolean =>
  a.index === b.index && a.term === b.term && a.sizeBytes === b.sizeBytes && a.checksum === b.checksum;

/** Which of a snapshot's chunks holds `offset`; `ends` are where its chunks end, in order. That of an empty snapshot holds 0. */
export const chunkHolding = (offset: number, ends: readonly number[]): number => {
  const sizeBytes = ends.at(-1)!;
  const isWithin = offset >= 0 && (offset < sizeBytes || (offset === 0 && sizeBytes === 0));
  assert(isWithin, 'a chunk begins within its snapshot', offset, sizeBytes);
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle]! > offset) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** `chunk` from `offset` on. */
export const restOf = (chunk: SnapshotChunk, offset: number, checksum: Checksum): SnapshotChunk => {
  if (offset === chunk.offset) return chunk;
  const bytes = chunk.bytes.subarray(offset - chunk.offset);
  return { offset, bytes, checksum: checksum(bytes, 0) };
};
