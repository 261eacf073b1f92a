import { assign, raise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { floor: number; wanted: number };
    events: { type: 'call'; floor: number } | { type: 'arrived' } | { type: 'doorsClosed' };
  },
  guards: {
    isAbove: ({ context }) => context.wanted > context.floor,
    isBelow: ({ context }) => context.wanted < context.floor,
  },
  actions: {
    goUp: assign({ floor: ({ context }) => context.floor + 1 }),
    goDown: assign({ floor: ({ context }) => context.floor - 1 }),
  },
}).createMachine({
  id: 'elevator',
  context: { floor: 0, wanted: 0 },
  initial: 'closed',
  states: {
    closed: {
      on: { call: { target: 'deciding', actions: assign({ wanted: ({ event }) => event.floor }) } },
    },
    deciding: {
      always: [
        { guard: 'isAbove', target: 'rising' },
        { guard: 'isBelow', target: 'sinking' },
        { target: 'opened' },
      ],
    },
    rising: { entry: 'goUp', always: 'deciding' },
    sinking: { entry: 'goDown', always: { target: 'deciding' } },
    opened: { entry: raise({ type: 'arrived' }), on: { arrived: 'boarding' } },
    boarding: { on: { doorsClosed: 'closed' } },
  },
});
