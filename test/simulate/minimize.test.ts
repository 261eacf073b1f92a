import { expect, it } from 'vitest';
import { minimize } from '../../src/simulate/minimize.ts';

const items = Array.from({ length: 32 }, (_, at) => at);
/** What is tried, and whether both of these are still there. */
const holding = (tried: (readonly number[])[]) => async (kept: readonly number[]) => {
  tried.push(kept);
  return kept.includes(3) && kept.includes(20);
};

it('minimizing leaves only what is needed', async () => {
  expect(await minimize(items, holding([]))).toEqual([3, 20]);
});

it('minimizing by large pieces leaves the pieces in which something is needed, and tries no smaller ones', async () => {
  const tried: (readonly number[])[] = [];
  expect(await minimize(items, holding(tried), 8)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23,
  ]);
  expect(tried.every((kept) => kept.length % 8 === 0)).toBe(true);
});

it('minimizing leaves nothing where nothing is needed', async () => {
  const tried: (readonly number[])[] = [];
  expect(await minimize(items, async (kept) => tried.push(kept) > 0)).toEqual([]);
  expect(tried).toEqual([[]]);
});
