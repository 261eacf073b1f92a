import type { Storage, StorageFailed } from '../../src/ports/storage.ts';
import { type Entry, emptyPayload, type HardState } from '../../src/raft/types.ts';

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

/** The whole log as text, in a form that two storages can be compared by. */
export interface Contents {
  readonly hardState: HardState;
  readonly log: readonly string[];
}

export const textOf = ({ term, kind, payload }: Entry): string =>
  `${term} ${kind} ${Buffer.from(payload).toString('latin1')}`;

/** Everything that `storage`, which was just opened, recovered. */
export const contentsOf = (storage: Storage): Contents => {
  const { hardState, lastIndex } = storage.recovered;
  const log = lastIndex === 0 ? [] : storage.read(1, lastIndex, Number.MAX_SAFE_INTEGER).map(textOf);
  return { hardState, log };
};
