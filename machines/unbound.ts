import { assert } from '../src/raft/assert.ts';

/** An effect that has not been provided yet. XState silently skips an action without an implementation; this one fails. */
export const unbound = (name: string) => () => assert(false, `the effect ${name} is provided`);
