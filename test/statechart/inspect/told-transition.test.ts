import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine, enqueueActions, raise } from 'xstate';
import type { ActorSnapshot } from '../../../src/statechart/inspect/news.ts';
import { toldTransition } from '../../../src/statechart/inspect/told-transition.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

const told = (machine: AnyStateMachine, before: ActorSnapshot, type: string, after: ActorSnapshot) =>
  toldTransition(walk(machine), before, { type }, after)?.id ?? null;

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  on: { '*': { actions: 'note' } },
  states: {
    off: { on: { TURN: [{ guard: 'isBroken', target: 'broken' }, { target: 'on' }] } },
    on: {
      on: {
        TURN: 'off',
        DIM: [
          { guard: 'isDark', actions: 'dim' },
          { guard: 'isBright', target: 'off' },
        ],
        HUM: { guard: 'isLoud', actions: 'hum' },
      },
    },
    broken: {},
  },
});

describe('the transition between two snapshots', () => {
  it('is told where only one is there', () => {
    expect(told(lamp, { value: 'on' }, 'TURN', { value: 'off' })).toBe('lamp.on/TURN/0');
  });

  it('is told by where the branches lead', () => {
    expect(told(lamp, { value: 'off' }, 'TURN', { value: 'on' })).toBe('lamp.off/TURN/1');
    expect(told(lamp, { value: 'off' }, 'TURN', { value: 'broken' })).toBe('lamp.off/TURN/0');
  });

  it('is told by the most exact of the descriptors that match, as XState takes it', () => {
    const pointer = createMachine({
      id: 'pointer',
      initial: 'a',
      states: { a: { on: { '*': 'any', 'mouse.*': 'mouse', 'mouse.up': 'up' } }, any: {}, mouse: {}, up: {} },
    });
    const to = (type: string, value: string) => told(pointer, { value: 'a' }, type, { value });
    expect(to('mouse.up', 'up')).toBe('pointer.a/mouse.up/0');
    expect(to('mouse.up', 'mouse')).toBeNull();
    expect([to('mouse', 'mouse'), to('mouse.down', 'mouse')]).toEqual(Array(2).fill('pointer.a/mouse.*/0'));
    expect([to('mouse', 'any'), to('mouseup', 'any')]).toEqual([null, 'pointer.a/*/0']);
    expect(to('', 'any')).toBeNull();
  });

  it('is not told where another branch could have led to the same', () => {
    const both = createMachine({
      id: 'both',
      initial: 'a',
      states: { a: { on: { GO: [{ guard: 'isIt', target: 'b' }, { target: 'b' }] } }, b: {} },
    });
    expect(told(both, { value: 'a' }, 'GO', { value: 'b' })).toBeNull();
  });

  it('is not told where the state around may have taken the event', () => {
    expect(told(lamp, { value: 'on' }, 'HUM', { value: 'on' })).toBeNull();
  });

  it('is not told where the event may have been ignored', () => {
    const shy = createMachine({
      id: 'shy',
      initial: 'a',
      states: { a: { on: { GO: { guard: 'isIt', actions: 'act' } } } },
    });
    expect(told(shy, { value: 'a' }, 'GO', { value: 'a' })).toBeNull();
    expect(told(shy, { value: 'a', context: { n: 1 } }, 'GO', { value: 'a', context: { n: 2 } })).toBe(
      'shy.a/GO/0',
    );
  });

  it('is not told where what follows by itself could have led there from either branch', () => {
    const hasty = createMachine({
      id: 'hasty',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'isIt', target: 'b' }, { target: 'c' }] } },
        b: { always: 'c' },
        c: {},
      },
    });
    expect(told(hasty, { value: 'a' }, 'GO', { value: 'c' })).toBeNull();
  });

  it('is not told where an action of a branch may have raised what led there', () => {
    const raising = createMachine({
      id: 'raising',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'isIt', target: 'b', actions: 'unknown' }, { target: 'c' }] } },
        b: { on: { ON: 'c' } },
        c: {},
      },
    });
    expect(told(raising, { value: 'a' }, 'GO', { value: 'c' })).toBeNull();
    expect(told(lamp, { value: 'on' }, 'DIM', { value: 'off' })).toBeNull();
  });

  it.each([
    ['a branch raises', { b: { on: { ON: 'c' } } }, raise({ type: 'ON' })],
    ['a branch enqueues', { b: { on: { ON: 'c' } } }, enqueueActions(() => {})],
    ['an unknown entry action raises', { b: { entry: 'unknown', on: { ON: 'c' } } }, []],
    [
      'an unknown action raises, for a state around',
      { b: { initial: 'in', states: { in: {} }, on: { ON: 'c' } } },
      'unknown',
    ],
    [
      'follows the end of a state',
      { b: { initial: 'in', states: { in: { type: 'final' } }, onDone: 'c' } },
      [],
    ],
  ])('is not told where it may be what %s', (_, states, actions) => {
    const target = 'initial' in states.b ? 'b.in' : 'b';
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: [{ guard: 'isIt', target, actions }, { target: 'c' }] } }, ...states, c: {} },
    } as never);
    expect(told(machine, { value: 'a' }, 'GO', { value: 'c' })).toBeNull();
  });

  it('is told where the actions of the other branch are known and raise nothing', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'isIt', target: 'b', actions: assign({}) }, { target: 'c' }] } },
        b: { on: { ON: 'c' } },
        c: {},
      },
    });
    expect(told(machine, { value: 'a' }, 'GO', { value: 'c' })).toBe('m.a/GO/1');
  });

  it('is told although nothing changed where no guard could have refused the event', () => {
    const bell = createMachine({
      id: 'bell',
      initial: 'a',
      states: { a: { on: { RING: { actions: 'ring' } } } },
    });
    expect(told(bell, { value: 'a' }, 'RING', { value: 'a' })).toBe('bell.a/RING/0');
  });

  it('is no branch that stays and does nothing where the state or the context changed', () => {
    const calm = createMachine({
      id: 'calm',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'isIt' }, { target: 'b' }], ADD: [{ guard: 'isIt' }, { actions: 'add' }] } },
        b: {},
      },
    });
    expect(told(calm, { value: 'a' }, 'GO', { value: 'b' })).toBe('calm.a/GO/1');
    const [before, after] = [1, 2].map((n) => ({ value: 'a', context: { n } })) as [
      ActorSnapshot,
      ActorSnapshot,
    ];
    expect(told(calm, before, 'ADD', after)).toBe('calm.a/ADD/1');
  });

  it('is told by the first states inside of where a branch leads', () => {
    const nested = createMachine({
      id: 'nested',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'isIt', target: 'b' }, { target: 'b.two' }] } },
        b: { initial: 'one', states: { one: {}, two: {} } },
      },
    });
    expect(told(nested, { value: 'a' }, 'GO', { value: { b: 'two' } })).toBe('nested.a/GO/1');
    expect(told(nested, { value: 'a' }, 'GO', { value: { b: 'one' } })).toBe('nested.a/GO/0');
  });

  it('is not told where a history state may have led there as well', () => {
    const past = createMachine({
      id: 'past',
      initial: 'a',
      states: {
        a: { on: { GO: [{ guard: 'isIt', target: 'b.last' }, { target: 'b.two' }] } },
        b: { initial: 'one', states: { one: {}, two: {}, last: { type: 'history' } } },
      },
    });
    expect(told(past, { value: 'a' }, 'GO', { value: { b: 'two' } })).toBeNull();
  });

  it('is not told where regions beside each other may both take the event', () => {
    const region = { initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } };
    const parallel = createMachine({ id: 'p', type: 'parallel', states: { x: region, y: region } });
    expect(told(parallel, { value: { x: 'a', y: 'a' } }, 'GO', { value: { x: 'b', y: 'b' } })).toBeNull();
    expect(told(parallel, { value: { x: 'a', y: 'b' } }, 'GO', { value: { x: 'b', y: 'b' } })).toBe(
      'p.x.a/GO/0',
    );
  });
});
