import type { Storage, Write } from '../../../src/ports/storage.ts';
import type { Entry, HardState } from '../../../src/raft/types.ts';
import { type Contents, command, contentsText, noop, synced } from './writes.ts';

/** A reproducible stream of numbers from 0 to 1 (mulberry32). */
export const draws = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

export interface Script {
  readonly writes: readonly Write[];
  /** `contents[k]`: what `k` writes amount to. */
  readonly contents: readonly Contents[];
}

/** `count` writes as a follower's might be: votes, terms, appends of one or more entries, conflicting tails replaced. */
export const createScript = (count: number, seed: number, maxPayloadBytes = 300): Script => {
  const draw = draws(seed);
  const upTo = (n: number) => Math.floor(draw() * n);
  let hardState: HardState = { currentTerm: 0, votedFor: null };
  let log: Entry[] = [];
  const writes: Write[] = [];
  const contents: Contents[] = [contentsText(hardState, log)];
  for (let n = 1; n <= count; n += 1) {
    if (n === 1 || draw() < 0.1) hardState = { currentTerm: hardState.currentTerm + 1, votedFor: null };
    if (hardState.votedFor === null && draw() < 0.3) hardState = { ...hardState, votedFor: 1 + upTo(3) };
    const { currentTerm } = hardState;
    const firstIndex = draw() < 0.2 ? Math.max(1, log.length - upTo(5)) : log.length + 1;
    const entries = Array.from({ length: upTo(4) }, (_, i) =>
      draw() < 0.1
        ? noop(currentTerm)
        : command(currentTerm, `${n}.${i}`.padEnd(4 + upTo(maxPayloadBytes), '+')),
    );
    const write = { hardState, firstIndex: entries.length === 0 ? 0 : firstIndex, entries };
    writes.push(write);
    if (entries.length > 0) log = [...log.slice(0, firstIndex - 1), ...entries];
    contents.push(contentsText(hardState, log));
  }
  return { writes, contents };
};

/** Runs `script` with a sync in flight most of the time; tells after each step how many writes were appended and acknowledged. */
export const runScript = async (
  storage: Storage,
  { writes }: Script,
  seed: number,
  note: (appended: number, acknowledged: number) => void,
): Promise<void> => {
  const draw = draws(seed);
  let acknowledged = 0;
  for (let appended = 0; appended < writes.length; ) {
    const group = 1 + Math.floor(draw() * 4);
    for (const write of writes.slice(appended, appended + group)) storage.append(write);
    appended = Math.min(writes.length, appended + group);
    note(appended, acknowledged);
    const covered = appended;
    const answer = synced(storage);
    // These come during the sync and are not covered by it.
    for (const write of writes.slice(appended, appended + 1)) storage.append(write);
    appended = Math.min(writes.length, appended + 1);
    note(appended, acknowledged);
    if ((await answer) !== null) return;
    acknowledged = covered;
    note(appended, acknowledged);
  }
  if ((await synced(storage)) === null) note(writes.length, writes.length);
};

/** After how many disk operations how many writes were appended and acknowledged. */
export interface Mark {
  readonly operations: number;
  readonly appended: number;
  readonly acknowledged: number;
}

export const markAt = (marks: readonly Mark[], operations: number): Mark =>
  marks.findLast((mark) => mark.operations <= operations) ?? { operations: 0, appended: 0, acknowledged: 0 };

/** The number of writes whose contents `storage` recovered, within the bounds; fails if there is none. */
export const writesIn = (
  contents: readonly Contents[],
  recovered: Contents,
  { acknowledged, appended }: Mark,
  where: string,
): number => {
  for (let writes = appended; writes >= acknowledged; writes -= 1) {
    if (contents[writes] === recovered) return writes;
  }
  throw new Error(
    `${where}: recovered neither of ${acknowledged} to ${appended} writes: ${recovered.slice(0, 300)}`,
  );
};
