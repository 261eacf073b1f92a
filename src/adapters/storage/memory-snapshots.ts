import { abandon } from '../../ports/snapshot-pieces.ts';
import {
  maxChunkBytes,
  type ReceivedSnapshot,
  type SnapshotChunk,
  type SnapshotInfo,
  type SnapshotPosition,
  type SnapshotReader,
  SnapshotRefused,
  type SnapshotStore,
} from '../../ports/snapshot-store.ts';
import type { SnapshotPieces } from '../../ports/state-machine.ts';
import { assert } from '../../raft/assert.ts';
import { checkChunk, checkWhole, chunkHolding, cutIntoChunks, refuseOutdated, restOf } from './chunks.ts';
import { crc32 } from './crc32.ts';

/** A snapshot in memory. */
export interface MemorySnapshot {
  readonly info: SnapshotInfo;
  readonly chunks: readonly SnapshotChunk[];
}

/** The part of a `MemoryDisk` that holds its newest snapshot. */
export interface SnapshotShelf {
  snapshot: MemorySnapshot | null;
}

/** Puts a snapshot on `shelf` at once. */
export const onShelf =
  (shelf: SnapshotShelf) =>
  async (snapshot: MemorySnapshot): Promise<void> => {
    shelf.snapshot = snapshot;
  };

/** The `SnapshotStore` for tests, and for embedding a node that need not survive its process. A reader keeps the snapshot that it has. */
export class MemorySnapshots implements SnapshotStore {
  readonly #shelf: SnapshotShelf;
  readonly #chunkBytes: number;
  readonly #shelve: (snapshot: MemorySnapshot) => Promise<void>;
  #isSaving = false;
  #incoming: { readonly info: SnapshotInfo; readonly received: ChunkList } | null = null;

  /** `shelve` settles once the shelf holds the snapshot, as durably as it is to be, or has failed. */
  constructor(shelf: SnapshotShelf, chunkBytes = maxChunkBytes, shelve = onShelf(shelf)) {
    this.#shelf = shelf;
    this.#chunkBytes = chunkBytes;
    this.#shelve = shelve;
  }

  get latest(): SnapshotInfo | null {
    return this.#shelf.snapshot?.info ?? null;
  }

  get receiving(): ReceivedSnapshot | null {
    if (this.#incoming === null) return null;
    const { info, received } = this.#incoming;
    return { info, receivedBytes: received.sizeBytes };
  }

  read(): SnapshotReader | null {
    const { snapshot } = this.#shelf;
    if (snapshot === null) return null;
    const { info, chunks } = snapshot;
    const ends = chunks.map(({ offset, bytes }) => offset + bytes.length);
    return {
      info,
      chunkAt: (offset) => restOf(chunks[chunkHolding(offset, ends)]!, offset, crc32),
      release: () => {},
    };
  }

  async save(position: SnapshotPosition, data: Uint8Array | SnapshotPieces): Promise<SnapshotInfo> {
    assert(!this.#isSaving, 'one snapshot is saved at a time', position.index, null);
    this.#isSaving = true;
    try {
      refuseOutdated(this.latest, position);
      const saved = new ChunkList();
      for await (const chunk of cutIntoChunks(data, this.#chunkBytes)) saved.add(chunk, crc32(chunk, 0));
      refuseOutdated(this.latest, position);
      const { sizeBytes, checksum, chunks } = saved;
      const info = { ...position, sizeBytes, checksum };
      await this.#shelve({ info, chunks });
      return info;
    } catch (error) {
      await abandon(data);
      throw error;
    } finally {
      this.#isSaving = false;
    }
  }

  async receive(info: SnapshotInfo, chunk: SnapshotChunk): Promise<void> {
    checkChunk(this.receiving, this.latest, info, chunk, crc32);
    if (chunk.offset === 0) this.#incoming = { info, received: new ChunkList() };
    this.#incoming!.received.add(new Uint8Array(chunk.bytes), chunk.checksum);
  }

  async install(info: SnapshotInfo): Promise<SnapshotInfo> {
    refuseOutdated(this.latest, info);
    const incoming = this.#incoming;
    try {
      checkWhole(this.receiving, info, incoming?.received.checksum ?? 0);
    } catch (error) {
      if (error instanceof SnapshotRefused && error.reason === 'damaged') this.#incoming = null;
      throw error;
    }
    this.#incoming = null;
    await this.#shelve({ info: incoming!.info, chunks: incoming!.received.chunks });
    return incoming!.info;
  }
}

class ChunkList {
  readonly chunks: SnapshotChunk[] = [];
  sizeBytes = 0;
  checksum = 0;

  add(bytes: Uint8Array, checksum: number): void {
    this.chunks.push({ offset: this.sizeBytes, bytes, checksum });
    this.checksum = crc32(bytes, this.checksum);
    this.sizeBytes += bytes.length;
  }
}
