import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'documentTabs',
  initial: 'open',
  states: {
    open: {
      initial: 'summary',
      on: { hide: 'hidden' },
      states: {
        summary: { on: { next: 'details' } },
        details: { on: { next: 'comments' } },
        comments: { on: { next: 'summary' } },
        recent: { type: 'history' },
      },
    },
    hidden: { on: { show: '#documentTabs.open.recent' } },
  },
});
