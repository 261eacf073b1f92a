import { assign, fromPromise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { attempts: number; data: string | null };
    events: { type: 'fetch' } | { type: 'cancel' };
  },
  actors: { load: fromPromise(async () => 'data') },
  guards: { isWornOut: ({ context }, params: { attempts: number }) => context.attempts >= params.attempts },
  delays: {
    backoff: ({ context }) => 100 * 2 ** context.attempts,
    patience: 10_000,
  },
}).createMachine({
  id: 'dataFetch',
  context: { attempts: 0, data: null },
  initial: 'idle',
  states: {
    idle: { on: { fetch: 'loading' } },
    loading: {
      invoke: {
        src: 'load',
        onDone: { target: 'loaded', actions: assign({ data: ({ event }) => event.output }) },
        onError: [
          { guard: { type: 'isWornOut', params: { attempts: 5 } }, target: 'failed' },
          { target: 'waiting', actions: assign({ attempts: ({ context }) => context.attempts + 1 }) },
        ],
      },
      after: { patience: 'failed' },
      on: { cancel: 'idle' },
    },
    waiting: {
      after: {
        backoff: 'loading',
        patience: 'failed',
        60000: { target: 'idle', description: 'Nobody is waiting any more.' },
      },
    },
    loaded: { type: 'final' },
    failed: { on: { fetch: { target: 'loading', actions: assign({ attempts: 0 }) } } },
  },
});
