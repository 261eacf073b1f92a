import { type Disk, type KnownDisk, type Member, maxRuns, type Run } from '../../ports/disk.ts';
import { EntriesCompacted, type Storage, type StorageFailed, type Write } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { Entry, HardState, LogIndex, NodeId, Term } from '../../raft/types.ts';
import { type MemorySnapshot, MemorySnapshots, onShelf, type SnapshotShelf } from './memory-snapshots.ts';
import { assertInOrder, type BeforeWrite } from './write-order.ts';

/** A log in memory: the entries after entry `baseIndex`. */
export interface MemoryLog {
  hardState: HardState;
  baseIndex: LogIndex;
  baseTerm: Term;
  readonly entries: Entry[];
}

/** What outlives a `Storage` in memory: a node that is opened again on the same disk finds what was synced. */
export interface MemoryDisk extends MemoryLog {
  readonly claim: MemoryDiskClaim;
  snapshot: MemorySnapshot | null;
}

/** What is known of a disk in memory besides its log. */
export interface MemoryDiskClaim {
  readonly logId: string;
  start: number;
  runs: readonly Run[];
  readonly peers: Map<NodeId, KnownDisk>;
  readonly members: readonly Member[] | null;
}

/** An empty disk. Whoever needs the same names in each run gives it a `logId`. */
export const createMemoryDisk = (logId = randomHex(16)): MemoryDisk => ({
  hardState: { currentTerm: 0, votedFor: null },
  baseIndex: 0,
  baseTerm: 0,
  entries: [],
  claim: { logId, start: 0, runs: [], peers: new Map(), members: null },
  snapshot: null,
});

const randomHex = (bytes: number): string =>
  [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

/**
 * Makes a disk in memory as durable as somebody needs it to be. Changes are made in the order of the calls, each together with what was changed before it;
 * a callback is never called inside the call that it answers.
 */
export interface MemoryKeeper {
  /** Makes `change` to the log; `done` says whether the disk with it would survive a power loss. A failure is for good. */
  sync(change: () => void, done: (failure: StorageFailed | null) => void): void;
  /** The same for what is known of the disk; a failure harms nothing else. */
  note: Note;
  /** Settles once the disk holds `snapshot`, durably, or has failed to. */
  shelve(snapshot: MemorySnapshot): Promise<void>;
}
type Note = (change: () => void, done: (failure: Error | null) => void) => void;

/** For a disk that is lost with its process. */
const forgetful = (disk: SnapshotShelf, defer: (fn: () => void) => void): MemoryKeeper => ({
  sync: later(defer),
  note: later(defer),
  shelve: onShelf(disk),
});

const later =
  (defer: (fn: () => void) => void) =>
  (change: () => void, done: (failure: null) => void): void =>
    defer(() => {
      change();
      done(null);
    });

/**
 * The `Storage` for tests, and for embedding a node that need not survive its process. It holds each entry twice: as the
 * node sees it, and as it is on `disk`. To crash, let go of it and open `disk` again.
 */
export const openMemory = (
  disk: MemoryDisk = createMemoryDisk(),
  defer: (fn: () => void) => void = queueMicrotask,
  snapshotChunkBytes?: number,
  keeper: MemoryKeeper = forgetful(disk, defer),
): Storage => {
  const { hardState, baseIndex, baseTerm, entries } = disk;
  const log: MemoryLog = { hardState, baseIndex, baseTerm, entries: [...entries] };
  const snapshots = new MemorySnapshots(disk, snapshotChunkBytes, keeper.shelve);
  /** Carried out on `log`, and not yet on `disk`. */
  let unsynced: ((log: MemoryLog) => void)[] = [];
  let isSyncing = false;
  let isClosed = false;
  const change = (change: (log: MemoryLog) => void) => {
    unsynced.push(change);
    change(log);
  };
  if (snapshots.latest !== null) {
    const { index, term } = snapshots.latest;
    change((log) => joinSnapshot(log, index, term));
  }
  const before: BeforeWrite = {
    get hardState() {
      return log.hardState;
    },
    get baseIndex() {
      return log.baseIndex;
    },
    get lastIndex() {
      return lastIndexOf(log);
    },
    termOf: (index) => termIn(log, index),
  };

  return {
    recovered: {
      hardState: log.hardState,
      baseIndex: log.baseIndex,
      baseTerm: log.baseTerm,
      lastIndex: lastIndexOf(log),
    },
    disk: openMemoryClaim(disk.claim, defer, keeper.note),
    snapshots,

    visitEntries(visit) {
      const first = log.baseIndex + 1;
      for (const [i, { kind, term, payload }] of log.entries.entries()) {
        visit(first + i, term, payload.length, kind === 'configuration');
      }
    },

    append(write) {
      assert(!isClosed, 'no append after close', write.firstIndex, null);
      assertInOrder(before, write);
      change((log) => replace(log, write));
    },

    compact(index, term) {
      assert(!isClosed, 'no compaction after close', index, null);
      const covered = snapshots.latest?.index ?? 0;
      assert(index <= covered, 'a durable snapshot covers what is compacted', index, covered);
      if (index > log.baseIndex) change((log) => startAfter(log, index, term));
    },

    sync(done: (failure: StorageFailed | null) => void) {
      assert(!isSyncing && !isClosed, 'one sync at a time, none after close', isSyncing, isClosed);
      isSyncing = true;
      const changes = unsynced;
      unsynced = [];
      keeper.sync(
        () => {
          for (const each of changes) each(disk);
        },
        (failure) => {
          isSyncing = false;
          done(failure);
        },
      );
    },

    read(firstIndex, lastIndex, maxBytes) {
      const { baseIndex, entries } = log;
      if (1 <= firstIndex && firstIndex <= baseIndex) throw new EntriesCompacted(firstIndex, baseIndex);
      const isPresent = 1 <= firstIndex && firstIndex <= lastIndex && lastIndex <= lastIndexOf(log);
      assert(isPresent, 'read of present entries', [firstIndex, lastIndex], lastIndexOf(log));
      const first = firstIndex - baseIndex - 1;
      const end = lastIndex - baseIndex;
      let after = first + 1;
      let bytes = entries[first]!.payload.length;
      while (after < end) {
        bytes += entries[after]!.payload.length;
        if (bytes > maxBytes) break;
        after += 1;
      }
      return entries.slice(first, after);
    },

    close(done) {
      isClosed = true;
      defer(done);
    },
  };
};

/** Counts a start of a disk in memory. */
export const openMemoryClaim = (
  claim: MemoryDiskClaim,
  defer: (fn: () => void) => void,
  note: Note = later(defer),
): Disk => {
  claim.start += 1;
  claim.runs = [...claim.runs, { start: claim.start, tag: randomHex(4) }].slice(-maxRuns);
  let { start } = claim;
  const { runs } = claim;
  return {
    logId: claim.logId,
    firstMembers: claim.members,
    runs,
    get start() {
      return start;
    },
    advanceStart: (done) => {
      let next = start;
      note(
        () => {
          // One that could not be noted may be on the disk all the same: it is not used again.
          claim.start += 1;
          next = claim.start;
        },
        (failure) => {
          if (failure === null) start = next;
          done(failure);
        },
      );
    },
    knownOf: (peer) => claim.peers.get(peer) ?? null,
    remember: (peer, known, done) => {
      claim.peers.set(peer, known);
      note(() => {}, done);
    },
  };
};

const lastIndexOf = ({ baseIndex, entries }: MemoryLog): LogIndex => baseIndex + entries.length;

function termIn({ baseIndex, baseTerm, entries }: MemoryLog, index: LogIndex): Term {
  return index === baseIndex ? baseTerm : (entries[index - baseIndex - 1]?.term ?? 0);
}

function replace(log: MemoryLog, { hardState, firstIndex, entries: replacement }: Write): void {
  log.hardState = hardState;
  if (replacement.length === 0) return;
  log.entries.length = firstIndex - log.baseIndex - 1;
  for (const entry of replacement) log.entries.push(entry);
}

/** What follows entry `index` stays if the log has it, with `term`. */
function startAfter(log: MemoryLog, index: LogIndex, term: Term): void {
  const dropped = termIn(log, index) === term ? index - log.baseIndex : log.entries.length;
  log.entries.splice(0, dropped);
  log.baseIndex = index;
  log.baseTerm = term;
}

/** A snapshot that is durable may reach further than the log, or past what the log holds in its place. */
function joinSnapshot(log: MemoryLog, index: LogIndex, term: Term): void {
  if (termIn(log, index) === term) return;
  startAfter(log, index, term);
  // Its term was never written, so no vote in it was ever sent.
  if (term > log.hardState.currentTerm) log.hardState = { currentTerm: term, votedFor: null };
}
