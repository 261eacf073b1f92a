import type { SnapshotPieces } from './state-machine.ts';

/** Tells whoever makes the pieces that no more are wanted, though perhaps none was ever taken. */
export const abandon = async (data: Uint8Array | SnapshotPieces): Promise<void> => {
  if (data instanceof Uint8Array) return;
  const iterator = Symbol.iterator in data ? data[Symbol.iterator]() : data[Symbol.asyncIterator]();
  await iterator.return?.();
};

/** `pieces`, which are made of `data`. Whoever abandons them abandons `data` too: a generator that has not begun would not. */
export const madeOf = (
  data: Uint8Array | SnapshotPieces,
  pieces: AsyncGenerator<Uint8Array, void, void>,
): AsyncIterableIterator<Uint8Array> => ({
  next: () => pieces.next(),
  return: async () => {
    const ended = await pieces.return();
    await abandon(data);
    return ended;
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});
