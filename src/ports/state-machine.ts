import type { LogIndex, Term } from '../raft/types.ts';

/**
 * What is replicated. `apply` is called once for each committed command, in index order, on every node, and again
 * from index 1 after a restart. It must be deterministic and must not throw: for a command that makes no sense it returns a result that says so.
 */
export interface StateMachine<Result> {
  apply(command: Uint8Array, position: { readonly index: LogIndex; readonly term: Term }): Result;
}
