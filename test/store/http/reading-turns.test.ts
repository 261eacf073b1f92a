import { expect, it } from 'vitest';
import { type Feeder, ReadingTurns } from '../../../src/store/http/reading-turns.ts';

const maxTurnMs = 2;

/** Has `slices` to parse, each of which takes a whole turn. */
const slow = (name: string, slices: number, fed: string[]): Feeder => {
  let left = slices;
  return {
    get isReady() {
      return left > 0;
    },
    feed() {
      left--;
      fed.push(name);
      const end = performance.now() + maxTurnMs;
      while (performance.now() < end);
    },
  };
};

it('connections that have much to parse take turns, with a turn of the event loop between any two', async () => {
  const fed: string[] = [];
  const turns = new ReadingTurns(maxTurnMs);
  for (const name of ['a', 'b', 'c']) turns.take(slow(name, 2, fed));
  expect(fed).toEqual(['a']);
  for (const expected of [2, 3, 4, 5, 6]) {
    await new Promise(setImmediate);
    expect(fed).toHaveLength(expected);
  }
  expect(fed.slice(1).toSorted()).toEqual(['a', 'b', 'b', 'c', 'c']);
  expect(fed.slice(1, 4).toSorted()).toEqual(['a', 'b', 'c']);
});

it('what has left is not fed any more', async () => {
  const fed: string[] = [];
  const turns = new ReadingTurns(maxTurnMs);
  const left = slow('a', 2, fed);
  turns.take(left);
  turns.leave(left);
  await new Promise(setImmediate);
  expect(fed).toEqual(['a']);
});
