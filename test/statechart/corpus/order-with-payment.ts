import { assign, sendTo, setup } from 'xstate';

const payment = setup({
  types: {} as {
    context: { amount: number };
    events: { type: 'card'; number: string } | { type: 'decline' };
    input: { amount: number };
    output: { receipt: string };
  },
}).createMachine({
  id: 'payment',
  context: ({ input }) => ({ amount: input.amount }),
  initial: 'waiting',
  states: {
    waiting: { on: { card: 'settled', decline: 'settled' } },
    settled: { type: 'final' },
  },
  output: ({ context }) => ({ receipt: `paid ${context.amount}` }),
});

export const machine = setup({
  types: {} as {
    context: { receipt: string | null };
    events: { type: 'pay' } | { type: 'card'; number: string };
    children: { payment: 'payment' };
  },
  actors: { payment },
}).createMachine({
  id: 'order',
  context: { receipt: null },
  initial: 'open',
  states: {
    open: { on: { pay: 'paying' } },
    paying: {
      invoke: {
        id: 'payment',
        systemId: 'cashier',
        src: 'payment',
        input: { amount: 12 },
        onDone: { target: 'paid', actions: assign({ receipt: ({ event }) => event.output.receipt }) },
        onError: 'open',
        onSnapshot: { guard: ({ event }) => event.snapshot.status === 'active', actions: () => {} },
      },
      on: { card: { actions: sendTo('payment', ({ event }) => event) } },
    },
    paid: { type: 'final' },
  },
});
