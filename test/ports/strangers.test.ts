import { expect, it } from 'vitest';
import { Strangers } from '../../src/ports/strangers.ts';

const cast = (most: number) => {
  const strangers = new Strangers(most);
  const away: string[] = [];
  const enter = (remote: string) => strangers.enter(remote.split(' ')[0]!, () => away.push(remote));
  return { strangers, away, enter };
};

it('the oldest stranger from the host that has most of them is turned away', () => {
  const { away, enter } = cast(4);
  for (const remote of ['10.0.0.9 1', '10.0.0.1 1', '10.0.0.1 2', '[::1] 7']) enter(remote);
  expect(away).toEqual([]);
  enter('10.0.0.8 1');
  enter('10.0.0.1 3');
  enter('10.0.0.1 4');
  expect(away).toEqual(['10.0.0.1 1', '10.0.0.1 2', '10.0.0.1 3']);
});

it('those that have said who they are, or are gone, count no more', () => {
  const { away, enter } = cast(2);
  const leave = enter('10.0.0.1 1');
  enter('10.0.0.1 2');
  leave();
  leave();
  enter('10.0.0.1 3');
  expect(away).toEqual([]);
  enter('10.0.0.1 4');
  expect(away).toEqual(['10.0.0.1 2']);
});

it('all of them can be turned away at once', () => {
  const { strangers, away, enter } = cast(4);
  for (const remote of ['10.0.0.1 1', '10.0.0.2 1']) enter(remote);
  strangers.clear();
  expect([away, strangers.size]).toEqual([['10.0.0.1 1', '10.0.0.2 1'], 0]);
});
