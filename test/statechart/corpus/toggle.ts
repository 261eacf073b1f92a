import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as { context: { presses: number }; events: { type: 'press' } },
  actions: { countPress: assign({ presses: ({ context }) => context.presses + 1 }) },
}).createMachine({
  id: 'toggle',
  context: { presses: 0 },
  initial: 'off',
  states: {
    off: { on: { press: { target: 'on', actions: 'countPress' } } },
    on: { on: { press: { target: 'off', actions: 'countPress' } } },
  },
});
