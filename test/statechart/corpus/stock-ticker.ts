import { assign, fromObservable, setup } from 'xstate';

const prices = {
  subscribe: (observer: { next?: (value: number) => void; complete?: () => void }) => {
    observer.next?.(100);
    return { unsubscribe: () => {} };
  },
};

export const machine = setup({
  types: {} as { context: { price: number }; events: { type: 'watch' } | { type: 'ignore' } },
  actors: { prices: fromObservable<number, { symbol: string }>(() => prices as never) },
}).createMachine({
  id: 'stockTicker',
  context: { price: 0 },
  initial: 'idle',
  states: {
    idle: { on: { watch: 'watching' } },
    watching: {
      invoke: {
        id: 'feed',
        src: 'prices',
        input: { symbol: 'ACME' },
        onSnapshot: [
          {
            guard: ({ event }) => (event.snapshot.context ?? 0) > 1_000,
            target: 'alarmed',
          },
          { actions: assign({ price: ({ event }) => event.snapshot.context ?? 0 }) },
        ],
        onDone: 'idle',
        onError: ['idle'],
      },
      on: { ignore: 'idle' },
    },
    alarmed: { on: { ignore: 'idle' } },
  },
});
