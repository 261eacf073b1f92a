import { setup } from 'xstate';

/** States that say by `route` that anybody may lead there. */
export const machine = setup({
  types: {} as { context: { isMember: boolean }; events: { type: 'home' } },
  guards: { isMember: ({ context }) => context.isMember },
  actions: { scrollUp: () => {} },
}).createMachine({
  id: 'pageRouter',
  context: { isMember: true },
  initial: 'start',
  on: { home: '.start' },
  states: {
    start: { id: 'start', route: {} },
    articles: {
      id: 'articles',
      route: { description: 'Anybody may read.', actions: 'scrollUp' },
      initial: 'list',
      states: { list: {}, one: { id: 'article', route: {} } },
    },
    members: { id: 'members', route: { guard: 'isMember' } },
  },
});
