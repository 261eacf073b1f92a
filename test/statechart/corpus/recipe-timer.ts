import { cancel, raise, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { dish: string };
    events:
      | { type: 'cook'; dish: string; minutes: number }
      | { type: 'ready'; dish: string }
      | { type: 'stop'; dish: string };
  },
}).createMachine({
  id: 'recipeTimer',
  context: { dish: 'soup' },
  initial: 'idle',
  states: {
    idle: {
      on: {
        cook: {
          target: 'cooking',
          actions: raise(({ event }) => ({ type: 'ready' as const, dish: event.dish }), {
            delay: ({ event }) => event.minutes * 60_000,
            id: 'timer',
          }),
        },
      },
    },
    cooking: {
      on: {
        ready: 'idle',
        stop: { target: 'idle', actions: cancel(() => 'timer') },
      },
    },
  },
});
