import { assign, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { people: number };
    events: { type: 'enter' } | { type: 'leave' } | { type: 'reserve' };
  },
  guards: { isLast: ({ context }) => context.people <= 1 },
  actions: {
    countIn: assign({ people: ({ context }) => context.people + 1 }),
    countOut: assign({ people: ({ context }) => context.people - 1 }),
  },
  delays: { noShowTime: 600_000 },
}).createMachine({
  id: 'meetingRoom',
  context: { people: 0 },
  initial: 'free',
  states: {
    free: { on: { reserve: 'reserved', enter: { target: 'occupied', actions: 'countIn' } } },
    reserved: {
      on: { enter: { target: 'occupied', actions: 'countIn' } },
      after: { noShowTime: 'free' },
    },
    occupied: {
      on: {
        enter: { actions: 'countIn' },
        leave: [{ guard: 'isLast', target: 'free', actions: 'countOut' }, { actions: 'countOut' }],
      },
    },
  },
});
