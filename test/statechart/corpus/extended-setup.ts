import { setup } from 'xstate';

const base = setup({
  types: {} as {
    context: { tries: number };
    events: { type: 'try' } | { type: 'rest' };
    meta: { label: string };
  },
  actions: { note: () => {} },
  guards: { isFresh: ({ context }) => context.tries === 0 },
});

const richer = base.extend({
  actions: { cheer: () => {} },
  guards: { isTired: ({ context }) => context.tries > 3 },
  delays: { nap: 1_000 },
});

const countTry = richer.assign({ tries: ({ context }) => context.tries + 1 });
const sayTries = richer.createAction(({ context }) => void context.tries);

const resting = richer.createStateConfig({
  meta: { label: 'Resting' },
  after: { nap: 'ready' },
  on: { try: { target: 'ready', guard: 'isFresh', actions: 'cheer' } },
});

export const machine = richer.createMachine({
  id: 'extendedSetup',
  context: { tries: 0 },
  initial: 'ready',
  states: {
    ready: {
      meta: { label: 'Ready' },
      on: {
        try: [{ guard: 'isTired', target: 'resting', actions: 'note' }, { actions: [countTry, sayTries] }],
        rest: 'resting',
      },
    },
    resting,
  },
});
