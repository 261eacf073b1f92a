import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, and, createMachine, emit, not, raise, sendTo, setup } from 'xstate';
import { toStately } from '../../../src/statechart/export/stately.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

/** What JavaScript and JSON allow, and the types of XState do not. */
type Anything = object;

const machineWith = (lit: Anything, root: Anything = {}): AnyStateMachine =>
  createMachine({ id: 'lamp', initial: 'lit', states: { lit, dark: {} }, ...root } as never);

const failing = Object.defineProperty({ type: 'x' }, 'params', {
  enumerable: true,
  get: () => {
    throw new Error('not now');
  },
});

const refuse = (): never => {
  throw new Error('asked');
};
const proxy = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });

const typeless = Object.defineProperty({}, 'type', { enumerable: true, get: refuse });

const faultOf = (machine: AnyStateMachine): string => {
  try {
    walk(machine);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'none';
};

const action = 'expected an action: its name, a function or an object with a type';
const guard = 'expected a guard: its name, a function or an object with a type';

describe('a config that XState takes and could not run', () => {
  it.each<[string, AnyStateMachine, string]>([
    ['an action that is null', machineWith({ entry: null }), `states.lit.entry: ${action}, got null`],
    [
      'an action that is undefined in a list',
      machineWith({ exit: ['on', undefined] }),
      `states.lit.exit: ${action}, got undefined`,
    ],
    [
      'an action without a type',
      machineWith({ on: { GO: { actions: [{}] } } }),
      `states.lit.on.GO.actions: ${action}, got an object`,
    ],
    [
      'an action that cannot be read',
      machineWith({ entry: failing }),
      'states.lit.entry cannot be read: not now',
    ],
    [
      'a guard that is a number',
      machineWith({ always: { guard: 5, target: 'dark' } }),
      `states.lit.always.guard: ${guard}, got a number`,
    ],
    [
      'a guard within others that is null',
      machineWith({ after: { 5: { guard: and([not(null as never)]), target: 'dark' } } }),
      `states.lit.after.5.guard: ${guard}, got null`,
    ],
    ...[null, 'isOn'].map((guards): [string, AnyStateMachine, string] => [
      `guards that are ${guards === null ? 'null' : 'a text'} rather than a list`,
      machineWith({ always: { guard: and(guards as never), target: 'dark' } }),
      `states.lit.always.guard: expected a list of guards, got ${guards === null ? 'null' : 'a string'}`,
    ]),
    ...[null, 5, {}].map((target): [string, AnyStateMachine, string] => [
      `a target that is no name: ${JSON.stringify(target)}`,
      machineWith({ on: { GO: { target } } }),
      `states.lit.on.GO.target: expected the name of a state, got ${target === null ? 'null' : typeof target === 'number' ? 'a number' : 'an object'}`,
    ]),
    [
      'an actor without logic',
      machineWith({ invoke: {} }),
      'states.lit.invoke.src: expected the name of an actor, or its logic, got undefined',
    ],
    [
      'an actor that is a name alone',
      machineWith({ invoke: 'timer' }),
      'states.lit.invoke: expected an object with a src, got a string',
    ],
    [
      'an actor that cannot be read',
      machineWith({ invoke: { src: proxy } }),
      'states.lit.invoke.src cannot be read: asked',
    ],
    [
      'the id of an actor',
      machineWith({ invoke: [{ src: 'a' }, { src: 'b', id: {} }] }),
      'states.lit.invoke[1].id: expected a text, got an object',
    ],
    [
      'a description',
      machineWith({ description: 5 }),
      'states.lit.description: expected a text, got a number',
    ],
    [
      'the description of a branch',
      machineWith({ on: { GO: { description: [] } } }),
      'states.lit.on.GO.description: expected a text, got an object',
    ],
    ['the id of a state', machineWith({ id: ['a'] }), 'states.lit.id: expected a text, got an object'],
    [
      'the system-wide id of an actor',
      machineWith({ invoke: { src: 'a', systemId: 5 } }),
      'states.lit.invoke.systemId: expected a text, got a number',
    ],
    ...['onDone', 'onError', 'onSnapshot'].map((name): [string, AnyStateMachine, string] => [
      `the ${name} of an actor`,
      machineWith({ invoke: { src: 'a', [name]: { description: 5 } } }),
      `states.lit.invoke.${name}.description: expected a text, got a number`,
    ]),
    [
      'what is done at the end of a state',
      machineWith({ onDone: { actions: null } }),
      `states.lit.onDone.actions: ${action}, got null`,
    ],
    [
      'in a state within others',
      machineWith({ initial: 'warm', states: { warm: { entry: null } } }),
      `states.lit.states.warm.entry: ${action}, got null`,
    ],
    ['no tag in a list', machineWith({ tags: [undefined] }), 'states.lit.tags[0]: expected a text, got null'],
    ['a tag', machineWith({ tags: [['a']] }), 'states.lit.tags[0]: expected a text, got an object'],
    ['a version', machineWith({}, { version: 2n }), 'version: expected a text, got a bigint'],
    [
      'no event to raise',
      machineWith({ entry: raise(null as never) }),
      'states.lit.entry: expected an event in raise, got null',
    ],
    [
      'no event to send',
      machineWith({ entry: [sendTo('a', null as never)] }),
      'states.lit.entry: expected an event in sendTo, got null',
    ],
    [
      'an event that cannot be read',
      machineWith({ entry: emit(proxy as never) }),
      'states.lit.entry cannot be read: asked',
    ],
    [
      'what is bound to a name and cannot be read',
      setup({ guards: { isOn: proxy as never } }).createMachine({}),
      'guards.isOn cannot be read: asked',
    ],
    [
      'an actor that is bound to a name and cannot be read',
      setup({ actors: { timer: proxy as never } }).createMachine({}),
      'actors.timer cannot be read: asked',
    ],
    [
      'a guard that is bound to a name and does not say its type',
      setup({ guards: { isOn: typeless as never } }).createMachine({}),
      'guards.isOn cannot be read: asked',
    ],
    [
      'in a machine that another one invokes',
      machineWith({ invoke: { src: machineWith({ entry: null }) } }),
      `states.lit.entry: ${action}, got null`,
    ],
  ])('is refused by its place: %s', (_, machine, fault) => {
    expect(faultOf(machine)).toBe(`ConfigUnfit: ${fault}`);
  });

  it('is refused by the JSON for Stately too', () => {
    expect(() => toStately(machineWith({ entry: null }))).toThrow(`states.lit.entry: ${action}, got null`);
  });
});

describe('a config that XState runs', () => {
  it.each<[string, AnyStateMachine]>([
    ['null for no guard', machineWith({ on: { GO: { guard: null, target: 'dark' } } })],
    ['null for no description', machineWith({ description: null })],
    ['false for no action', machineWith({ entry: [false] })],
    ['an event that is computed', machineWith({ entry: raise(() => ({ type: 'GO' })) })],
    ['an event by its type alone', machineWith({ entry: emit('GO' as never) })],
    ['a state for a target', machineWith({ on: { GO: { target: createMachine({ id: 'other' }).root } } })],
    ['no events', machineWith({ on: null, after: null })],
    ['a forbidden event', machineWith({ on: { GO: undefined } })],
    ['a number for an id', machineWith({ id: 5, tags: [5] })],
    [
      'nothing bound to a name',
      setup({ guards: { isOn: null as never }, actors: { a: null as never } }).createMachine({}),
    ],
  ])('is read: %s', (_, machine) => {
    expect(faultOf(machine)).toBe('none');
    expect(() => toStately(machine)).not.toThrow();
  });
});

it('meta is read where a getter in it throws, or a proxy refuses', () => {
  const meta = Object.defineProperty({ rule: 'Law 1', a: 1 }, 'now', { enumerable: true, get: refuse });
  expect(walk(machineWith({ meta })).root.states[0]).toMatchObject({
    rule: 'Law 1',
    meta: { text: '{"a": 1, "now": <computed>}' },
  });
  const hidden = Object.defineProperty({}, 'rule', { enumerable: true, get: refuse });
  expect(walk(machineWith({ meta: hidden })).root.states[0]).toMatchObject({
    rule: null,
    meta: { text: '{"rule": <computed>}' },
  });
  expect(walk(machineWith({ meta: proxy })).root.states[0]).toMatchObject({
    rule: null,
    meta: { text: '<cannot be read>' },
  });
});
