import { setup } from 'xstate';

/** The first states are entered by transitions that do something. */
export const machine = setup({
  types: {} as { events: { type: 'start' } | { type: 'stop' } | { type: 'hot' } },
  actions: { beep: () => {}, light: (_, _params: { colour: string }) => {}, heat: () => {}, cool: () => {} },
}).createMachine({
  id: 'oven',
  initial: { target: 'off', actions: ['beep', { type: 'light', params: { colour: 'white' } }] },
  states: {
    off: { on: { start: 'on' } },
    on: {
      entry: 'heat',
      exit: ['cool', 'beep'],
      initial: { target: 'heating', actions: { type: 'light', params: { colour: 'red' } } },
      on: { stop: 'off' },
      states: { heating: { on: { hot: 'holding' } }, holding: {} },
    },
  },
});
