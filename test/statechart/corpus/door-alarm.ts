import { cancel, raise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { patienceMs: number };
    events: { type: 'open' } | { type: 'close' } | { type: 'leftOpen' } | { type: 'silence' };
  },
  delays: { patience: ({ context }) => context.patienceMs },
}).createMachine({
  id: 'doorAlarm',
  context: { patienceMs: 30_000 },
  initial: 'closed',
  states: {
    closed: { on: { open: 'opened' } },
    opened: {
      entry: raise({ type: 'leftOpen' }, { delay: 'patience', id: 'leftOpenTimer' }),
      exit: cancel('leftOpenTimer'),
      on: { close: 'closed', leftOpen: 'ringing' },
    },
    ringing: {
      entry: raise({ type: 'silence' }, { delay: 60_000 }),
      on: { silence: 'opened', close: 'closed' },
    },
  },
});
