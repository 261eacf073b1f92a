import { expect, test } from 'vitest';
import { suspensionAware } from '../../../src/adapters/system/clock.ts';

/** Two clocks that a test sets. */
const clocks = () => {
  const at = { monotonic: 1000, wall: 1_700_000_000_000 };
  const now = suspensionAware(
    () => at.monotonic,
    () => at.wall,
  );
  const pass = (ms: number, wallMs = ms) => {
    at.monotonic += ms;
    at.wall += wallMs;
    return now();
  };
  return { now, pass };
};

test('time passes as on the monotonic clock while the wall clock agrees, within the grain of its readings', () => {
  const { now, pass } = clocks();
  const start = now();
  expect(pass(100) - start).toBe(100);
  expect(pass(0.5, 1) - start).toBe(100.5);
  expect(pass(0.5, 0) - start).toBe(101);
});

test('a suspension, which the monotonic clock sleeps through, counts', () => {
  const { now, pass } = clocks();
  const start = now();
  expect(pass(10, 60_010) - start).toBe(60_010);
  expect(pass(5) - start).toBe(60_015);
});

test('a wall clock that is set back takes no time away, and hides no later suspension', () => {
  const { now, pass } = clocks();
  const start = now();
  expect(pass(10, -3_600_000) - start).toBe(10);
  expect(pass(10, 5010) - start).toBe(5020);
});

test('many suspensions that are too short to tell count together', () => {
  const { now, pass } = clocks();
  const start = now();
  for (let nth = 0; nth < 10; nth++) pass(1, 16);
  expect(now() - start).toBeGreaterThan(100);
});

test('time never goes back', () => {
  const { now, pass } = clocks();
  let last = now();
  for (const [ms, wallMs] of [
    [1, 500],
    [1, -500],
    [0, 30],
    [0, -30],
    [2, 2],
  ] as const) {
    const next = pass(ms, wallMs);
    expect(next).toBeGreaterThanOrEqual(last);
    last = next;
  }
});
