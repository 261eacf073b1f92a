import { createMachine } from 'xstate';

export const machine = createMachine({
  type: 'parallel',
  states: {
    left: { initial: 'up', states: { up: { on: { flip: 'down' } }, down: { on: { flip: 'up' } } } },
    right: { initial: 'up', states: { up: { on: { flip: 'down' } }, down: { on: { flip: 'up' } } } },
    lamp: {},
  },
});
