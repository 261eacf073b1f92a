import { assert } from './assert.ts';
import type { LogIndex, Term } from './types.ts';

/** Entries from `firstIndex` up to the next run (or the log's end), all of one term. */
export interface TermRun {
  readonly term: Term;
  readonly firstIndex: LogIndex;
}

/**
 * A log without its payloads: enough for every rule, since (index, term) names an entry (Log Matching, Raft
 * paper §5.3). `runs` has ascending terms and first indexes; the first run starts at `snapshotIndex + 1`.
 */
export interface LogShape {
  /** The entry just before the first one: what a snapshot covers. 0 and 0 without a snapshot. */
  readonly snapshotIndex: LogIndex;
  readonly snapshotTerm: Term;
  /** `snapshotIndex` when there are no entries. */
  readonly lastIndex: LogIndex;
  readonly runs: readonly TermRun[];
  /**
   * Ascending indexes at which a new AppendEntries must begin, so that none carries more than `maxMessageBytes` of
   * payload unless one entry alone does.
   */
  readonly cuts: readonly LogIndex[];
  /** Payload bytes since the last cut, or more. */
  readonly tailBytes: number;
}

/** What `append` needs to know of an entry. */
export interface EntryShape {
  readonly term: Term;
  readonly payload: { readonly length: number };
}

export const emptyLog: LogShape = {
  snapshotIndex: 0,
  snapshotTerm: 0,
  lastIndex: 0,
  runs: [],
  cuts: [],
  tailBytes: 0,
};

/** The term of the entry at `index`, or of the snapshot at its index; 0 where the log has nothing (or no longer has it). */
export const termAt = (log: LogShape, index: LogIndex): Term => {
  if (index > log.lastIndex || index < log.snapshotIndex) return 0;
  const run = runAt(log, index);
  return run === undefined ? log.snapshotTerm : run.term;
};

/** The term of the last entry; of the snapshot, or 0, when there is none. */
export const lastTerm = (log: LogShape): Term => log.runs.at(-1)?.term ?? log.snapshotTerm;

/** The first index here of the term of the entry at `index`, which must exist. */
export const firstIndexOfTermAt = (log: LogShape, index: LogIndex): LogIndex =>
  runAt(log, index)?.firstIndex ?? log.snapshotIndex;

/** The last index at or before `limit` whose entry is of `term`; 0 if there is none. */
export const lastIndexOfTerm = (log: LogShape, term: Term, limit: LogIndex): LogIndex => {
  const at = log.runs.findIndex((run) => run.term === term);
  if (at < 0) return term === log.snapshotTerm ? Math.min(log.snapshotIndex, limit) : 0;
  const end = (log.runs[at + 1]?.firstIndex ?? log.lastIndex + 1) - 1;
  return log.runs[at]!.firstIndex > limit ? 0 : Math.min(end, limit);
};

/** The runs that cover `firstIndex` to `lastIndex`, the first one clipped to start there; none if that range is empty. */
export const runsBetween = (log: LogShape, firstIndex: LogIndex, lastIndex: LogIndex): readonly TermRun[] => {
  const runs: TermRun[] = [];
  if (lastIndex < firstIndex) return runs;
  for (let at = log.runs.length - 1; at >= 0; at--) {
    const run = log.runs[at]!;
    if (run.firstIndex > lastIndex) continue;
    if (run.firstIndex > firstIndex) {
      runs.unshift(run);
      continue;
    }
    runs.unshift({ term: run.term, firstIndex });
    break;
  }
  return runs;
};

/** The last index that one message starting at `firstIndex` may carry: up to the next cut, the end, or `maxEntries`. */
export const batchEnd = (log: LogShape, firstIndex: LogIndex, maxEntries: number): LogIndex => {
  const end = Math.min(log.lastIndex, firstIndex + maxEntries - 1);
  const cut = firstAbove(log.cuts, firstIndex);
  return cut === undefined ? end : Math.min(end, cut - 1);
};

/** The log with `entries` appended. Terms must not fall. */
export const append = (log: LogShape, entries: readonly EntryShape[], maxMessageBytes: number): LogShape => {
  const runs: TermRun[] = [];
  const cuts: LogIndex[] = [];
  let { tailBytes, lastIndex } = log;
  let term = lastTerm(log);
  for (const entry of entries) {
    lastIndex++;
    if (entry.term !== term || lastIndex === log.snapshotIndex + 1) {
      assert(entry.term >= term, 'terms in a log never fall', entry.term, term);
      term = entry.term;
      runs.push({ term, firstIndex: lastIndex });
    }
    tailBytes += entry.payload.length;
    if (tailBytes > maxMessageBytes && tailBytes > entry.payload.length) {
      cuts.push(lastIndex);
      tailBytes = entry.payload.length;
    }
  }
  return { ...log, lastIndex, runs: joined(log.runs, runs), cuts: joined(log.cuts, cuts), tailBytes };
};

/** The log without the entries from `index` on. */
export const truncateFrom = (log: LogShape, index: LogIndex, maxMessageBytes: number): LogShape => {
  assert(index > log.snapshotIndex, 'a snapshot is never truncated', index, log.snapshotIndex);
  const cuts = log.cuts.filter((cut) => cut < index);
  return {
    ...log,
    lastIndex: index - 1,
    runs: log.runs.filter((run) => run.firstIndex < index),
    cuts,
    // The fill of the previous cut is no longer known: treat it as full, so that the next entry makes a new cut.
    tailBytes: cuts.length < log.cuts.length ? maxMessageBytes : log.tailBytes,
  };
};

/** The log without the entries up to `index`, which must exist or be dropped already. */
export const dropUpTo = (log: LogShape, index: LogIndex): LogShape => {
  if (index <= log.snapshotIndex) return log;
  assert(index <= log.lastIndex, 'only what is in the log is dropped', index, log.lastIndex);
  return {
    ...log,
    snapshotIndex: index,
    snapshotTerm: termAt(log, index),
    runs: log.runs.flatMap((run, at) => {
      const end = (log.runs[at + 1]?.firstIndex ?? log.lastIndex + 1) - 1;
      if (end <= index) return [];
      return run.firstIndex > index ? [run] : [{ term: run.term, firstIndex: index + 1 }];
    }),
    cuts: log.cuts.filter((cut) => cut > index),
  };
};

/** An empty log that begins after this entry, up to which a snapshot stands for it. */
export const logAfter = (index: LogIndex, term: Term): LogShape => ({
  ...emptyLog,
  snapshotIndex: index,
  snapshotTerm: term,
  lastIndex: index,
});

const joined = <Item>(some: readonly Item[], more: readonly Item[]): readonly Item[] =>
  more.length === 0 ? some : [...some, ...more];

const runAt = (log: LogShape, index: LogIndex): TermRun | undefined => {
  for (let at = log.runs.length - 1; at >= 0; at--) {
    const run = log.runs[at]!;
    if (run.firstIndex <= index) return run;
  }
  return undefined;
};

/** Binary search: the first of `sorted` that is above `value`. */
const firstAbove = (sorted: readonly number[], value: number): number | undefined => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return sorted[low];
};
