import { fromPromise, setup } from 'xstate';

/** The implementations come from `provide`. */
export const machine = setup({
  types: {} as { context: { name: string }; events: { type: 'greet' } },
  actors: { look: fromPromise<string>(async () => 'nobody') },
  actions: { speak: (_, _params: { words: string }) => {} },
  guards: { isMorning: () => false },
  delays: { pause: 100 },
})
  .createMachine({
    id: 'greeting',
    context: { name: 'Ada' },
    initial: 'silent',
    states: {
      silent: { on: { greet: [{ guard: 'isMorning', target: 'speaking' }, { target: 'looking' }] } },
      looking: { invoke: { src: 'look', onDone: 'speaking', onError: 'silent' } },
      speaking: {
        entry: { type: 'speak', params: ({ context }) => ({ words: `Hello, ${context.name}` }) },
        after: { pause: 'silent' },
      },
    },
  })
  .provide({
    actors: { look: fromPromise<string>(async () => 'Grace') },
    actions: { speak: (_, _params) => {} },
    guards: { isMorning: () => true },
    delays: { pause: 250 },
  });
