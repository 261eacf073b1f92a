import { setup } from 'xstate';

export const machine = setup({
  types: {} as { events: { type: 'powerFailed' } | { type: 'powerRestored' } },
  delays: { greenTime: 25_000, yellowTime: 3_000, redTime: 30_000 },
}).createMachine({
  id: 'trafficLight',
  description: 'A crossing with three lamps.',
  initial: 'running',
  states: {
    running: {
      initial: 'red',
      on: { powerFailed: 'blinking' },
      states: {
        red: { after: { redTime: 'green' } },
        green: { after: { greenTime: 'yellow' } },
        yellow: { description: 'Clear the crossing.', after: { yellowTime: 'red' } },
      },
    },
    blinking: { on: { powerRestored: 'running' } },
  },
});
