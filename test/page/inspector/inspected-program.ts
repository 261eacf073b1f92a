import { createWebSocketInspector } from '@statelyai/inspect';
import { assign, createActor, fromPromise, sendTo, setup } from 'xstate';

/**
 * A program as people have them, which knows nothing of this package: a shop with a payment as its child, inspected by Stately's own inspector at the
 * address in `INSPECT_URL`. Sells once for each line that it reads.
 */
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

const shop = setup({
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

const { inspect } = createWebSocketInspector({ url: process.env['INSPECT_URL']! });
const actor = createActor(shop, { inspect });
actor.start();

const items = ['tea', 'bread', 'coffee'];
let sold = 0;
process.stdin.on('data', (data) => {
  for (const word of data.toString().trim().split('\n')) {
    if (word === 'sell') actor.send({ type: 'SELL', item: items[sold++ % 3]!, price: 2.5 * sold });
    if (word === 'open') actor.send({ type: 'OPEN' });
    if (word === 'close') actor.send({ type: 'CLOSE' });
  }
});
process.stdin.on('end', () => process.exit());
