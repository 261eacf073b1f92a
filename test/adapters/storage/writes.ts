import { crc32 } from 'node:zlib';
import type { Storage, StorageFailed } from '../../../src/ports/storage.ts';
import { type Entry, emptyPayload, type HardState } from '../../../src/raft/types.ts';

export const command = (term: number, text: string): Entry => ({
  term,
  kind: 'command',
  payload: Buffer.from(text),
});

export const noop = (term: number): Entry => ({ term, kind: 'noop', payload: emptyPayload });

export const synced = (storage: Storage): Promise<StorageFailed | null> =>
  new Promise((resolve) => storage.sync(resolve));

export const closed = (storage: Storage): Promise<void> => new Promise((resolve) => storage.close(resolve));

export const visited = (storage: Storage): readonly (readonly [number, number, number])[] => {
  const seen: [number, number, number][] = [];
  storage.visitEntries((index, term, payloadBytes) => seen.push([index, term, payloadBytes]));
  return seen;
};

/** Hard state and log as a line for each, the payloads by length and checksum. */
export type Contents = string;

export const entryText = ({ term, kind, payload }: Entry): string =>
  `${term} ${kind} ${payload.length} ${crc32(payload)}`;

export const contentsText = (hardState: HardState, log: readonly Entry[]): Contents => {
  return [`term ${hardState.currentTerm} vote ${hardState.votedFor}`, ...log.map(entryText)].join('\n');
};

/** Everything that `storage`, which was just opened, recovered. */
export const contentsOf = (storage: Storage): Contents => {
  const { hardState, baseIndex, lastIndex } = storage.recovered;
  const log = lastIndex === baseIndex ? [] : storage.read(baseIndex + 1, lastIndex, Number.MAX_SAFE_INTEGER);
  return contentsText(hardState, log);
};
