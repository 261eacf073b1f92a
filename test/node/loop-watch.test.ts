import { expect, it } from 'vitest';
import { watchLoop } from '../../src/node/loop-watch.ts';
import { silentLog } from '../../src/ports/log.ts';
import { VirtualClock } from '../adapters/transport/virtual-clock.ts';

const watched = (maxMs: (nth: number) => number) => {
  const clock = new VirtualClock();
  const warnings: { readonly message: string; readonly unlogged: unknown }[] = [];
  let takes = 0;
  let isClosed = false;
  const meter = {
    take: () => ({ p50Ms: 1, p99Ms: 2, maxMs: maxMs(takes++) }),
    close: () => {
      isClosed = true;
    },
  };
  const warn = ({ unlogged }: Readonly<Record<string, unknown>>, message: string) =>
    warnings.push({ message, unlogged });
  const watch = watchLoop(meter, clock, { ...silentLog, warn });
  return { clock, watch, warnings, isClosed: () => isClosed, takes: () => takes };
};

it('shows the latest whole interval, and nothing of how the node started', () => {
  const { clock, watch } = watched((nth) => (nth === 0 ? 900 : nth));
  expect(watch.latest).toBeNull();
  clock.advance(5000);
  expect(watch.latest).toEqual({ p50Ms: 1, p99Ms: 2, maxMs: 1 });
  clock.advance(5000);
  expect(watch.latest?.maxMs).toBe(2);
});

it('warns of an event loop that stood still for more than 100 ms', () => {
  const { clock, warnings } = watched((nth) => (nth === 2 ? 340.4 : 100));
  clock.advance(20_000);
  expect(warnings).toEqual([
    {
      message:
        'the event loop stood still for 340 ms: this process had a long task, or too little of the processor',
      unlogged: 0,
    },
  ]);
});

it('does not warn again in the same minute; then it tells how often it could have', () => {
  const { clock, warnings } = watched(() => 200);
  clock.advance(60_000);
  expect(warnings).toHaveLength(1);
  clock.advance(5000);
  expect(warnings.map(({ unlogged }) => unlogged)).toEqual([0, 11]);
});

it('measures no more once it was stopped', () => {
  const { clock, watch, isClosed, takes } = watched(() => 200);
  clock.advance(5000);
  watch.stop();
  clock.advance(60_000);
  expect([isClosed(), takes()]).toEqual([true, 2]);
});
