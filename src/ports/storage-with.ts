import type { Storage } from './storage.ts';

/** `storage`, with the members in `replaced` in place of its own. */
export const storageWith = (storage: Storage, replaced: Partial<Storage>): Storage => ({
  recovered: storage.recovered,
  disk: storage.disk,
  snapshots: storage.snapshots,
  visitEntries: (visit) => storage.visitEntries(visit),
  append: (write) => storage.append(write),
  compact: (index, term) => storage.compact(index, term),
  sync: (done) => storage.sync(done),
  read: (firstIndex, lastIndex, maxBytes) => storage.read(firstIndex, lastIndex, maxBytes),
  close: (done) => storage.close(done),
  ...replaced,
});
