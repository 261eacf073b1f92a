import { assign, fromPromise, sendTo, setup } from 'xstate';

const payment = setup({ types: { context: {} as { attempts: number } } }).createMachine({
  id: 'payment',
  context: { attempts: 0 },
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        PAY: {
          target: 'paid',
          actions: assign({ attempts: ({ context }) => context.attempts + 1 }),
          description: 'The money is there.',
        },
      },
    },
    paid: { on: { RESET: { target: 'waiting', description: 'For the next customer.' } } },
  },
});

/** A shop with a payment as its child. */
export const shop = setup({
  types: {
    context: {} as { sold: number; last: { item: string; price: number } | null; shelf: string[] },
    events: {} as { type: 'SELL'; item: string; price: number } | { type: 'CLOSE' } | { type: 'OPEN' },
  },
  actors: { payment, stocktaking: fromPromise(async () => ({ counted: 3 })) },
}).createMachine({
  id: 'shop',
  description: 'Sells what is on its shelf.',
  context: { sold: 0, last: null, shelf: ['tea', 'coffee', 'bread'] },
  invoke: [
    { src: 'payment', id: 'till' },
    { src: 'stocktaking', id: 'stocktaking' },
  ],
  initial: 'open',
  states: {
    open: {
      description: 'Customers may come in.',
      on: {
        SELL: {
          target: 'selling',
          description: 'Takes the money.',
          actions: [
            assign(({ context, event }) => ({
              sold: context.sold + 1,
              last: { item: event.item, price: event.price },
              shelf: context.shelf.filter((each) => each !== event.item),
            })),
            sendTo('till', { type: 'PAY' }),
          ],
        },
        CLOSE: { target: 'closed', description: 'For today.' },
      },
    },
    selling: {
      on: {
        OPEN: { target: 'open', actions: sendTo('till', { type: 'RESET' }), description: 'Next, please.' },
      },
    },
    closed: { on: { OPEN: { target: 'open', description: 'The next morning.' } } },
  },
});
