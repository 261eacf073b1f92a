import { describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { plainLimits, plainValue } from '../../../src/statechart/inspect/plain-value.ts';

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;

describe('a value as plain data', () => {
  it('names what JSON has no words for', () => {
    const actor = createActor(createMachine({}));
    const value = {
      actor,
      error: new Error('no paper'),
      bytes: new Uint8Array(3),
      big: 7n,
      at: new Date(0),
      never: new Date(Number.NaN),
      buffer: new ArrayBuffer(2),
      sign: Symbol('s'),
      nothing: null,
      map: new Map([['a', 1]]),
      set: new Set([1, 2]),
      call: function save() {},
      logic: createMachine({ id: 'printer' }),
    };
    expect(plainValue(value)).toEqual({
      actor: actor.sessionId,
      error: 'no paper',
      bytes: '3 bytes',
      big: '7',
      never: 'Invalid Date',
      buffer: '2 bytes',
      sign: 'Symbol(s)',
      nothing: null,
      at: '1970-01-01T00:00:00.000Z',
      map: { a: 1 },
      set: [1, 2],
      call: { type: 'inline save' },
      logic: 'printer',
    });
  });

  it('is cut where it is too deep, and where it holds itself', () => {
    expect(JSON.stringify(plainValue(cyclic))).toContain('"…"');
    expect(plainValue({ a: { b: { c: 1 } } }, { ...plainLimits, depth: 2 })).toEqual({ a: { b: '…' } });
  });

  it('is cut where a list or a text is too long, and says so', () => {
    const limits = { ...plainLimits, items: 2, characters: 3 };
    expect(plainValue([1, 2, 3, 4], limits)).toEqual([1, 2, '… 2 more']);
    expect(plainValue('abcdef', limits)).toBe('abc…');
  });

  it('is cut where it is too much, however it is shaped', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, [at]]));
    const copy = plainValue(wide) as Record<string, unknown>;
    expect(Object.keys(copy).length).toBeLessThanOrEqual(plainLimits.parts);
    expect(copy['…']).toMatch(/^\d+ more$/);
  });

  it('has no field that whoever copies it takes for the prototype', () => {
    const value = plainValue(JSON.parse('{"__proto__":{"isAdmin":true},"a":{"__proto__":1}}'));
    expect(Object.getOwnPropertyNames(value)).toEqual(['a']);
    expect(JSON.stringify(value)).toBe('{"a":{}}');
  });

  it('has no more characters than fit into a message, however many long texts there are', () => {
    const texts = Object.fromEntries(
      Array.from({ length: 4000 }, (_, at) => [`text ${at}`, 'x'.repeat(9000)]),
    );
    const copied = JSON.stringify(plainValue(texts));
    expect(copied.length).toBeLessThan(1_100_000);
    expect(copied).toMatch(/"…":"\d+ more"}$/);
  });

  it('says what cannot be read, and has the rest', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const value = {
      get price() {
        throw new Error('not yet');
      },
      revoked: proxy,
      a: 1,
    };
    expect(plainValue(value)).toEqual({ price: '(cannot be read)', revoked: '(cannot be read)', a: 1 });
  });

  it('is not read beyond what is copied, however large it is', () => {
    let read = 0;
    const counted = function* <Item>(item: (at: number) => Item): Generator<Item> {
      for (let at = 0; at < 1_000_000; at += 1) {
        read += 1;
        yield item(at);
      }
    };
    class LargeMap extends Map<number, number> {
      override readonly size = 1_000_000;
      override [Symbol.iterator]() {
        return counted((at) => [at, at] as [number, number]);
      }
    }
    class LargeSet extends Set<number> {
      override readonly size = 1_000_000;
      override [Symbol.iterator]() {
        return counted((at) => at);
      }
    }
    const map = plainValue(new LargeMap()) as Record<string, unknown>;
    expect([Object.keys(map).length, map['…']]).toEqual([plainLimits.parts, '995001 more']);
    expect(plainValue(new LargeSet())).toHaveLength(plainLimits.items + 1);
    const fields = Object.defineProperties(
      {},
      Object.fromEntries(
        Array.from({ length: 6000 }, (_, at) => [`k${at}`, { enumerable: true, get: () => (read += 1) }]),
      ),
    );
    plainValue(fields);
    expect(read).toBeLessThan(2 * plainLimits.parts + plainLimits.items + 10);
  });
});
