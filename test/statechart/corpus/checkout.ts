import { assign, setup } from 'xstate';

interface Item {
  readonly name: string;
  readonly price: number;
}

export const machine = setup({
  types: {} as {
    context: { items: readonly Item[]; customer: string };
    events:
      | { type: 'item.added'; item: Item }
      | { type: 'proceed' }
      | { type: 'address.given'; street: string }
      | { type: 'card.given'; number: string }
      | { type: 'abandon' };
    input: { customer: string };
    output: { total: number; paid: boolean };
  },
  guards: { hasItems: ({ context }) => context.items.length > 0 },
  actions: {
    addItem: assign({
      items: ({ context, event }) =>
        event.type === 'item.added' ? [...context.items, event.item] : context.items,
    }),
  },
}).createMachine({
  id: 'checkout',
  context: ({ input }) => ({ items: [], customer: input.customer }),
  initial: 'basket',
  states: {
    basket: {
      on: {
        'item.added': { actions: 'addItem' },
        proceed: { guard: 'hasItems', target: 'details' },
        abandon: 'abandoned',
      },
    },
    details: {
      initial: 'address',
      on: { abandon: 'abandoned' },
      states: {
        address: { on: { 'address.given': 'payment' } },
        payment: { on: { 'card.given': 'complete' } },
        complete: { type: 'final' },
      },
      onDone: 'paid',
    },
    paid: { type: 'final', output: { paid: true } },
    abandoned: { type: 'final', output: { paid: false } },
  },
  output: ({ context, event }) => ({
    total: context.items.reduce((sum, { price }) => sum + price, 0),
    paid: (event.output as { paid: boolean }).paid,
  }),
});
