import { createMachine } from 'xstate';

const rooms = Array.from({ length: 60 }, (_, at) => `room${at + 1}`);

/** Sixty states side by side. */
export const machine = createMachine({
  id: 'wide',
  initial: 'room1',
  states: Object.fromEntries(
    rooms.map((room, at) => [room, { on: { next: rooms[(at + 1) % rooms.length]! } }]),
  ),
});
