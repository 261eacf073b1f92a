import type { LogIndex, Term } from '../raft/types.ts';
import type { SnapshotPieces } from './state-machine.ts';

/** What a snapshot stands for. */
export interface SnapshotPosition {
  /** Of the last entry that it covers. */
  readonly index: LogIndex;
  readonly term: Term;
  /** The configuration as of that entry, encoded by whoever hands it in. */
  readonly configuration: Uint8Array;
}

/** A snapshot without its data. */
export interface SnapshotInfo extends SnapshotPosition {
  /** Of the data. */
  readonly sizeBytes: number;
  /** CRC-32 of the data. */
  readonly checksum: number;
}

/** Some of a snapshot's data; empty only if all of it is. */
export interface SnapshotChunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** CRC-32 of `bytes`. */
  readonly checksum: number;
}

/** No chunk is larger. */
export const maxChunkBytes = 512 * 1024;

/** A snapshot that is being sent or restored. It stays, whatever is saved meanwhile, until `release`. */
export interface SnapshotReader {
  readonly info: SnapshotInfo;
  /**
   * The data from `offset`, which lies before the end, up to the end of the chunk that it lies in. Offset 0 of an empty snapshot gives the empty chunk.
   * Throws `SnapshotRefused` (`damaged`) if the disk does not give back what was written.
   */
  chunkAt(offset: number): SnapshotChunk;
  /** Idempotent. */
  release(): void;
}

/** How far the snapshot that is being received has got. */
export interface ReceivedSnapshot {
  readonly info: SnapshotInfo;
  readonly receivedBytes: number;
}

/**
 * The snapshots of one node. Only the newest counts; older ones are removed when nobody reads them. A snapshot is there whole or not at all:
 * it is written beside the others, and takes its place, durably, only when all of it is durable.
 *
 * A failure here (no space left, for instance) is no reason to stop a node: what was being written is removed, and all else is as it was. The caller reports
 * it and tries again later. Promises reject with the system's error or with `SnapshotRefused`.
 */
export interface SnapshotStore {
  /** The newest durable snapshot; null: there is none. */
  readonly latest: SnapshotInfo | null;

  /** Opens the newest snapshot for reading; null: there is none. Throws the system's error. */
  read(): SnapshotReader | null;

  /**
   * Writes `data`, taking one piece after the other, each after the one before is durable. Resolves when the snapshot would survive a power loss and is `latest`.
   * One at a time. Rejects, `outdated`, if one that reaches as far has come meanwhile. Calls `return` of the pieces if it gives up.
   */
  save(position: SnapshotPosition, data: Uint8Array | SnapshotPieces): Promise<SnapshotInfo>;

  /** The snapshot that is being received, counting what is durable; null: none, as after every start. */
  readonly receiving: ReceivedSnapshot | null;

  /**
   * Takes the next chunk of a snapshot that another node sends. One at `offset` 0 begins, in place of whatever was being received.
   * Calls are carried out in order; each resolves when its chunk is durable. Rejects with `SnapshotRefused`: `outdated` if `latest` reaches as far;
   * `outOfOrder` if the chunk is not the next one of the snapshot that is being received; `damaged` if it does not match its checksum, is too large or reaches beyond the
   * end. After a refusal what was received before stays; after a failed write nothing of it does.
   */
  receive(info: SnapshotInfo, chunk: SnapshotChunk): Promise<void>;

  /**
   * All of `info` has been received: resolves when it would survive a power loss and is `latest`. Rejects with `SnapshotRefused`: `outOfOrder` if something is missing,
   * `damaged` if the whole does not match its checksum (it is thrown away), `outdated` if `latest` reaches as far by now.
   */
  install(info: SnapshotInfo): Promise<SnapshotInfo>;
}

/** A snapshot, or a part of one, that must not be used. One line that names it. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused';
  readonly reason: 'damaged' | 'outOfOrder' | 'outdated' | 'closed';

  constructor(reason: SnapshotRefused['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
