import { describe, expect, it } from 'vitest';
import { advance, hasRoom, initialProgress, type Progress, progressTable } from '../../src/raft/progress.ts';

const noRounds = { matchRound: 0, round: 0 };

const sent = (progress: Progress, lastIndex: number) => advance(progress, { type: 'sent', lastIndex });
const matched = (progress: Progress, matchIndex: number) =>
  advance(progress, { type: 'matched', matchIndex, round: 0 });
const rejected = (progress: Progress, nextIndex: number) =>
  advance(progress, { type: 'rejected', nextIndex });

describe('progress of a follower', () => {
  it('starts as a probe behind the last entry (Figure 2, volatile state on leaders)', () => {
    expect(initialProgress(7)).toEqual({
      state: 'probe',
      nextIndex: 8,
      matchIndex: 0,
      ...noRounds,
      inflight: [],
    });
  });

  it('in probe has one message in flight, and does not run ahead (thesis §10.2.2)', () => {
    const probing = sent(initialProgress(7), 9);
    expect(probing).toEqual({ state: 'probe', nextIndex: 8, matchIndex: 0, ...noRounds, inflight: [9] });
    expect(hasRoom(initialProgress(7), 64)).toBe(true);
    expect(hasRoom(probing, 64)).toBe(false);
  });

  it('in replicate runs ahead of the answers until its window is full (thesis §10.2.2)', () => {
    let progress: Progress = matched(initialProgress(7), 7);
    expect(progress).toEqual({ state: 'replicate', nextIndex: 8, matchIndex: 7, ...noRounds, inflight: [] });
    for (const lastIndex of [8, 9, 11]) {
      expect(hasRoom(progress, 3)).toBe(true);
      progress = sent(progress, lastIndex);
    }
    expect(progress).toEqual({
      state: 'replicate',
      nextIndex: 12,
      matchIndex: 7,
      ...noRounds,
      inflight: [8, 9, 11],
    });
    expect(hasRoom(progress, 3)).toBe(false);
  });

  it('frees whatever a match covers (thesis §10.2.2)', () => {
    const full = {
      state: 'replicate',
      nextIndex: 12,
      matchIndex: 7,
      ...noRounds,
      inflight: [8, 9, 11],
    } as const;
    expect(matched(full, 9)).toEqual({ ...full, matchIndex: 9, inflight: [11] });
    expect(matched(full, 10)).toEqual({ ...full, matchIndex: 10, inflight: [11] });
    expect(matched(full, 11)).toEqual({ ...full, matchIndex: 11, inflight: [] });
  });

  it('goes back for no late or repeated match (paper §5.3)', () => {
    const progress = {
      state: 'replicate',
      nextIndex: 12,
      matchIndex: 9,
      ...noRounds,
      inflight: [11],
    } as const;
    expect(matched(progress, 4)).toEqual(progress);
    expect(matched(progress, 9)).toEqual(progress);
  });

  it('takes the next index along when a match is beyond it (paper §5.3)', () => {
    const probing = { state: 'probe', nextIndex: 3, matchIndex: 0, ...noRounds, inflight: [5] } as const;
    expect(matched(probing, 5)).toEqual({
      state: 'replicate',
      nextIndex: 6,
      matchIndex: 5,
      ...noRounds,
      inflight: [],
    });
  });

  it('probes again from further back, but never from what is known to match (paper §5.3)', () => {
    const progress = {
      state: 'replicate',
      nextIndex: 12,
      matchIndex: 5,
      ...noRounds,
      inflight: [8, 11],
    } as const;
    expect(rejected(progress, 7)).toEqual({
      state: 'probe',
      nextIndex: 7,
      matchIndex: 5,
      ...noRounds,
      inflight: [],
    });
    expect(rejected(progress, 2)).toEqual({
      state: 'probe',
      nextIndex: 6,
      matchIndex: 5,
      ...noRounds,
      inflight: [],
    });
  });

  it('of one that lost entries has room for none: it is sent nothing but heartbeats', () => {
    const lost = advance(matched(initialProgress(7), 7), { type: 'lost' });
    expect(lost).toEqual({ state: 'lost', nextIndex: 8, matchIndex: 7, ...noRounds, inflight: [] });
    expect(hasRoom(lost, 64)).toBe(false);
  });

  it.each(
    Object.entries(progressTable).flatMap(([from, rows]) =>
      Object.entries(rows).map(([type, row]) => ({ from, type, ...row })),
    ),
  )('goes from $from on $type where the table says: $to', ({ from, type, to }) => {
    const progress: Progress =
      from === 'replicate'
        ? { state: 'replicate', nextIndex: 4, matchIndex: 2, ...noRounds, inflight: [3] }
        : { state: from as 'probe' | 'lost', nextIndex: 4, matchIndex: 2, ...noRounds, inflight: [] };
    const event = { type, lastIndex: 5, matchIndex: 3, nextIndex: 3, round: 0 } as Parameters<
      typeof advance
    >[1];
    expect(advance(progress, event).state).toBe(to);
  });
});
