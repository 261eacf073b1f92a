import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, createMachine } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { configurationsOf } from '../../../src/statechart/coverage/configuration.ts';
import {
  nameOfValue,
  StateNames,
  stateNameOf,
  topOf,
  topOfValue,
} from '../../../src/statechart/read/state-name.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

/** A chart by the keys of its states: a list is an atomic state each, `&` marks a parallel state. */
interface Shape {
  readonly '&'?: true;
  readonly [key: string]: Shape | true | undefined;
}

/** Ids by the whole path: keys may hold dots, which XState joins ids with. */
const stateOf = (shape: Shape, path: readonly string[]): object => {
  const { '&': parallel, ...inner } = shape;
  const keys = Object.keys(inner);
  const id = path.length === 0 ? 'toy' : JSON.stringify(path);
  if (keys.length === 0) return { id };
  const states = Object.fromEntries(keys.map((key) => [key, stateOf(inner[key] as Shape, [...path, key])]));
  return parallel ? { id, type: 'parallel', states } : { id, initial: keys[0], states };
};

const machineOf = (shape: Shape): AnyStateMachine =>
  createMachine(stateOf(shape, []) as never) as unknown as AnyStateMachine;

const namesIn = (shape: Shape): readonly string[] =>
  configurationsOf(walk(machineOf(shape))).map(({ name }) => name);

const two: Shape = { on: {}, off: {} };

describe('the names of states', () => {
  it.each<[what: string, shape: Shape, names: readonly string[]]>([
    ['a compound state', { idle: {}, lit: { dim: {}, bright: {} } }, ['idle', 'lit.dim', 'lit.bright']],
    ['three levels', { a: { b: { c: {}, d: {} } }, e: { f: { g: {} } } }, ['a.b.c', 'a.b.d', 'e.f.g']],
    [
      'a parallel state with several states a region',
      { up: { '&': true, lamp: two, fan: { still: {}, fast: {} } }, down: {} },
      [
        'up.{lamp.on, fan.still}',
        'up.{lamp.on, fan.fast}',
        'up.{lamp.off, fan.still}',
        'up.{lamp.off, fan.fast}',
        'down',
      ],
    ],
    [
      'regions with one state alone, which are left out',
      {
        up: { '&': true, lamp: two, clock: { ticks: {} }, plug: {} },
        down: { '&': true, a: { x: {} }, b: {} },
      },
      ['up.{lamp.on}', 'up.{lamp.off}', 'down'],
    ],
    [
      'a parallel state in a region',
      { up: { '&': true, room: { '&': true, lamp: two, fan: two }, door: { shut: {} } } },
      [
        'up.{room.{lamp.on, fan.on}}',
        'up.{room.{lamp.on, fan.off}}',
        'up.{room.{lamp.off, fan.on}}',
        'up.{room.{lamp.off, fan.off}}',
      ],
    ],
    [
      'compound states in regions',
      { '&': true, door: { shut: { locked: {}, free: {} }, open: {} }, lamp: { lit: { dim: {} } } },
      ['{door.shut.locked}', '{door.shut.free}', '{door.open}'],
    ],
    [
      'a parallel root',
      { '&': true, lamp: two, door: two },
      ['{lamp.on, door.on}', '{lamp.on, door.off}', '{lamp.off, door.on}', '{lamp.off, door.off}'],
    ],
    ['a root that never leaves its only state', { '&': true, lamp: { on: {} }, fan: {} }, ['toy']],
    ['a root without states', {}, ['toy']],
    [
      'keys that hold the marks of a name',
      { 'a.b': two, a: { 'b.on': {}, '{c}': {} }, 'x, y': {}, 'say "hi"': {}, '': {} },
      ['"a.b".on', '"a.b".off', 'a."b.on"', 'a."{c}"', '"x, y"', '"say \\"hi\\""', '""'],
    ],
  ])('tell apart and back: %s', (_, shape, names) => {
    expect(namesIn(shape)).toEqual(names);
  });

  it('are the same for a snapshot, and lead back to its state value', () => {
    const machine = machineOf({ up: { '&': true, lamp: two, clock: { ticks: {} } }, down: {} });
    const snapshot = createActor(machine).getSnapshot();
    expect(stateNameOf(snapshot)).toBe('up.{lamp.on}');
    expect(new StateNames(walk(machine).root).parse('up.{lamp.on}')).toEqual(snapshot.value);
    const provided = createActor(machine.provide({ actions: {} })).getSnapshot();
    expect(stateNameOf(provided)).toBe('up.{lamp.on}');
  });

  it('of the role chart name the regions that have several states', () => {
    const names = new StateNames(walk(raftMachine).root);
    expect(names.parse('leader.{transfer.idle, configuration.catchingUp.late}')).toEqual({
      leader: {
        heartbeat: 'waiting',
        quorumCheck: 'listening',
        transfer: 'idle',
        configuration: { catchingUp: 'late' },
      },
    });
    expect(names.parse('follower.leased')).toEqual({ follower: 'leased' });
  });

  it.each([
    '',
    'up',
    'up.',
    'up.{lamp.on',
    'up.{lamp.on}}',
    'up.{fan.on}',
    'up.{lamp}',
    'down.x',
    'toy',
    '"down"',
    'up.{lamp.on, }',
    '"',
  ])('refuse what is no state of the chart: %j', (name) => {
    const names = new StateNames(walk(machineOf({ up: { '&': true, lamp: two }, down: {} })).root);
    expect(() => names.parse(name)).toThrow(`expected a state of toy, got ${name}`);
  });

  it('refuse a state value of another chart', () => {
    const names = new StateNames(walk(machineOf({ up: {}, down: {} })).root);
    expect(() => names.of('left')).toThrow('expected a state below toy, got left');
  });

  it('are unique and lead back in charts of any shape and with any keys', () => {
    const key = fc.oneof(
      fc.constantFrom('a', 'b', 'a.b', 'a, b', '{a}', '"a"', 'a b', '"', '\\', 'a.{b.c}', '·'),
      fc.string({ maxLength: 3 }).filter((text) => text !== '&' && text !== ''),
    );
    const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
      shape: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.constant({}),
        fc
          .tuple(
            fc.boolean(),
            fc.dictionary(key, tie('shape'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
          )
          .map(([isParallel, states]): Shape => (isParallel ? { ...states, '&': true } : states)),
      ),
    }));
    fc.assert(
      fc.property(shape, (each) => {
        const chart = walk(machineOf(each));
        const configurations = configurationsOf(chart);
        fc.pre(configurations.length <= 300);
        const names = configurations.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        const byName = new StateNames(chart.root);
        for (const name of names) expect(byName.of(byName.parse(name))).toBe(name);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('have a top, which is that of the state value', () => {
    for (const shape of [
      { idle: {}, lit: { dim: {}, bright: {} } },
      { 'a.b': two, '{c}': { '&': true, lamp: two, fan: two } },
      { '&': true, lamp: two, fan: two },
    ] as Shape[]) {
      const chart = walk(machineOf(shape));
      const names = new StateNames(chart.root);
      for (const { name } of configurationsOf(chart)) expect(topOf(name)).toBe(topOfValue(names.parse(name)));
    }
    expect(topOf('lit.dim')).toBe('lit');
    expect(topOf('"a.b".on')).toBe('a.b');
    expect(topOf('{lamp.on, fan.off}')).toBe('');
    expect(topOfValue({ lit: { a: 'x', b: 'y' } })).toBe('lit');
  });

  it.each([
    ['off', 'off'],
    [{ lit: 'dim' }, 'lit.dim'],
    [{ up: { lamp: 'on', fan: { fast: 'x' } } }, 'up.{lamp.on, fan.fast.x}'],
    [{ up: {} }, 'up'],
    ['a.b', '"a.b"'],
    [undefined, ''],
  ])('%j has a name where its chart is not at hand', (value, name) => {
    expect(nameOfValue(value)).toBe(name);
  });
});
