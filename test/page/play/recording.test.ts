import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { countUpTo, Recording } from '../../../src/page/play/time/recording.ts';
import type { Answer } from '../../../src/simulate/play/engine.ts';
import { Engine } from '../../../src/simulate/play/engine.ts';

const timed = 'nodes: 3\ntime: runs\n\nstart\n';
const held = 'nodes: 3\n\nstart\nelect 1\npropose 1 put x 1\nstabilize\n';

const recorded = async (text: string, untilUs = 0) => {
  const engine = new Engine();
  const recording = new Recording();
  let answer: Answer = await engine.answer({ type: 'open', text });
  recording.take(answer);
  while (answer.next !== null) {
    answer = await engine.answer({ type: 'next' });
    recording.take(answer);
  }
  recording.take(await engine.answer({ type: 'run', untilUs }));
  return { engine, recording };
};

describe('a recording', () => {
  it('shows at any time the last frame at or before it', async () => {
    const { recording } = await recorded(timed, 600_000);
    expect(recording.endUs).toBe(600_000);
    for (const atUs of [0, 1, 250_000, 333_333, 600_000, 9_000_000]) {
      const index = recording.indexAt(atUs);
      expect(recording.frames[index]!.atUs).toBeLessThanOrEqual(atUs);
      expect(recording.frames[index + 1]?.atUs ?? Infinity).toBeGreaterThan(atUs);
    }
  });

  it('gives each frame a place of its own where time is held', async () => {
    const { recording } = await recorded(held);
    expect(recording.frames.length).toBeGreaterThan(10);
    expect(new Set(recording.positions).size).toBe(recording.frames.length);
    expect(recording.positions.map((us) => recording.indexAt(us))).toEqual([...recording.frames.keys()]);
  });

  it('keeps what has not changed between answers as one part', async () => {
    const { engine, recording } = await recorded(timed, 600_000);
    for (let untilUs = 610_000; untilUs <= 700_000; untilUs += 10_000)
      recording.take(structuredClone(await engine.answer({ type: 'run', untilUs })));
    for (const [at, { nodes, cuts }] of recording.frames.entries()) {
      const before = recording.frames[at - 1];
      if (before === undefined) continue;
      for (const [index, node] of nodes.entries())
        if (isDeepStrictEqual(node, before.nodes[index])) expect(node).toBe(before.nodes[index]);
      if (isDeepStrictEqual(nodes, before.nodes)) expect(nodes).toBe(before.nodes);
      expect(cuts).toBe(before.cuts);
    }
  });

  it('begins anew with another play', async () => {
    const { engine, recording } = await recorded(timed, 600_000);
    const moment = { done: recording.frames[50]!.done, atUs: recording.frames[50]!.atUs };
    const before = recording.frames.filter(({ atUs }) => atUs <= moment.atUs);
    recording.take(await engine.answer({ type: 'open', text: timed, moment }));
    expect(recording.frames).toEqual(before);
    expect(recording.marks.every(({ atUs }) => atUs <= moment.atUs)).toBe(true);
  });

  it('finds the next frame and the one before in which a message arrived', async () => {
    const { recording } = await recorded(timed, 600_000);
    const arrives = ({ type }: { readonly type: string }) => type === 'delivered';
    const first = recording.find(0, 1, arrives)!;
    const second = recording.find(first, 1, arrives)!;
    expect(first).toBeLessThan(second);
    expect(recording.find(second, -1, arrives)).toBe(first);
    expect(recording.find(first, -1, arrives)).toBe(null);
    const events = recording.events.slice(
      recording.frames[first - 1]!.events,
      recording.frames[first]!.events,
    );
    expect(events.some(arrives)).toBe(true);
  });

  it('knows how much had been told by each frame', async () => {
    const { recording } = await recorded(held);
    const last = recording.frames.length - 1;
    expect(recording.toldBy(last)).toBe(recording.told.length);
    const leads = recording.told.findIndex(({ what }) => what.includes('leads term 1'));
    const frame = recording.frameOfTold(recording.told[leads]!);
    expect(recording.frames[frame]!.nodes[0]!.role).toBe('leader');
    expect(recording.frames[frame - 1]!.nodes[0]!.role).not.toBe('leader');
    expect(recording.toldBy(frame - 1)).toBeLessThanOrEqual(leads);
  });
});

describe('countUpTo', () => {
  it('counts what is at most the limit', () => {
    expect([0, 1, 2, 3, 9].map((limit) => countUpTo([1, 2, 2, 5], limit))).toEqual([0, 1, 3, 3, 4]);
    expect(countUpTo([], 3)).toBe(0);
  });
});
