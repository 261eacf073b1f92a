import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { answers: readonly number[]; score: number };
    events: { type: 'rate'; stars: number } | { type: 'skip' } | { type: 'sign' };
  },
}).createMachine({
  id: 'survey',
  context: { answers: [], score: 0 },
  initial: 'filling',
  states: {
    filling: {
      type: 'parallel',
      states: {
        rating: {
          initial: 'open',
          states: {
            open: {
              on: {
                rate: {
                  target: 'given',
                  actions: assign({ answers: ({ context, event }) => [...context.answers, event.stars] }),
                },
                skip: 'skipped',
              },
            },
            given: {
              type: 'final',
              output: ({ context }: { context: { answers: readonly number[] } }) => context.answers.at(-1),
            },
            skipped: { type: 'final', output: 0 },
          },
        },
        signature: {
          initial: 'missing',
          states: { missing: { on: { sign: 'made' } }, made: { type: 'final', output: 'signed' } },
        },
      },
      onDone: { target: 'sent', actions: assign({ score: ({ context }) => context.answers.length }) },
    },
    sent: { type: 'final' },
  },
});
