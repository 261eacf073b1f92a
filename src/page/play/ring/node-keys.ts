import { ownKeys } from '../../own-keys.ts';

/** Keys of a node on the ring: `move` goes to the one so many places on. */
export const nodeKeys = (choose: () => void, move: (step: number) => void) =>
  ownKeys({
    Enter: choose,
    ' ': choose,
    ArrowRight: () => move(1),
    ArrowDown: () => move(1),
    ArrowLeft: () => move(-1),
    ArrowUp: () => move(-1),
  });
