import type { LogIndex, Term } from '../raft/types.ts';

/**
 * What is replicated. `apply` is called once for each committed command, in order of index, on every node, and again
 * from index 1 after a restart. It must be deterministic and must not throw: a command that makes no sense is answered by a result that says so.
 */
export interface StateMachine<Result> {
  apply(command: Uint8Array, position: { readonly index: LogIndex; readonly term: Term }): Result;
}
