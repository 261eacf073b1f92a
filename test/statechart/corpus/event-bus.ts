import { fromCallback, sendTo, setup } from 'xstate';

export const machine = setup({
  types: {} as { events: { type: 'publish'; topic: string } | { type: 'shut' } },
  actors: { bus: fromCallback<{ type: 'topic'; topic: string }>(() => {}) },
}).createMachine({
  id: 'eventBus',
  invoke: { src: 'bus', systemId: 'bus' },
  initial: 'open',
  states: {
    open: {
      on: {
        publish: {
          actions: sendTo(
            ({ system }) => system.get('bus'),
            ({ event }) => ({ type: 'topic', topic: event.topic }),
            { id: 'publication', delay: ({ event }) => event.topic.length },
          ),
        },
        shut: 'shut',
      },
    },
    shut: { type: 'final' },
  },
});
