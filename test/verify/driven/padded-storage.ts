import type { Storage } from '../../../src/ports/storage.ts';
import type { Entry } from '../../../src/raft/types.ts';

/** With segments of 8 KiB every fourth command begins a new one. */
const paddingBytes = 2000;

/** `storage`, on which each command takes as much room as a large one: short paths run through several segments. */
export const paddedStorage = (storage: Storage): Storage => ({
  recovered: storage.recovered,
  disk: storage.disk,
  snapshots: storage.snapshots,
  visitEntries: (visit) =>
    storage.visitEntries((index, term, bytes, isConfiguration) =>
      visit(index, term, Math.max(0, bytes - paddingBytes), isConfiguration),
    ),
  append: (write) => storage.append({ ...write, entries: write.entries.map(padded) }),
  compact: (index, term) => storage.compact(index, term),
  sync: (done) => storage.sync(done),
  read: (firstIndex, lastIndex, maxBytes) => storage.read(firstIndex, lastIndex, maxBytes).map(stripped),
  close: (done) => storage.close(done),
});

const padded = (entry: Entry): Entry =>
  entry.kind === 'noop' ? entry : { ...entry, payload: Buffer.concat([entry.payload, padding]) };

const stripped = (entry: Entry): Entry =>
  entry.kind === 'noop' ? entry : { ...entry, payload: entry.payload.subarray(0, -paddingBytes) };

const padding = Buffer.alloc(paddingBytes, '+');
