import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedMap } from '../../../src/store/kv/ordered-map.ts';

type Pairs = readonly (readonly [key: string, value: number])[];

/** What a map must hold, as plainly as can be. */
const expected = (model: ReadonlyMap<string, number>, from = '', to: string | null = null): Pairs =>
  [...model]
    .filter(([key]) => key >= from && (to === null || key < to))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

const numbered = (count: number): Pairs =>
  Array.from({ length: count }, (_, at) => [String(at).padStart(6, '0'), at] as const);

/** Few keys, so that many changes meet the same, and with prefixes of each other. */
const anyKey = fc.stringMatching(/^[ab\xff]{0,6}$/);
const anyEnd = fc.option(anyKey);
const anyChange = fc.record({ key: anyKey, value: fc.option(fc.nat()) });

const builtFrom = (pairs: Iterable<readonly [string, number]>): OrderedMap<number> => {
  const builder = OrderedMap.builder<number>();
  for (const [key, value] of pairs) builder.add(key, value);
  return builder.end();
};

describe('an ordered map', () => {
  it('holds what was put and not removed, in order, both ways, and counts it', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 400 }), anyKey, anyEnd, (changes, from, to) => {
        const model = new Map<string, number>();
        let map = OrderedMap.empty<number>();
        for (const { key, value } of changes) {
          if (value === null) {
            model.delete(key);
            map = map.without(key);
          } else {
            model.set(key, value);
            map = map.with(key, value);
          }
          expect(map.get(key)).toBe(value ?? undefined);
          expect(map.size).toBe(model.size);
        }
        const due = expected(model, from, to);
        expect([...map.pairs(from, to)]).toEqual(due);
        expect([...map.reversed(from, to)]).toEqual(due.toReversed());
        expect(map.count(from, to)).toBe(due.length);
        expect([...map.pairs()]).toEqual(expected(model));
      }),
      { numRuns: 300 },
    );
  });

  it('is as it was after others were made from it', () => {
    const maps: OrderedMap<number>[] = [OrderedMap.empty()];
    const pairs = numbered(3000);
    for (const [key, value] of pairs) maps.push(maps.at(-1)!.with(key, value));
    let map = maps.at(-1)!;
    for (const [key] of pairs) map = map.without(key).without(key);
    expect(map.size).toBe(0);
    expect([...map.pairs()]).toEqual([]);
    for (const at of [0, 1, 31, 32, 33, 1000, 3000]) {
      expect([...maps[at]!.pairs()]).toEqual(pairs.slice(0, at));
      expect(maps[at]!.size).toBe(at);
    }
  });

  it('is not built from keys that come out of their order, or twice', () => {
    for (const key of ['a', 'b']) {
      const builder = OrderedMap.builder<number>();
      builder.add('b', 1);
      expect(() => builder.add(key, 2)).toThrow(`keys come in their order, each once: "${key}" after "b"`);
    }
  });

  it('is the same map where there is nothing to remove', () => {
    const map = builtFrom(numbered(100));
    expect(map.without('x')).toBe(map);
  });

  it.each([0, 1, 23, 24, 25, 576, 577, 20_000])(
    'is built from %i sorted pairs, and changed then',
    (count) => {
      const pairs = numbered(count);
      const map = builtFrom(pairs);
      expect([...map.pairs()]).toEqual(pairs);
      expect(map.size).toBe(count);
      let changed = map.with('', -1);
      for (const [key] of pairs.filter((_, at) => at % 7 !== 0)) changed = changed.without(key);
      expect([...changed.pairs()]).toEqual([['', -1], ...pairs.filter((_, at) => at % 7 === 0)]);
      expect(changed.count('000007', '000700')).toBe(
        pairs.filter(([, at]) => at % 7 === 0 && at >= 7 && at < 700).length,
      );
    },
  );

  it('stays shallow, whatever order keys come and go in', () => {
    // A path that is copied has few nodes: what two maps share is nearly everything.
    let map = OrderedMap.empty<number>();
    for (const [key, value] of numbered(20_000).toReversed()) map = map.with(key, value);
    for (const [key] of numbered(19_000)) map = map.without(key);
    expect(map.depth).toBeLessThanOrEqual(3);
    for (const [key, value] of numbered(50_000)) map = map.with(key, value);
    expect(map.depth).toBeLessThanOrEqual(4);
  });
});
