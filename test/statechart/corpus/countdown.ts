import { assign, setup } from 'xstate';

/** Nobody sends it anything. */
export const machine = setup({
  types: {} as { context: { left: number } },
  guards: { isOver: ({ context }) => context.left <= 0 },
  delays: { second: 1_000 },
}).createMachine({
  id: 'countdown',
  context: { left: 3 },
  initial: 'counting',
  states: {
    counting: {
      always: { guard: 'isOver', target: 'lifted' },
      after: {
        second: {
          target: 'counting',
          reenter: true,
          actions: assign({ left: ({ context }) => context.left - 1 }),
        },
      },
    },
    lifted: { type: 'final' },
  },
});
