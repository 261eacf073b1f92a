import type { LogIndex } from './types.ts';

/**
 * What a leader knows of one follower. `probe`: one AppendEntries at a time, until one is accepted. `replicate`:
 * pipelined, `nextIndex` runs ahead of the answers. Thesis §10.2.2.
 */
export interface Progress {
  readonly state: 'probe' | 'replicate';
  readonly nextIndex: LogIndex;
  readonly matchIndex: LogIndex;
  /** Last index of each message that is not answered yet, ascending; in `probe` at most one. */
  readonly inflight: readonly LogIndex[];
}

/** Starts to probe behind `lastIndex`. Figure 2, "Volatile state on leaders". */
export const initialProgress = (lastIndex: LogIndex): Progress => ({
  state: 'probe',
  nextIndex: lastIndex + 1,
  matchIndex: 0,
  inflight: [],
});

/** Whether one more message with entries may leave. */
export const hasRoom = (progress: Progress, maxMessagesInFlight: number): boolean =>
  progress.inflight.length < (progress.state === 'probe' ? 1 : maxMessagesInFlight);

/** Entries up to `lastIndex` have been sent. A probe does not run ahead. */
export const sent = (progress: Progress, lastIndex: LogIndex): Progress => ({
  ...progress,
  nextIndex: progress.state === 'probe' ? progress.nextIndex : lastIndex + 1,
  inflight: [...progress.inflight, lastIndex],
});

/** The follower holds everything up to `matchIndex`. Answers may come late or twice: nothing goes back. */
export const matched = (progress: Progress, matchIndex: LogIndex): Progress => {
  const highest = Math.max(progress.matchIndex, matchIndex);
  return {
    state: 'replicate',
    matchIndex: highest,
    nextIndex: Math.max(progress.nextIndex, highest + 1),
    // A probe's answer frees its place; from then on answers free what they cover.
    inflight: progress.state === 'probe' ? [] : progress.inflight.filter((lastIndex) => lastIndex > highest),
  };
};

/** The follower's log does not contain the entry before `nextIndex`: probe from further back. */
export const backtracked = (progress: Progress, nextIndex: LogIndex): Progress => ({
  state: 'probe',
  matchIndex: progress.matchIndex,
  nextIndex: Math.max(progress.matchIndex + 1, nextIndex),
  inflight: [],
});
