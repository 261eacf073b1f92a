import { fromPromise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { url: string };
    events: { type: 'connect' } | { type: 'lost' } | { type: 'close' };
    input: { url: string };
  },
  actors: { open: fromPromise<{ readOnly: boolean }, { url: string }>(async () => ({ readOnly: false })) },
  guards: {
    isRefused: (_, params: { error: unknown }) => String(params.error).includes('refused'),
    isReadOnly: (_, params: { readOnly: boolean }) => params.readOnly,
  },
  delays: { reconnectDelay: 2_000 },
}).createMachine({
  id: 'databaseConnection',
  context: ({ input }) => ({ url: input.url }),
  initial: 'disconnected',
  states: {
    disconnected: { on: { connect: 'connecting' } },
    connecting: {
      invoke: {
        src: 'open',
        input: ({ context }) => ({ url: context.url }),
        onDone: [
          {
            guard: { type: 'isReadOnly', params: ({ event }) => ({ readOnly: event.output.readOnly }) },
            target: 'connected.reading',
          },
          { target: 'connected' },
        ],
        onError: [
          {
            guard: { type: 'isRefused', params: ({ event }) => ({ error: event.error }) },
            target: 'refused',
          },
          { target: 'waiting' },
        ],
      },
    },
    connected: {
      initial: 'writing',
      on: { lost: 'waiting', close: 'disconnected' },
      states: { writing: {}, reading: {} },
    },
    waiting: { after: { reconnectDelay: 'connecting' }, on: { close: 'disconnected' } },
    refused: { on: { connect: 'connecting' } },
  },
});
