import type { Log } from '../ports/log.ts';
import type { SnapshotChunk, SnapshotInfo, SnapshotReader, SnapshotStore } from '../ports/snapshot-store.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';

/** Reads the snapshots that are being sent, each for one peer. One that has been begun is there until it is done, though newer ones are saved meanwhile. */
export class SnapshotSender {
  readonly #snapshots: SnapshotStore;
  readonly #log: Log;
  readonly #readers = new Map<NodeId, SnapshotReader>();

  constructor(snapshots: SnapshotStore, log: Log) {
    this.#snapshots = snapshots;
    this.#log = log;
  }

  /** The chunk from `offset` on of the snapshot at `index`. Null if it is not there, or cannot be read: then it is as good as lost on the way. */
  chunkFor(
    peer: NodeId,
    index: LogIndex,
    offset: number,
  ): { readonly info: SnapshotInfo; readonly chunk: SnapshotChunk; readonly isLast: boolean } | null {
    try {
      const reader = this.#readerFor(peer, index);
      if (reader === null) return null;
      const { info } = reader;
      if (offset > 0 && offset >= info.sizeBytes) return null;
      const chunk = reader.chunkAt(offset);
      return { info, chunk, isLast: offset + chunk.bytes.length === info.sizeBytes };
    } catch (error) {
      this.#log.error({ peer, index, offset, error: (error as Error).message }, 'a snapshot cannot be read');
      return null;
    }
  }

  /** Lets go of the snapshots of all peers but those to which one is still being sent. */
  keepFor(isSendingTo: (peer: NodeId) => boolean): void {
    for (const [peer, reader] of this.#readers) {
      if (isSendingTo(peer)) continue;
      this.#readers.delete(peer);
      reader.release();
    }
  }

  #readerFor(peer: NodeId, index: LogIndex): SnapshotReader | null {
    const known = this.#readers.get(peer);
    if (known?.info.index === index) return known;
    known?.release();
    this.#readers.delete(peer);
    // Another peer may be reading one that is no longer the newest; a reader is shared by opening it again while it is.
    if (this.#snapshots.latest?.index !== index) return null;
    const reader = this.#snapshots.read();
    if (reader !== null) this.#readers.set(peer, reader);
    return reader;
  }
}
