import { assign, createMachine } from 'xstate';

export const machine = createMachine({
  types: {} as {
    context: { count: number; last: string; changed: boolean };
    events: { type: 'add'; by: number } | { type: 'subtract'; by: number } | { type: 'reset' };
  },
  id: 'counter',
  context: { count: 0, last: 'nothing', changed: false },
  on: {
    add: {
      guard: ({ event }) => event.by > 0,
      actions: [
        assign(({ context, event }) => ({ count: context.count + event.by, last: 'add' })),
        assign({ changed: true }),
      ],
    },
    subtract: {
      guard: ({ context, event }) => context.count >= event.by,
      actions: assign({ count: ({ context, event }) => context.count - event.by, last: 'subtract' }),
    },
    reset: { actions: assign({ count: 0, last: 'reset', changed: false }) },
  },
});
