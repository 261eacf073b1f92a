import { randomBytes } from 'node:crypto';
import type { Random } from '../../ports/random.ts';

/** The operating system's generator. */
export const systemRandom: Random = {
  uint32: () => randomBytes(4).readUInt32LE(0),
};
