import { assert } from '../src/raft/assert.ts';

/** An effect before it is provided. XState skips an effect without an implementation in silence; this one does not. */
export const unbound = (name: string) => () => assert(false, `the effect ${name} is provided`);
