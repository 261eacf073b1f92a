import { log, setup } from 'xstate';

export const machine = setup({
  types: {} as { events: { type: 'page.shown'; path: string } | { type: 'signedOut' } | { type: 'beacon' } },
  actions: { remember: log('remembered') },
}).createMachine({
  id: 'visitLog',
  initial: 'browsing',
  states: {
    browsing: {
      entry: log('hello', 'visit'),
      on: {
        'page.shown': { actions: [log(({ event }) => event.path), ({ event }) => void event.path.length] },
        signedOut: { target: 'gone', actions: function sayGoodbye() {} },
        '*': { actions: ['remember', log()] },
      },
    },
    gone: { type: 'final' },
  },
});
