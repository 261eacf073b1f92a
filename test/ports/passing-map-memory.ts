import { getHeapSpaceStatistics } from 'node:v8';
import { PassingMap } from '../../src/ports/passing-map.ts';

/*
 * Prints by how many bytes the old generation grows for each entry that comes and goes, alone or among others, in a `PassingMap` and in a `Map`.
 *
 *   node --expose-gc --max-semi-space-size=1 --no-allocation-site-pretenuring test/ports/passing-map-memory.ts
 */
const steps = 20_000;

const oldBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size;

/** What is allocated besides, and needed no longer. */
let waste: unknown;

const growth = (map: Map<number, object> | PassingMap<number, object>, atOnce: number): number => {
  let next = 0;
  const step = (): void => {
    map.set(next, { held: new Array(60).fill(next) });
    for (let n = 0; n < 40; n++) waste = new Array(60).fill(n);
    map.delete(next - atOnce + 1);
    next++;
  };
  while (next < 1000) step();
  gc!();
  const before = oldBytes();
  while (next < 1000 + steps) step();
  return Math.round((oldBytes() - before) / steps);
};

console.log(
  JSON.stringify({
    passing: growth(new PassingMap(), 1),
    busyPassing: growth(new PassingMap(), 20),
    map: growth(new Map(), 1),
    busyMap: growth(new Map(), 20),
    isWasted: waste !== null,
  }),
);
