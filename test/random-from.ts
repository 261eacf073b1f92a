import { draw } from '../src/raft/random.ts';

/** Numbers from 0 up to 1, the same for the same seed. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    const drawn = draw(state);
    state = drawn.state;
    return drawn.fraction;
  };
};
