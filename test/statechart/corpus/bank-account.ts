import { fromTransition, sendTo, setup } from 'xstate';

const balance = fromTransition(
  (
    state: { amount: number },
    event: { type: 'deposited'; amount: number } | { type: 'withdrawn'; amount: number },
  ) => ({
    amount: state.amount + (event.type === 'deposited' ? event.amount : -event.amount),
  }),
  ({ input }: { input: { amount: number } }) => ({ amount: input.amount }),
);

export const machine = setup({
  types: {} as {
    events: { type: 'deposit'; amount: number } | { type: 'withdraw'; amount: number } | { type: 'close' };
  },
  actors: { balance },
}).createMachine({
  id: 'bankAccount',
  invoke: { id: 'balance', src: 'balance', input: { amount: 50 } },
  initial: 'open',
  states: {
    open: {
      on: {
        deposit: { actions: sendTo('balance', ({ event }) => ({ type: 'deposited', amount: event.amount })) },
        withdraw: {
          actions: sendTo('balance', ({ event }) => ({ type: 'withdrawn', amount: event.amount })),
        },
        close: 'closed',
      },
    },
    closed: { type: 'final' },
  },
});
