import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PassingMap } from '../../src/ports/passing-map.ts';
import { PassingSet } from '../../src/ports/passing-set.ts';
import { Dice } from '../machines/raft/random-inputs.ts';

describe('PassingMap', () => {
  it.each([3, 40, 300])('holds what a Map holds, in its order, with some %i keys', (keys) => {
    const dice = new Dice(keys);
    const passing = new PassingMap<number, number>();
    const map = new Map<number, number>();
    for (let step = 0; step < 5000; step++) {
      const key = dice.below(keys);
      if (dice.chance(0.5)) {
        passing.set(key, step);
        map.set(key, step);
      } else expect(passing.delete(key)).toBe(map.delete(key));
      if (dice.chance(0.001)) {
        passing.clear();
        map.clear();
      }
      expect([passing.size, passing.has(key), passing.get(key)]).toEqual([
        map.size,
        map.has(key),
        map.get(key),
      ]);
      if (step % 50 > 0) continue;
      expect([...passing]).toEqual([...map]);
      expect([...passing.keys()]).toEqual([...map.keys()]);
      expect([...passing.values()]).toEqual([...map.values()]);
    }
  });

  it('goes on to the entries that are left where others leave and many come meanwhile', () => {
    const passing = new PassingMap<number, string>();
    for (let key = 0; key < 10; key++) passing.set(key, `${key}`);
    const seen: number[] = [];
    for (const [key] of passing) {
      seen.push(key);
      if (key !== 2) continue;
      for (let more = 100; more < 300; more++) passing.set(more, 'more');
      passing.delete(5);
      passing.set(6, 'new');
      passing.delete(2);
    }
    expect(seen.filter((key) => key < 100)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
    expect(passing.get(6)).toBe('new');
  });

  it('ends where all leave meanwhile', () => {
    const passing = new PassingMap<number, number>();
    for (let key = 0; key < 4; key++) passing.set(key, key);
    const seen: number[] = [];
    for (const value of passing.values()) {
      seen.push(value);
      for (const key of [...passing.keys()]) passing.delete(key);
    }
    expect(seen).toEqual([0]);
    expect(passing.size).toBe(0);
  });

  it('keeps nothing of what has left: a Map in the old generation keeps all of it', () => {
    const program = fileURLToPath(new URL('passing-map-memory.ts', import.meta.url));
    const flags = ['--expose-gc', '--max-semi-space-size=1', '--no-allocation-site-pretenuring'];
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { passing, busyPassing, map, busyMap } = JSON.parse(stdout);
    expect(map).toBeGreaterThan(100);
    expect(passing).toBeLessThan(10);
    expect(busyMap).toBeGreaterThan(200);
    expect(busyPassing).toBeLessThan(120);
  });
});

describe('PassingSet', () => {
  it('holds what a Set holds, in its order', () => {
    const dice = new Dice(1);
    const passing = new PassingSet<number>();
    const set = new Set<number>();
    for (let step = 0; step < 3000; step++) {
      const member = dice.below(30);
      if (dice.chance(0.5)) {
        passing.add(member);
        set.add(member);
      } else expect(passing.delete(member)).toBe(set.delete(member));
      if (dice.chance(0.001)) {
        passing.clear();
        set.clear();
      }
      expect([passing.size, passing.has(member)]).toEqual([set.size, set.has(member)]);
      expect([...passing]).toEqual([...set]);
    }
  });
});
