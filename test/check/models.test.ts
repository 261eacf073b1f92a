import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkModelled, type ModelName, modelled } from '../../src/check/models/built-in.ts';
import type { Model } from '../../src/check/models/model.ts';
import type { RecordedEvent } from '../../src/check/recording.ts';
import { type Fields, type Sequential, shortestUnexplained, smallRecording } from './small-recordings.ts';

const positionBy = (events: readonly RecordedEvent[], model: ModelName | Model): number | null => {
  const verdict = checkModelled(modelled({ events, places: { noun: 'event' } }, model));
  expect(verdict.result).not.toBe('unknown');
  return verdict.result === 'notLinearizable' ? verdict.violations[0].position : null;
};

const register: Sequential = {
  initial: null,
  perform: (state, { f, value }) => {
    if (f === 'read') return { state, result: state };
    if (f === 'write') return { state: value, result: undefined };
    const [from, to] = value as readonly unknown[];
    return state === from ? { state: to, result: undefined } : null;
  },
  inputs: [
    { f: 'read' },
    { f: 'read' },
    { f: 'write', value: 1 },
    { f: 'write', value: 2 },
    { f: 'cas', value: [1, 2] },
    { f: 'cas', value: [2, 1] },
    { f: 'cas', value: [1, 1] },
  ],
  lies: [null, 1, 2],
  complete: (input, result) => (input.f === 'read' ? { ...input, value: result ?? null } : input),
};

const sorted = (state: unknown): readonly number[] => (state as readonly number[]).toSorted((a, b) => a - b);

const set = (inputs: readonly Fields[]): Sequential => ({
  initial: [],
  perform: (state, { f, value }) => {
    const elements = state as readonly number[];
    const others = elements.filter((element) => element !== value);
    if (f === 'add') return { state: [...others, value], result: undefined };
    if (f === 'remove') return { state: others, result: undefined };
    return { state, result: f === 'read' ? sorted(elements) : elements.includes(value as number) };
  },
  inputs,
  lies: inputs.some(({ f }) => f === 'read') ? [[], [1], [1, 2]] : [true, false],
  complete: ({ f, value }, result) => {
    if (f === 'add' || f === 'remove') return { f, value };
    return { f, value: f === 'read' ? (Array.isArray(result) ? result : []) : result === true };
  },
});
const single = [1, 2].flatMap((value) => ['add', 'remove', 'contains'].map((f) => ({ f, value })));
const growing = [1, 2, 3].map((value) => ({ f: 'add', value }));

const micro = (...parts: readonly (readonly unknown[])[]): Fields => ({ f: 'txn', value: parts });
const lists: Sequential = {
  initial: [],
  perform: (state, { value }) => {
    let list = state as readonly number[];
    const result = (value as readonly (readonly unknown[])[]).map(([f, key, element]) => {
      if (f === 'append') list = [...list, element as number];
      return f === 'append' ? [f, key, element] : [f, key, list];
    });
    return { state: list, result };
  },
  inputs: [
    micro(['r', 'x', null]),
    micro(['append', 'x', 1]),
    micro(['append', 'x', 2]),
    micro(['append', 'x', 3], ['r', 'x', null]),
    micro(['r', 'x', null], ['append', 'x', 11], ['append', 'x', 1]),
  ],
  lies: [[1], [2], [1, 2], []],
  complete: ({ f, value }, result) => {
    if (Array.isArray(result?.[0 as never])) return { f, value: result };
    const made = (value as readonly (readonly unknown[])[]).map(([name, key, element]) =>
      name === 'append' ? [name, key, element] : [name, key, result],
    );
    return { f, value: made };
  },
};

const lock: Sequential = {
  initial: false,
  perform: (state, { f }) =>
    state === (f === 'release') ? { state: f === 'acquire', result: undefined } : null,
  inputs: [{ f: 'acquire' }, { f: 'acquire' }, { f: 'release' }],
  lies: [undefined],
  complete: (input) => input,
};

/** A register as a person would write it, for the engine that asks models. */
const ownRegister: Model<number | null, { f: string; value?: unknown }, { value?: unknown }> = {
  init: () => null,
  step: (state, { f, value }, output) => {
    if (f === 'read') return { ok: output === undefined || output.value === state, state };
    if (f === 'write') return { ok: true, state: value as number };
    const [from, to] = value as readonly [number, number];
    return { ok: state === from, state: to };
  },
};

describe('checker and brute force agree on the shortest prefix that nothing explains', () => {
  const cases: readonly (readonly [name: string, model: ModelName | Model, sequential: Sequential])[] = [
    ['a register', 'register', register],
    ['the elements of a set', 'set', set(single)],
    ['a set that grows and is read as a whole', 'set', set([...growing, { f: 'read' }, { f: 'read' }])],
    [
      'a set that grows, read as a whole and by element',
      'set',
      set([
        ...growing,
        { f: 'add', value: 1 },
        { f: 'contains', value: 1 },
        { f: 'contains', value: 2 },
        { f: 'read' },
      ]),
    ],
    ['a set with everything', 'set', set([...single, ...growing, { f: 'read' }, { f: 'read' }])],
    ['a list with transactions', 'list-append', lists],
    ['a lock', 'lock', lock],
    ["a model of one's own", ownRegister as Model, register],
  ];
  test.for(cases)('of %s', ([, model, sequential]) => {
    let explained = 0;
    fc.assert(
      fc.property(smallRecording(sequential), (events) => {
        const expected = shortestUnexplained(events, sequential);
        if (expected === null) explained += 1;
        expect(positionBy(events, model)).toBe(expected);
      }),
      { numRuns: 1_500 },
    );
    // Both verdicts are compared.
    expect(explained).toBeGreaterThan(150);
    expect(explained).toBeLessThan(1_450);
  });
});

test('keys of a set, a lock and lists are objects of their own', () => {
  const events = (...data: readonly Fields[]): RecordedEvent[] =>
    data.flatMap((each, index) => [
      { process: index, type: 'invoke' as const, data: each, position: 2 * index + 1 },
      { process: index, type: 'ok' as const, data: each, position: 2 * index + 2 },
    ]);
  const locks = events({ f: 'acquire', key: 'a' }, { f: 'acquire', key: 'b' }, { f: 'acquire', key: 'a' });
  expect(positionBy(locks, 'lock')).toBe(6);
  const sets = events(
    { f: 'add', value: ['a', 1] },
    { f: 'read', value: ['b', []] },
    { f: 'read', value: ['a', []] },
  );
  expect(positionBy(sets, 'set')).toBe(6);
  const appends = events(
    { f: 'append', value: ['a', 1] },
    { f: 'r', value: ['b', []] },
    { f: 'r', value: ['a', []] },
  );
  expect(positionBy(appends, 'list-append')).toBe(6);
});

test('a transaction that reads a list twice reads the same one, with its own appends', () => {
  const txn = (position: number, value: readonly unknown[]): readonly RecordedEvent[] => [
    { process: position, type: 'invoke', data: { f: 'txn', value }, position },
    { process: position, type: 'ok', data: { f: 'txn', value }, position: position + 1 },
  ];
  const first = txn(1, [['append', 'x', 1]]);
  const twice = (second: readonly number[]) =>
    txn(3, [
      ['r', 'x', [1]],
      ['append', 'x', 2],
      ['r', 'x', second],
    ]);
  expect(positionBy([...first, ...twice([1, 2])], 'list-append')).toBeNull();
  expect(positionBy([...first, ...twice([1, 3, 2])], 'list-append')).toBe(4);
  expect(
    positionBy([...twice([2]).map((event) => ({ ...event, position: event.position - 2 }))], 'list-append'),
  ).toBe(2);
});

test.each<[string, unknown, unknown]>([
  ['a BigInt and its text', '1', 1n],
  ['a number that JSON does not have, and null', null, Number.NaN],
  ['text that looks like what stands for a BigInt', 'bigint 1', 1n],
])("a model of one's own is asked about both: %s", (_, first, second) => {
  const model: Model<unknown, { readonly value?: unknown }, { readonly value: unknown }> = {
    init: 0,
    step: (state, { value }, output) =>
      value === undefined
        ? { ok: output === undefined || Object.is(output.value, state), state }
        : { ok: true, state: value },
  };
  const event = (process: number, type: 'invoke' | 'ok', data: unknown, position: number): RecordedEvent => ({
    process,
    type,
    data,
    position,
  });
  // Both may be the last: none of the two writes may be left out as if it were the other.
  for (const last of [first, second]) {
    const events = [
      event(1, 'invoke', { value: first }, 1),
      event(2, 'invoke', { value: second }, 2),
      event(1, 'ok', 0, 3),
      event(2, 'ok', 0, 4),
      event(3, 'invoke', {}, 5),
      event(3, 'ok', { value: last }, 6),
    ];
    const meant = modelled({ events, places: { noun: 'event' } }, model as Model);
    expect(checkModelled(meant).result, String(last)).toBe('linearizable');
  }
});

test('a set of ten thousand elements, with a final read that lacks one, is judged', () => {
  const elements = [...Array(10_000).keys()];
  const events = (read: readonly number[]): RecordedEvent[] => {
    const ends = elements.flatMap((value): RecordedEvent[] => [
      { process: value, type: 'invoke', data: { f: 'add', value }, position: 2 * value + 1 },
      {
        process: value,
        type: value % 10 === 0 ? 'info' : 'ok',
        data: { f: 'add', value },
        position: 2 * value + 2,
      },
    ]);
    const last = ends.length;
    ends.push({ process: -1, type: 'invoke', data: { f: 'read' }, position: last + 1 });
    ends.push({ process: -1, type: 'ok', data: { f: 'read', value: read }, position: last + 2 });
    return ends;
  };
  expect(positionBy(events(elements.filter((element) => element % 20 !== 0)), 'set')).toBeNull();
  expect(positionBy(events(elements.slice(0, -1)), 'set')).toBe(20_002);
}, 60_000);
