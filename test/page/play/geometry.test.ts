import { describe, expect, it } from 'vitest';
import {
  between,
  inSteps,
  laneOf,
  layoutOf,
  partLeft,
  partOfWay,
  shownTimer,
} from '../../../src/page/play/ring/geometry.ts';

const sizes = [
  [360, 400],
  [1000, 690],
] as const;

describe('the layout of a ring', () => {
  it.each(sizes)('keeps nodes and their logs inside a picture of %i by %i pixels', (width, height) => {
    for (let count = 1; count <= 9; count++) {
      const { nodes, radius, cells, cellWidth } = layoutOf(width, height, count);
      expect(nodes.length).toBe(count);
      for (const { x, y } of nodes) {
        const aside = Math.max(radius + 9, (cells * cellWidth) / 2);
        expect(x - aside).toBeGreaterThanOrEqual(0);
        expect(x + aside).toBeLessThanOrEqual(width);
        expect(y - radius - 9).toBeGreaterThanOrEqual(0);
        expect(y + radius + 31 + cellWidth + 5).toBeLessThanOrEqual(height);
      }
    }
  });

  it.each(sizes)('keeps nodes apart in a picture of %i by %i pixels', (width, height) => {
    for (let count = 2; count <= 9; count++) {
      const { nodes, radius } = layoutOf(width, height, count);
      for (const [at, a] of nodes.entries())
        for (const b of nodes.slice(at + 1))
          expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(2 * radius + 9);
    }
  });

  it('gives each direction of a link a lane of its own', () => {
    const layout = layoutOf(1000, 690, 3);
    const there = laneOf(layout, 1, 2);
    const back = laneOf(layout, 2, 1);
    const [a, b] = [between(there, 0.5), between(back, 0.5)];
    expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeCloseTo(10);
    expect(between(there, 0)).toEqual(there[0]);
    expect(between(there, 1)).toEqual(there[1]);
  });
});

describe('a message', () => {
  it('is as far on its way as its time has passed', () => {
    const flight = { sentUs: 1000, arrivesUs: 3000 };
    expect([500, 1000, 1500, 3000, 4000].map((nowUs) => partOfWay(flight, nowUs, 0))).toEqual([
      0, 0, 0.25, 1, 1,
    ]);
    expect(partOfWay({ sentUs: 5, arrivesUs: 5 }, 5, 0)).toBe(1);
  });

  it('waits behind others that are held', () => {
    const flight = { sentUs: 1000, arrivesUs: null };
    const places = [0, 1, 2, 3, 50].map((before) => partOfWay(flight, 9_000_000, before));
    expect(places).toEqual([...places].sort((a, b) => b - a));
    expect(places.at(-1)).toBeGreaterThan(0);
  });

  it('has three places for whoever wants no motion', () => {
    expect([0, 0.2, 0.4, 0.6, 0.7, 1].map(inSteps)).toEqual([0.2, 0.2, 0.5, 0.5, 0.8, 0.8]);
  });
});

describe('a timer', () => {
  const timer = { name: 'electionTimeout', setUs: 100, expiresUs: 300 };

  it('has all of its time left when it is set, and none when it expires', () => {
    expect([100, 150, 300, 400].map((nowUs) => partLeft(timer, nowUs))).toEqual([1, 0.75, 0, 0]);
    expect(partLeft({ ...timer, expiresUs: null }, 150)).toBe(null);
  });

  it('is shown before others if it is the election timeout', () => {
    const lease = { ...timer, name: 'leaderLease' };
    const beat = { ...timer, name: 'heartbeatInterval' };
    expect(shownTimer([lease, timer])).toBe(timer);
    expect(shownTimer([lease, beat])).toBe(beat);
    expect(shownTimer([lease])).toBe(lease);
    expect(shownTimer([])).toBe(null);
  });
});
