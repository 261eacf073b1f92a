import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { credit: number; price: number };
    events: { type: 'coin'; cents: number } | { type: 'choose'; price: number } | { type: 'refund' };
  },
  guards: {
    isCoin: (_, params: { cents: number }) => [10, 20, 50, 100, 200].includes(params.cents),
    hasCredit: ({ context }, params: { atLeast: number }) => context.credit >= params.atLeast,
  },
  actions: {
    credit: assign({ credit: ({ context }, params: { cents: number }) => context.credit + params.cents }),
    drop: (_, _params: { slot: 'drink' | 'coins' }) => {},
  },
}).createMachine({
  id: 'vendingMachine',
  context: { credit: 0, price: 0 },
  initial: 'ready',
  states: {
    ready: {
      on: {
        coin: [
          {
            guard: { type: 'isCoin', params: ({ event }) => ({ cents: event.cents }) },
            actions: { type: 'credit', params: ({ event }) => ({ cents: event.cents }) },
          },
          { actions: { type: 'drop', params: { slot: 'coins' } } },
        ],
        choose: [
          {
            guard: { type: 'hasCredit', params: ({ event }) => ({ atLeast: event.price }) },
            target: 'serving',
          },
          { description: 'Not enough money yet.' },
        ],
        refund: {
          guard: { type: 'hasCredit', params: { atLeast: 1 } },
          actions: [{ type: 'drop', params: { slot: 'coins' } }, assign({ credit: 0 })],
        },
      },
    },
    serving: {
      entry: { type: 'drop', params: { slot: 'drink' } },
      always: { target: 'ready', actions: assign({ credit: 0 }) },
    },
  },
});
