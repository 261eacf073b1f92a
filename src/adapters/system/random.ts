import type { Random } from '../../ports/random.ts';

/** The operating system's generator. */
export const systemRandom: Random = {
  uint32: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
};
