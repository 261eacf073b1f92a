import { assign, sendParent, sendTo, setup } from 'xstate';

const ponger = setup({
  types: {} as { events: { type: 'ping'; round: number } | { type: 'tired' } },
}).createMachine({
  id: 'ponger',
  entry: sendParent({ type: 'ready' }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        ping: {
          actions: sendParent(({ event }) => ({ type: 'pong', round: event.round }), {
            delay: 5,
            id: 'pong',
          }),
        },
        tired: 'asleep',
      },
    },
    asleep: { type: 'final' },
  },
});

export const machine = setup({
  types: {} as {
    context: { rounds: number };
    events: { type: 'ready' } | { type: 'pong'; round: number } | { type: 'enough' };
  },
  actors: { ponger },
}).createMachine({
  id: 'pingPong',
  context: { rounds: 0 },
  invoke: { id: 'ponger', src: 'ponger', onDone: '.over' },
  initial: 'starting',
  states: {
    starting: { on: { ready: { target: 'playing', actions: sendTo('ponger', { type: 'ping', round: 0 }) } } },
    playing: {
      on: {
        pong: {
          actions: [
            assign({ rounds: ({ event }) => event.round + 1 }),
            sendTo('ponger', ({ context }) => ({ type: 'ping', round: context.rounds })),
          ],
        },
        enough: { actions: sendTo('ponger', { type: 'tired' }) },
      },
    },
    over: { type: 'final' },
  },
});
