import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'finishedAtOnce',
  initial: 'over',
  states: { over: { type: 'final', output: { reason: 'no work' } } },
  output: ({ event }) => event.output,
});
