import { createMachine } from 'xstate';

/** A machine of `size` states in which each leads to three others. */
export const denseMachine = (size: number) =>
  createMachine({
    id: `dense${size}`,
    initial: 's0',
    states: Object.fromEntries(
      Array.from({ length: size }, (_, at) => [
        `s${at}`,
        {
          on: {
            next: `s${(at + 1) % size}`,
            jump: `s${(at * 7 + 3) % size}`,
            back: `s${(at + size - 1) % size}`,
          },
        },
      ]),
    ),
  });
