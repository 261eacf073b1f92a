import type { Files } from '../../src/adapters/storage/files.ts';
import type { Storage } from '../../src/ports/storage.ts';

/** Row 25: a sync that fails is taken for one that succeeded. */
export const failedSyncSwallowed = (files: Files): Files => ({
  ...files,
  commit: (file, bytes, position, done) => files.commit(file, bytes, position, () => done(null)),
});

/** Row 26: the directory is never synced, so a new segment may be gone after a crash. */
export const directoryNotSynced = (files: Files): Files => ({
  ...files,
  syncDirectory: (directory) => files.makeDirectory(directory),
});

/** Row 26: a sync is answered when it begins. */
export const lazySync = (storage: Storage): Storage => {
  let isSyncing = false;
  let next: (() => void) | null = null;
  const sync: Storage['sync'] = (done) => {
    // A storage syncs once at a time, so this one begins when the last has ended.
    if (isSyncing) {
      next = () => sync(done);
      return;
    }
    isSyncing = true;
    storage.sync(() => {
      isSyncing = false;
      const begin = next;
      next = null;
      begin?.();
    });
    queueMicrotask(() => done(null));
  };
  return { ...storage, sync };
};
