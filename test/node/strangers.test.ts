import { expect, it } from 'vitest';
import { Strangers } from '../../src/node/strangers.ts';

const cast = (maxIncoming?: number) => {
  const strangers = new Strangers(maxIncoming);
  const away: string[] = [];
  return { away, enter: (remote: string) => strangers.enter(remote, () => away.push(remote)) };
};

it('the oldest stranger from the host that has most of them is turned away', () => {
  const { away, enter } = cast(8);
  for (const remote of ['10.0.0.9:1', '10.0.0.1:1', '10.0.0.1:2', '[::1]:7']) enter(remote);
  expect(away).toEqual([]);
  enter('10.0.0.8:1');
  enter('10.0.0.1:3');
  enter('10.0.0.1:4');
  expect(away).toEqual(['10.0.0.1:1', '10.0.0.1:2', '10.0.0.1:3']);
});

it('those that have said who they are, or are gone, count no more', () => {
  const { away, enter } = cast(4);
  const leave = enter('10.0.0.1:1');
  enter('10.0.0.1:2');
  leave();
  leave();
  enter('10.0.0.1:3');
  expect(away).toEqual([]);
  enter('10.0.0.1:4');
  expect(away).toEqual(['10.0.0.1:2']);
});
