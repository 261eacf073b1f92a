import { setup } from 'xstate';

export const machine = setup({
  types: {} as { events: { type: 'coin' } | { type: 'push' } },
  actions: { thank: () => {}, ring: () => {} },
}).createMachine({
  id: 'turnstile',
  initial: 'locked',
  states: {
    locked: { on: { coin: 'unlocked', push: { actions: 'ring' } } },
    unlocked: { on: { push: 'locked', coin: { actions: 'thank' } } },
  },
});
