import type { SnapshotPieces } from '../../ports/state-machine.ts';
import { assert } from '../../raft/assert.ts';
import { PieceReader } from '../piece-reader.ts';
import type { SessionTable } from './session-table.ts';
import { TableReader, tableParts } from './table-bytes.ts';

/*
 * A snapshot of a state machine under sessions: the parts of the table, each behind its length, then a length of 0 and
 * the snapshot of the state machine.
 *
 *   for each part: u32 bytes  part   then u32 0  and the rest
 */
const lengthBytes = 4;

/** Both as of now: `own` is the snapshot of the state machine, taken just before. */
export const takeSnapshot = (table: SessionTable, own: Uint8Array | SnapshotPieces): SnapshotPieces => {
  const parts = tableParts(table);
  if (own instanceof Uint8Array) return inOrder(parts, [own][Symbol.iterator]());
  if (Symbol.iterator in own) return inOrder(parts, own[Symbol.iterator]());
  return inOrderLater(parts, own[Symbol.asyncIterator]());
};

type Parts = Generator<Uint8Array, void>;

/** Written out, not a generator: one that is given up before its first piece would not give up what it reads. */
const inOrder = (parts: Parts, own: Iterator<Uint8Array>): IterableIterator<Uint8Array> => {
  const framed = framing(parts);
  return {
    next: () => {
      const piece = framed.next();
      if (piece !== null) return { done: false, value: piece };
      return own.next();
    },
    return: () => {
      parts.return();
      own.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
};

const inOrderLater = (parts: Parts, own: AsyncIterator<Uint8Array>): AsyncIterableIterator<Uint8Array> => {
  const framed = framing(parts);
  return {
    next: async () => {
      const piece = framed.next();
      if (piece !== null) return { done: false, value: piece };
      return own.next();
    },
    return: async () => {
      parts.return();
      await own.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

/** Each part behind its length, then the length that ends them, then null. */
const framing = (parts: Parts): { next(): Uint8Array | null } => {
  let isEnded = false;
  return {
    next: () => {
      if (isEnded) return null;
      const { done, value } = parts.next();
      isEnded = done === true;
      const part = value ?? new Uint8Array(0);
      const framed = new Uint8Array(lengthBytes + part.length);
      new DataView(framed.buffer).setUint32(0, part.length);
      framed.set(part, lengthBytes);
      return framed;
    },
  };
};

/** Reads both. `restoreOwn` gets what follows the table. Rejects if the bytes are no such snapshot. */
export const restoreSnapshot = async (
  table: SessionTable,
  pieces: AsyncIterable<Uint8Array>,
  restoreOwn: (rest: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> => {
  const source = new PieceReader(pieces[Symbol.asyncIterator]());
  const reader = new TableReader();
  for (;;) {
    const head = await readAll(source, lengthBytes);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length === 0) break;
    reader.take(await readAll(source, length));
  }
  await restoreOwn(source.rest());
  reader.end(table);
};

const readAll = async (source: PieceReader, length: number): Promise<Uint8Array> => {
  const bytes = await source.read(length);
  assert(
    bytes.length === length,
    `a snapshot with sessions goes on for ${length} bytes`,
    bytes.length,
    length,
  );
  return bytes;
};
