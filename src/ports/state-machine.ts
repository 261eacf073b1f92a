import type { LogIndex, Term } from '../raft/types.ts';

/** The bytes of a snapshot, in order. Where one piece ends and the next begins means nothing, and a piece may be empty. */
export type SnapshotPieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * The log, or a snapshot, holds `what` in the format of a later version of the program. If it were skipped, this node's state would differ from that of all others.
 * The message is one line for a person.
 */
export class LaterFormat extends Error {
  override readonly name = 'LaterFormat';

  constructor(what: string) {
    super(`${what}: a newer raftchart wrote it, start that one`);
  }
}

/** Where a command stands in the log. */
export interface Position {
  readonly index: LogIndex;
  readonly term: Term;
  /** The wall clock of the node that proposed it, in milliseconds since 1970, if what is around the command says so. */
  readonly stampMs?: number;
}

/**
 * What is replicated. `apply` is called once for each committed command, in index order, on every node; after a restart again from
 * the entry after the snapshot, or from index 1 if there is none. It must be deterministic and must not throw: a command that makes no sense gets an error as its result.
 * The exception: for a command that a later version wrote it may throw `LaterFormat`, and the node stops.
 */
export interface StateMachine<Result> {
  apply(command: Uint8Array, position: Position): Result;

  /**
   * The whole state as of this call. Commands are applied while the pieces are taken, and change none of them: keep what they overwrite, or
   * return the bytes at once if there are few. The event loop turns between two pieces, so each should take a few milliseconds at most; some 64 KiB are a good size.
   * Equal states give equal bytes. One snapshot at a time: the next call comes after the last piece, or after `return` of the iterator.
   * A piece is not changed after it was handed over.
   */
  snapshot?(): Uint8Array | SnapshotPieces;

  /**
   * Replaces the whole state by one that `snapshot` gave on some node, perhaps one of an earlier version of this program. No command is applied until it has resolved.
   * Throws, or rejects, if the bytes are no such state: the node then stops.
   */
  restore?(pieces: AsyncIterable<Uint8Array>): Promise<void>;
}
