import { configurationsIn } from '../raft/configuration-payload.ts';
import type { RaftInput, Settings } from '../raft/context.ts';
import type { Persist } from '../raft/effects.ts';
import { append, logAfter } from '../raft/log-shape.ts';
import type { Snapshot } from '../raft/snapshot.ts';
import { compactedLog } from '../raft/snapshots.ts';
import type { Entry, HardState, LogIndex, Term } from '../raft/types.ts';
import type { Write } from './write-order.ts';

/** A log as plain data: the entries after those that it has dropped. */
export interface StoredLog {
  /** The last entry that it has dropped, and its term; 0 and 0: none. */
  readonly base: LogIndex;
  readonly baseTerm: Term;
  readonly entries: readonly Entry[];
}

/** What a restart finds. */
export interface Disk {
  readonly hardState: HardState;
  /** Null: none. */
  readonly snapshot: Snapshot | null;
  readonly log: StoredLog;
}

export const emptyDisk: Disk = {
  hardState: { currentTerm: 0, votedFor: null },
  snapshot: null,
  log: { base: 0, baseTerm: 0, entries: [] },
};

export const entryAt = ({ base, entries }: StoredLog, index: LogIndex): Entry | undefined =>
  entries[index - base - 1];

/** The entries from `first` to `last`; those that it has dropped are missing. */
export const entriesBetween = (
  { base, entries }: StoredLog,
  first: LogIndex,
  last: LogIndex,
): readonly Entry[] => (first <= base ? [] : entries.slice(first - base - 1, last - base));

/** The log without its entries up to `index`, whose entry has `term`. What follows stays if the log has that entry, with that term. */
export const withoutUpTo = (log: StoredLog, index: LogIndex, term: Term): StoredLog => {
  const { base, entries } = log;
  if (index <= base) return log;
  const isSame = entryAt(log, index)?.term === term;
  return { base: index, baseTerm: term, entries: isSame ? entries.slice(index - base) : [] };
};

const withWritten = (log: StoredLog, { firstIndex, entries }: Persist): StoredLog => {
  if (firstIndex === 0) return log;
  // A snapshot may have taken the place of what was written meanwhile.
  const known = Math.max(0, log.base + 1 - firstIndex);
  const kept = log.entries.slice(0, Math.max(0, firstIndex - 1 - log.base));
  return { ...log, entries: [...kept, ...entries.slice(known)] };
};

/** The log with one more write carried out. */
export const withWrite = (log: StoredLog, write: Write): StoredLog =>
  'snapshot' in write ? withoutUpTo(log, write.snapshot.index, write.snapshot.term) : withWritten(log, write);

/** The disk with one more write durable. */
export const withDurable = (disk: Disk, write: Write): Disk => {
  const hardState = { currentTerm: write.currentTerm, votedFor: write.votedFor };
  return { ...disk, hardState, log: withWrite(disk.log, write) };
};

/**
 * What a restart goes on with. Where the snapshot reaches to an entry that the log lacks, or has in another term, it takes the log's place: neither what was applied here nor what the
 * leader has sent need have been durable in the log. Nor need the snapshot's term.
 */
export const recovered = ({ hardState, snapshot, log }: Disk): Disk => {
  if (snapshot === null) return { hardState, snapshot, log };
  const { index, term } = snapshot;
  const goesOn = index <= log.base || entryAt(log, index)?.term === term;
  return {
    hardState: hardState.currentTerm < term ? { currentTerm: term, votedFor: null } : hardState,
    snapshot,
    log: goesOn ? log : { base: index, baseTerm: term, entries: [] },
  };
};

/** What a node is started from, as a disk has it. */
export const inputOfDisk = (
  disk: Disk,
  settings: Settings,
): Pick<RaftInput, 'hardState' | 'log' | 'snapshot' | 'configurations'> => {
  const found = recovered(disk);
  const { hardState, snapshot } = found;
  const { base, baseTerm, entries } = found.log;
  const log = append(logAfter(base, baseTerm), entries, settings.maxMessageBytes);
  return {
    hardState,
    log: snapshot === null ? log : compactedLog(log, settings, snapshot.index),
    configurations: configurationsIn(entries, base + 1),
    ...(snapshot === null ? {} : { snapshot }),
  };
};
