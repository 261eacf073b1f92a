import { describe, expect, it } from 'vitest';
import { deepestLevel } from '../../../src/statechart/read/value-text.ts';
import { dataOf, meaningOf, withoutSources, writtenOf } from '../../../src/statechart/read/written.ts';

const textOf = (value: unknown): string => writtenOf(value).text;

describe('the text of a value', () => {
  it('has what JSON lacks', () => {
    class Point {
      readonly x = 1;
    }
    const sparse = [1n, undefined, new Map([['a', new Set([1])]]), new Date(0), /x/g, new Point(), -0, NaN];
    expect(textOf(sparse)).toBe(
      '[1n, undefined, Map {"a" => Set {1}}, Date 1970-01-01T00:00:00.000Z, /x/g, Point {"x": 1}, -0, NaN]',
    );
  });

  it('has the message of an error, which is no key of it', () => {
    expect(textOf(Object.assign(new TypeError('no disk'), { code: 'EIO' }))).toBe(
      'TypeError {"code": "EIO", "message": "no disk"}',
    );
  });

  it('ends at a cycle, and asks no getter', () => {
    const value: Record<string, unknown> = {
      get now() {
        throw new Error('asked');
      },
    };
    value.self = { value };
    expect(textOf(value)).toBe('{"now": <computed>, "self": {"value": <the value 2 levels up>}}');
  });

  it('has a word in place of what cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const refusing = new Proxy([], {
      get: () => {
        throw new Error('asked');
      },
    });
    class Bad extends Date {
      override toISOString(): string {
        throw new Error('asked');
      }
    }
    expect(writtenOf({ a: [proxy, refusing, new Bad(0)] })).toMatchObject({
      text: '{"a": [<cannot be read>, <cannot be read>, <cannot be read>]}',
      json: null,
    });
  });

  it('ends where a value is nested too deep for the stack', () => {
    let value: unknown = 'bottom';
    for (let level = 0; level < 20_000; level += 1) value = level % 2 === 0 ? [value] : { value };
    expect(textOf(value)).toContain('<too deep>');
    expect(writtenOf(value)).toMatchObject({ json: null });
  });

  it('has no JSON where a part of it is left out as too deep', () => {
    let value: unknown = 'bottom';
    for (let level = 0; level <= deepestLevel; level += 1) value = [value];
    expect(writtenOf(value)).toMatchObject({ json: expect.any(String) });
    expect(textOf([value])).toContain('<too deep>');
    expect(writtenOf([value])).toMatchObject({ json: null });
  });

  it('has the items of a typed array, without a key for each', () => {
    expect(textOf({ a: Uint8Array.of(1, 2), b: Float32Array.of(0.5) })).toBe(
      '{"a": Uint8Array [1, 2], "b": Float32Array [0.5]}',
    );
    expect(textOf(new DataView(new ArrayBuffer(1)))).toBe('DataView {}');
  });

  it('has functions by their source, and as data only that they are there', () => {
    const [one, two] = [writtenOf({ a: () => 1 }), writtenOf({ a: () => 2 })];
    expect(one.text).not.toBe(two.text);
    expect(dataOf(one)).toBe(dataOf(two));
    expect(dataOf(one)).not.toBe(dataOf(writtenOf({ b: () => 1 })));
    expect(dataOf(writtenOf(() => 1))).toBe(dataOf(writtenOf(() => 2)));
  });

  it('is the same whatever the order of keys', () => {
    expect(textOf({ b: 1, a: { d: 2, c: 3 } })).toBe(textOf({ a: { c: 3, d: 2 }, b: 1 }));
    expect(textOf([1, 2])).not.toBe(textOf([2, 1]));
  });

  it.each([[1n], [undefined], [new Date(0)], [-0], [Number.NaN], [new Map()], [{ a: new Set() }]])(
    'has no JSON where that would say something else: %o',
    (value) => {
      expect(writtenOf(value)).toMatchObject({ kind: 'value', json: null });
    },
  );

  it('has JSON where that says it all', () => {
    expect(writtenOf({ a: [1, 'x', null] })).toMatchObject({ json: '{"a":[1,"x",null]}' });
  });
});

describe('the meaning of a function', () => {
  const meaning = (source: string) => meaningOf({ kind: 'function', name: '', text: source });

  it('leaves out layout and comments', () => {
    expect(meaning('({ a }) =>\n  a // so\n    + 1')).toBe(meaning('({a})=>a/* x */ +1'));
  });

  it('keeps spaces in strings, and between words', () => {
    expect(meaning("() => 'a  b'")).not.toBe(meaning("() => 'a b'"));
    expect(meaning('() => typeof x')).not.toBe(meaning('() => typeofx'));
    expect(meaning("() => '// a'")).not.toBe(meaning("() => '// b'"));
  });
});

it('a model without sources has all values, and of functions that they are there', () => {
  const model = (source: (x: number) => number, value: unknown) => ({
    kind: 'function',
    parts: [writtenOf(source), writtenOf({ value, source })],
  });
  const text = (source: (x: number) => number, value: unknown) =>
    JSON.stringify(model(source, value), withoutSources);
  const one = text((x) => x + 1, 1);
  expect(text((much) => much * 2, 1)).toBe(one);
  expect(text((x) => x + 1, 2)).not.toBe(one);
  expect(JSON.parse(one)).toEqual({
    kind: 'function',
    parts: ['function', '{"source": function, "value": 1}'],
  });
});
