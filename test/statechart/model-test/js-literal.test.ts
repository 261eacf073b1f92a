import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { jsLiteral, NotWritable } from '../../../src/statechart/model-test/js-literal.ts';

const circle: { self?: unknown } = {};
circle.self = [circle];
const shared = { a: 1 };

describe('a value as an expression of JavaScript', () => {
  it.each([
    ['a "quote", a \' and a line separator \u2028'],
    [12n],
    [-0],
    [Number.NaN],
    [[undefined, null, true]],
    [{ 'two words': 1, plain: { déjà: [] } }],
    [JSON.parse('{ "__proto__": 1 }')],
    [new Date(86_400_000)],
    [/a\/b/gi],
    [new Map([['a', new Set([1n])]])],
    [{ once: shared, twice: shared }],
  ])('is the value again once it runs: %o', (value) => {
    const again: unknown = runInNewContext(`(${jsLiteral(value)})`, { Date, Map, Set, RegExp });
    expect(again).toEqual(value);
    expect(Object.is(again, -0)).toBe(Object.is(value, -0));
  });

  it('keeps the message of an error', () => {
    expect(jsLiteral({ error: new TypeError('no disk') })).toBe('{ error: new Error("no disk") }');
  });

  it.each([
    [() => 1, /^a function in the payload/],
    [Symbol('s'), /^a symbol in the payload/],
    [{ link: new URL('http://a/') }, /^an object of URL in the payload/],
    [new (class {})(), /^an object of a class without a name in the payload/],
    [circle, /^an object in the payload of an event holds itself/],
  ])('is refused for %o', (value, line) => {
    expect(() => jsLiteral(value)).toThrow(NotWritable);
    expect(() => jsLiteral(value)).toThrow(line);
  });
});
