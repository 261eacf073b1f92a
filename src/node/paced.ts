import type { Clock } from '../ports/clock.ts';
import { madeOf } from '../ports/snapshot-pieces.ts';
import type { SnapshotReader } from '../ports/snapshot-store.ts';
import type { SnapshotPieces } from '../ports/state-machine.ts';

/** A few milliseconds' work for a state machine. */
const pieceBytes = 64 * 1024;

/** `data` in pieces of at most 64 KiB. Between two of them the node handles whatever else has arrived. */
export const paced = (data: Uint8Array | SnapshotPieces, clock: Clock): AsyncIterableIterator<Uint8Array> =>
  madeOf(data, smallPieces(data, clock));

async function* smallPieces(
  data: Uint8Array | SnapshotPieces,
  clock: Clock,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of data instanceof Uint8Array ? [data] : data) {
    for (let at = 0; at === 0 || at < piece.length; at += pieceBytes) {
      yield piece.subarray(at, at + pieceBytes);
      await new Promise<void>((resolve) => clock.defer(resolve));
    }
  }
}

/** The data of a snapshot, chunk by chunk, each checked when it is read. `read` is told how many bytes have been. */
export function* dataOf(reader: SnapshotReader, read: (bytes: number) => void): Generator<Uint8Array> {
  let offset = 0;
  do {
    const { bytes } = reader.chunkAt(offset);
    offset += bytes.length;
    yield bytes;
    read(offset);
  } while (offset < reader.info.sizeBytes);
}
