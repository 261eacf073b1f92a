import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    events:
      | { type: 'mouse.down' }
      | { type: 'mouse.up' }
      | { type: 'mouse.move'; x: number; y: number }
      | { type: 'mouse.wheel.up' }
      | { type: 'mouse.wheel.down' }
      | { type: 'key.escape' };
  },
  actions: { draw: () => {}, scroll: () => {}, complain: () => {} },
}).createMachine({
  id: 'mouseDrag',
  initial: 'idle',
  states: {
    idle: {
      on: {
        'mouse.down': 'dragging',
        'mouse.wheel.*': { actions: 'scroll' },
        'mouse.*': { actions: 'draw' },
      },
    },
    dragging: {
      on: {
        'mouse.up': 'idle',
        'mouse.move': { actions: 'draw' },
        'key.*': 'idle',
        '*': { actions: 'complain' },
      },
    },
  },
});
