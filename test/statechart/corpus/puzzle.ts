import { assign, setup } from 'xstate';

/** Ends for any number that it was tried with; a limit stops it otherwise. */
export const machine = setup({
  types: {} as { context: { number: number; steps: number }; events: { type: 'try'; number: number } },
  guards: {
    isOne: ({ context }) => context.number === 1,
    isEven: ({ context }) => context.number % 2 === 0,
  },
  actions: {
    halve: assign(({ context }) => ({ number: context.number / 2, steps: context.steps + 1 })),
    triple: assign(({ context }) => ({ number: 3 * context.number + 1, steps: context.steps + 1 })),
  },
}).createMachine({
  id: 'puzzle',
  options: { maxIterations: 1_000 },
  context: { number: 1, steps: 0 },
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        try: {
          guard: ({ event }) => Number.isInteger(event.number) && event.number > 0,
          target: 'running',
          actions: assign({ number: ({ event }) => event.number }),
        },
      },
    },
    running: {
      always: [
        { guard: 'isOne', target: 'waiting' },
        { guard: 'isEven', actions: 'halve', target: 'running', reenter: true },
        { actions: 'triple', target: 'running', reenter: true },
      ],
    },
  },
});
