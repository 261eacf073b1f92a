import { setup } from 'xstate';
import { walk } from '../../../src/statechart/read/walk.ts';

/** A small chart with all that a universe must see: guards that fall through, a child before its parent, `always`, a timer, regions. */
const lamp = setup({ guards: { isWet: () => false, isOld: () => false } }).createMachine({
  id: 'lamp',
  initial: 'off',
  on: { PRESS: [{ guard: 'isWet', target: '.broken' }, {}], SHAKE: { guard: 'isOld', target: '.broken' } },
  states: {
    off: {
      always: { guard: 'isWet', target: 'broken' },
      on: { PRESS: { target: 'on' } },
    },
    on: {
      type: 'parallel',
      on: { PRESS: { guard: 'isOld', target: 'broken' } },
      states: {
        light: {
          initial: 'dim',
          states: {
            dim: { on: { TURN: { target: 'bright' } }, after: { 1000: { target: 'bright' } } },
            bright: {},
          },
        },
        fan: { initial: 'still', states: { still: { on: { TURN: { guard: 'isOld', target: 'still' } } } } },
      },
    },
    broken: { type: 'final' },
  },
});

export const lampChart = walk(lamp);
