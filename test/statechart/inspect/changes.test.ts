import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../../src/statechart/inspect/changes.ts';

const textOf = (before: unknown, after: unknown): readonly string[] =>
  changesBetween(before, after).map(({ kind, path, before: old }) =>
    [kind, path.join('.'), old === undefined ? '' : JSON.stringify(old)].filter(Boolean).join(' '),
  );

describe('changes between two values', () => {
  it('are none where both are equal', () => {
    expect(textOf({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });

  it('name what was added, removed and changed, as deep inside as can be told', () => {
    const before = { same: 1, gone: 2, inside: { deep: 'x', kind: { a: 1 } } };
    const after = { same: 1, inside: { deep: 'y', kind: [1] }, come: null };
    expect(textOf(before, after)).toEqual([
      'removed gone 2',
      'changed inside.deep "x"',
      'changed inside.kind {"a":1}',
      'added come',
    ]);
  });

  it('of lists leave out what both begin and end with', () => {
    expect(textOf({ list: [1, 2, 3] }, { list: [1, 9, 2, 3] })).toEqual(['added list.1']);
    expect(textOf({ list: [1, 2, 3] }, { list: [2, 3] })).toEqual(['removed list.0 1']);
    expect(textOf({ list: [1, 1] }, { list: [1, 1, 1] })).toEqual(['added list.2']);
    expect(textOf({ list: [{ a: 1 }] }, { list: [{ a: 2 }] })).toEqual(['changed list.0.a 1']);
  });

  it('are bounded', () => {
    const list = Array.from({ length: 5000 }, (_, at) => at);
    expect(changesBetween([], list)).toHaveLength(500);
    for (const around of [(value: unknown) => [value], (value: unknown) => ({ value })]) {
      const deep = (value: unknown) => Array.from({ length: 40 }).reduce(around, value);
      expect(changesBetween(deep(1), deep(2)).map(({ path }) => path.length)).toEqual([32]);
    }
  });
});
