import type { LogIndex, Term } from '../raft/types.ts';

/**
 * What is replicated. `apply` is called once for each committed command, in index order, on every node, and again
 * from index 1 after a restart. It must be deterministic and must not throw: a command that makes no sense gets an error as its result.
 */
export interface StateMachine<Result> {
  apply(command: Uint8Array, position: { readonly index: LogIndex; readonly term: Term }): Result;
}
