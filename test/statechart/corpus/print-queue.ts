import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { jobs: readonly string[]; paper: number };
    events: { type: 'print'; job: string } | { type: 'paperAdded'; sheets: number } | { type: 'printed' };
  },
  guards: {
    hasJob: ({ context }) => context.jobs.length > 0,
    hasPaper: ({ context }) => context.paper > 0,
  },
  actions: {
    enqueue: assign({
      jobs: ({ context, event }) => (event.type === 'print' ? [...context.jobs, event.job] : context.jobs),
    }),
    takeSheet: assign({
      paper: ({ context }) => context.paper - 1,
      jobs: ({ context }) => context.jobs.slice(1),
    }),
  },
}).createMachine({
  id: 'printQueue',
  context: { jobs: [], paper: 3 },
  initial: 'idle',
  on: { print: { actions: 'enqueue' } },
  states: {
    idle: { always: { guard: 'hasJob', target: 'checkingPaper' } },
    checkingPaper: { always: [{ guard: 'hasPaper', target: 'printing' }, { target: 'outOfPaper' }] },
    printing: { entry: 'takeSheet', on: { printed: 'idle' } },
    outOfPaper: {
      on: {
        paperAdded: {
          target: 'idle',
          actions: assign({ paper: ({ context, event }) => context.paper + event.sheets }),
        },
      },
    },
  },
});
