import { describe, expect, it } from 'vitest';
import {
  type AnyStateMachine,
  and,
  assign,
  createMachine,
  fromPromise,
  not,
  or,
  raise,
  setup,
  stateIn,
} from 'xstate';
import { lossesOfStately, lossText, toStately } from '../../../src/statechart/export/stately.ts';
import type { ChartModel } from '../../../src/statechart/read/model.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { corpus } from '../corpus/corpus.ts';
import { charts } from '../draw/charts-and-views.ts';
import { edgeMachines } from './edge-machines.ts';

/**
 * A chart without what Stately's JSON cannot keep: what is bound to names, what an action, a guard or an actor without a name is made
 * of (its name is kept), functions, and values that JSON has no words for.
 */
const kept = (chart: ChartModel): unknown =>
  JSON.parse(
    JSON.stringify(chart, (key, value) => {
      if (['bound', 'own', 'raises', 'asks', 'question'].includes(key)) return null;
      if (value?.kind === 'function' || (value?.kind === 'value' && value.json === null)) return null;
      return value;
    }),
  );

/** The same for the chart that was read again, in which texts stand for what JSON has no words for. */
const keptOf = (again: ChartModel, chart: ChartModel): unknown => {
  const without = (read: unknown, original: unknown): unknown => {
    if (typeof original !== 'object' || original === null || typeof read !== 'object' || read === null)
      return original === null ? null : read;
    if (Array.isArray(read)) return read.map((each, at) => without(each, (original as unknown[])[at]));
    return Object.fromEntries(
      Object.entries(read).map(([key, each]) => [
        key,
        without(each, (original as Record<string, unknown>)[key]),
      ]),
    );
  };
  return without(kept(again), kept(chart));
};

const machines: readonly (readonly [string, AnyStateMachine])[] = [
  ...charts.map(({ name, machine }) => [name, machine] as const),
  ...corpus.map(({ name, machine }) => [name, machine] as const),
  ...edgeMachines.map(([name, config]) => [name, createMachine(config as never) as AnyStateMachine] as const),
];

describe.each(machines)("Stately's JSON of %s", (_, machine) => {
  it('makes a machine with the same chart, less the losses that are listed', () => {
    const chart = walk(machine);
    const again = walk(createMachine(JSON.parse(toStately(machine))));
    expect(keptOf(again, chart)).toEqual(kept(chart));
    // What has no loss anywhere keeps every value.
    if (lossesOfStately(machine).length === 0) expect(kept(again)).toEqual(kept(chart));
  });
});

describe("Stately's JSON", () => {
  const jsonOf = (config: object): Record<string, unknown> =>
    JSON.parse(toStately(createMachine(config as never)));

  it('has a transition that does nothing for an event that is forbidden', () => {
    const config = { id: 'm', on: { a: '.x' }, initial: 'x', states: { x: { on: { a: undefined } } } };
    expect(jsonOf(config)).toEqual({
      id: 'm',
      on: { a: '.x' },
      initial: 'x',
      states: { x: { on: { a: {} } } },
    });
    expect(walk(createMachine(jsonOf(config)))).toEqual(walk(createMachine(config)));
    expect(lossesOfStately(createMachine(config))).toEqual([]);
  });

  it('names guards of guards, of states, and functions by what they say', () => {
    const guard = and(['isReady', not(or(['isLate', stateIn('#m.x')])), () => true]);
    const entry = [raise({ type: 'GO' }), assign({ n: 1 }), function sayIt() {}];
    expect(jsonOf({ id: 'm', entry, on: { a: { guard, description: 'x' } } })).toEqual({
      id: 'm',
      entry: [{ type: 'raise(GO)' }, { type: 'assign(n)' }, { type: 'inline sayIt' }],
      on: {
        a: {
          guard: { type: 'and(isReady, not(or(isLate, stateIn(#m.x))), inline guard)' },
          description: 'x',
        },
      },
    });
  });

  it('ends at a machine that invokes itself, and at a promise', () => {
    const own: { src?: unknown } = {};
    const machine = createMachine({
      id: 'endless',
      invoke: [own, { src: fromPromise(async () => 1), id: 'p' }] as never,
    });
    own.src = machine;
    expect(JSON.parse(toStately(machine))).toEqual({
      id: 'endless',
      invoke: [{ src: 'inline machine endless' }, { src: 'inline actor', id: 'p' }],
    });
    expect(lossesOfStately(machine)).toEqual([
      { place: 'invoke[0].src', what: 'inline machine endless' },
      { place: 'invoke[1].src', what: 'inline actor' },
    ]);
  });

  class Box {
    readonly size = 3;
    get half(): number {
      throw new Error('expected nobody to ask');
    }
  }

  it('has a text for each value that JSON has no words for, and lists it', () => {
    const cycle: { name: string; self?: unknown } = { name: 'round' };
    cycle.self = cycle;
    const context = {
      big: 12n,
      map: new Map([['a', 1]]),
      set: new Set([1]),
      date: new Date(0),
      box: new Box(),
      cycle,
      nothing: undefined,
      nan: Number.NaN,
      list: [1, undefined, Symbol('s')],
      call: () => 1,
      get made() {
        throw new Error('expected nobody to ask');
      },
    };
    const machine: AnyStateMachine = createMachine({ id: 'm', context } as never);
    expect(JSON.parse(toStately(machine)).context).toEqual({
      big: '12n',
      map: 'Map {"a" => 1}',
      set: 'Set {1}',
      date: 'Date 1970-01-01T00:00:00.000Z',
      box: { size: 3 },
      cycle: { name: 'round', self: '<cycle>' },
      nan: 'NaN',
      list: [1, null, 'Symbol(s)'],
    });
    expect(lossesOfStately(machine).map(({ place, what }) => `${place} ${what}`)).toEqual([
      'context.big bigint',
      'context.map Map',
      'context.set Set',
      'context.date Date',
      'context.box Box',
      'context.cycle.self cycle',
      'context.nothing undefined',
      'context.nan number',
      'context.list[1] undefined',
      'context.list[2] symbol',
      'context.call function',
      'context.made getter',
    ]);
  });

  it('leaves out what a function computes, keeps params that are data, and says so in one line', () => {
    const machine = setup({ guards: { isOld: (_, _params: { age: number }) => true } }).createMachine({
      id: 'm',
      context: () => ({}),
      output: () => 1,
      invoke: { src: 'x', input: () => 2 } as never,
      on: {
        a: { guard: { type: 'isOld', params: { age: 3 } } },
        'b\n': { guard: { type: 'isOld', params: () => ({ age: 3 }) } },
      },
      entry: [() => {}, () => {}, () => {}, () => {}],
    });
    expect(JSON.parse(toStately(machine)).on.a).toEqual({ guard: { type: 'isOld', params: { age: 3 } } });
    expect(lossText(lossesOfStately(machine))).toBe(
      'left out: function at 4 places; inline action at 4 places',
    );
    expect(lossText([{ place: 'on.b\n.guard.params', what: 'function' }])).toBe(
      'left out: function at on.b .guard.params',
    );
    expect(lossText([])).toBeNull();
  });
});
