import { type ActorRefFrom, assign, fromCallback, sendTo, setup, spawnChild, stopChild } from 'xstate';

const worker = fromCallback<{ type: 'work'; task: string }, { name: string }>(() => {});

export const machine = setup({
  types: {} as {
    context: { latest: ActorRefFrom<typeof worker> | null };
    events: { type: 'hire' } | { type: 'fire' } | { type: 'assign'; task: string } | { type: 'close' };
  },
  actors: { worker },
}).createMachine({
  id: 'workerPool',
  context: { latest: null },
  initial: 'open',
  states: {
    open: {
      entry: spawnChild('worker', {
        id: 'foreman',
        systemId: 'foreman',
        input: { name: 'Ada' },
        syncSnapshot: true,
      }),
      exit: stopChild('foreman'),
      on: {
        hire: {
          actions: assign({ latest: ({ spawn }) => spawn('worker', { input: { name: 'Bob' } }) }),
        },
        assign: {
          guard: ({ context }) => context.latest !== null,
          actions: sendTo(
            ({ context }) => context.latest!,
            ({ event }) => ({ type: 'work', task: event.task }),
          ),
        },
        fire: {
          guard: ({ context }) => context.latest !== null,
          actions: [stopChild(({ context }) => context.latest!), assign({ latest: null })],
        },
        close: 'closed',
      },
    },
    closed: { type: 'final' },
  },
});
