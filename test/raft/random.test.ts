import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../src/raft/context.ts';
import { drawElectionTimeout } from '../../src/raft/election.ts';
import { draw } from '../../src/raft/random.ts';
import { contextOf } from './contexts.ts';

describe('election timeout', () => {
  it('is a whole number from the minimum to the maximum, both included (paper §5.2)', () => {
    const settings = { ...defaultSettings, electionTimeoutMinMs: 10, electionTimeoutMaxMs: 13 };
    let context = contextOf({ settings });
    const drawn = new Set<number>();
    for (let at = 0; at < 500; at++) {
      context = { ...context, ...drawElectionTimeout(context).patch };
      drawn.add(context.electionTimeoutMs);
    }
    expect([...drawn].sort()).toEqual([10, 11, 12, 13]);
  });

  it('is spread evenly (paper §5.2)', () => {
    let context = contextOf();
    const buckets = new Array<number>(10).fill(0);
    for (let at = 0; at < 10_000; at++) {
      context = { ...context, ...drawElectionTimeout(context).patch };
      const bucket = Math.min(9, Math.floor((context.electionTimeoutMs - 150) / 15));
      buckets[bucket] = buckets[bucket]! + 1;
    }
    for (const count of buckets) expect(count).toBeGreaterThan(800);
  });

  it('is the only possible one when minimum and maximum are the same', () => {
    const settings = { ...defaultSettings, electionTimeoutMinMs: 200, electionTimeoutMaxMs: 200 };
    expect(drawElectionTimeout(contextOf({ settings })).patch.electionTimeoutMs).toBe(200);
  });

  it('differs between nodes that were given no seed (paper §5.2)', () => {
    const first = [1, 2, 3, 4, 5].map(
      (id) => drawElectionTimeout(contextOf({}, { id, voters: [1, 2, 3, 4, 5] })).patch.electionTimeoutMs,
    );
    expect(new Set(first).size).toBe(5);
  });
});

describe('generator', () => {
  it('draws from 0 up to but not including 1, and keeps a 32-bit state, from any state', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (seed) => {
        const { state, fraction } = draw(seed);
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThan(1);
        expect(state >>> 0).toBe(state);
        expect(draw(seed)).toEqual({ state, fraction });
      }),
    );
  });
});
