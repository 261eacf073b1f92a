import { assign, sendTo, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { degrees: number; wanted: number };
    events: { type: 'measured'; degrees: number } | { type: 'poll' } | { type: 'set'; degrees: number };
  },
  guards: { isCold: ({ context }) => context.degrees < context.wanted },
  delays: { pollInterval: 5_000 },
}).createMachine({
  id: 'thermostat',
  context: { degrees: 18, wanted: 20 },
  entry: sendTo(({ self }) => self, { type: 'poll' }, { delay: 'pollInterval', id: 'poll' }),
  initial: 'idle',
  on: {
    measured: { actions: assign({ degrees: ({ event }) => event.degrees }), target: '.deciding' },
    set: { actions: assign({ wanted: ({ event }) => event.degrees }), target: '.deciding' },
    poll: { actions: sendTo(({ self }) => self, { type: 'poll' }, { delay: 'pollInterval', id: 'poll' }) },
  },
  states: {
    idle: {},
    deciding: { always: [{ guard: 'isCold', target: 'heating' }, { target: 'idle' }] },
    heating: {},
  },
});
