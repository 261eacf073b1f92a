import type { Disk, DiskClaim, KnownDisk, Member } from '../../ports/disk.ts';
import type { Storage, StorageFailed, Write } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { Entry, HardState, NodeId } from '../../raft/types.ts';
import { type MemorySnapshot, MemorySnapshots } from './memory-snapshots.ts';
import { assertInOrder } from './write-order.ts';

/** What outlives a `Storage` in memory: a node that is opened again on the same disk finds what was synced. */
export interface MemoryDisk {
  hardState: HardState;
  readonly entries: Entry[];
  readonly claim: MemoryDiskClaim;
  snapshot: MemorySnapshot | null;
}

/** What is known of a disk in memory besides its log. */
export interface MemoryDiskClaim {
  readonly logId: string;
  start: number;
  readonly peers: Map<NodeId, KnownDisk>;
  readonly members: readonly Member[] | null;
}

/** An empty disk. Whoever needs the same names in each run gives it a `logId`. */
export const createMemoryDisk = (logId = randomLogId()): MemoryDisk => ({
  hardState: { currentTerm: 0, votedFor: null },
  entries: [],
  claim: { logId, start: 0, peers: new Map(), members: null },
  snapshot: null,
});

const randomLogId = (): DiskClaim['logId'] =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * The `Storage` for tests, and for embedding a node that need not survive its process. It holds each entry twice: as the
 * node sees it, and as it is on `disk`. To crash, let go of it and open `disk` again.
 */
export const openMemory = (
  disk: MemoryDisk = createMemoryDisk(),
  defer: (fn: () => void) => void = queueMicrotask,
): Storage => {
  const entries = [...disk.entries];
  let hardState = disk.hardState;
  let unsynced: Write[] = [];
  let isSyncing = false;
  let isClosed = false;
  const before = {
    get hardState() {
      return hardState;
    },
    get lastIndex() {
      return entries.length;
    },
    termOf: (index: number) => entries[index - 1]?.term ?? 0,
  };

  return {
    recovered: { hardState, lastIndex: entries.length },
    disk: openMemoryClaim(disk.claim, defer),
    snapshots: new MemorySnapshots(disk),

    visitEntries(visit) {
      for (const [i, { term, payload }] of entries.entries()) visit(i + 1, term, payload.length);
    },

    append(write) {
      assert(!isClosed, 'no append after close', write.firstIndex, null);
      assertInOrder(before, write);
      unsynced.push(write);
      hardState = write.hardState;
      replace(entries, write);
    },

    sync(done: (failure: StorageFailed | null) => void) {
      assert(!isSyncing && !isClosed, 'one sync at a time, none after close', isSyncing, isClosed);
      isSyncing = true;
      const writes = unsynced;
      unsynced = [];
      defer(() => {
        isSyncing = false;
        for (const write of writes) {
          disk.hardState = write.hardState;
          replace(disk.entries, write);
        }
        done(null);
      });
    },

    read(firstIndex, lastIndex, maxBytes) {
      const isPresent = 1 <= firstIndex && firstIndex <= lastIndex && lastIndex <= entries.length;
      assert(isPresent, 'read of present entries', [firstIndex, lastIndex], entries.length);
      let end = firstIndex;
      let bytes = entries[end - 1]!.payload.length;
      while (end < lastIndex) {
        bytes += entries[end]!.payload.length;
        if (bytes > maxBytes) break;
        end += 1;
      }
      return entries.slice(firstIndex - 1, end);
    },

    close(done) {
      isClosed = true;
      defer(done);
    },
  };
};

/** Counts a start of a disk in memory. */
export const openMemoryClaim = (claim: MemoryDiskClaim, defer: (fn: () => void) => void): Disk => {
  claim.start += 1;
  let { start } = claim;
  return {
    logId: claim.logId,
    firstMembers: claim.members,
    get start() {
      return start;
    },
    advanceStart: (done) =>
      defer(() => {
        claim.start += 1;
        start = claim.start;
        done(null);
      }),
    knownOf: (peer) => claim.peers.get(peer) ?? null,
    remember: (peer, known, done) => {
      claim.peers.set(peer, known);
      defer(() => done(null));
    },
  };
};

function replace(entries: Entry[], { firstIndex, entries: replacement }: Write): void {
  if (replacement.length === 0) return;
  entries.length = firstIndex - 1;
  for (const entry of replacement) entries.push(entry);
}
