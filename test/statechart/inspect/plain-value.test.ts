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
      at: String(new Date(0)),
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
});
