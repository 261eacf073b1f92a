import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'pedestrianLight',
  initial: 'green',
  states: {
    green: { after: { 10000: 'yellow' } },
    yellow: { after: { 1000: 'red' } },
    red: {
      initial: 'walk',
      states: {
        walk: { after: { 5000: 'wait' } },
        wait: { after: { 2000: 'stop' } },
        stop: { type: 'final' },
      },
      onDone: 'green',
    },
  },
});
