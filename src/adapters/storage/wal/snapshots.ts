import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Log } from '../../../ports/log.ts';
import { abandon } from '../../../ports/snapshot-pieces.ts';
import {
  maxChunkBytes,
  type ReceivedSnapshot,
  type SnapshotChunk,
  type SnapshotInfo,
  type SnapshotPosition,
  type SnapshotReader,
  SnapshotRefused,
  type SnapshotStore,
} from '../../../ports/snapshot-store.ts';
import type { SnapshotPieces } from '../../../ports/state-machine.ts';
import { assert } from '../../../raft/assert.ts';
import type { LogIndex } from '../../../raft/types.ts';
import { damaged } from '../checked-file.ts';
import {
  checkChunk,
  checkWhole,
  chunkHolding,
  cutIntoChunks,
  refuseOutdated,
  restOf,
  snapshotName,
} from '../chunks.ts';
import type { Files } from '../files.ts';
import { readTable, SnapshotWriter } from './snapshot-file.ts';
import {
  incomingName,
  type SnapshotTable,
  snapshotFileName,
  snapshotHeadBytes,
  snapshotIndexOf,
} from './snapshot-format.ts';

export interface SnapshotFilesOptions {
  readonly files: Files;
  readonly directory: string;
  readonly logId: string;
  readonly log: Log;
  /** Size of the chunks of snapshots that are saved from now on; at most `maxChunkBytes`, the default. */
  readonly chunkBytes?: number | undefined;
}

/** Finds the snapshots in `directory`, and removes all but the newest, and what was being written. Throws `StorageRefused` if the newest is damaged. */
export const openSnapshots = async (options: SnapshotFilesOptions): Promise<SnapshotFiles> => {
  const { files, directory, logId } = options;
  const names = await files.list(directory);
  const isLeftOver = (name: string) =>
    name === incomingName ||
    (name.endsWith('.tmp') && snapshotIndexOf(name.slice(0, -'.tmp'.length)) !== null);
  for (const name of names.filter(isLeftOver)) await files.remove(join(directory, name));
  const indexes = names.map(snapshotIndexOf).filter((index) => index !== null);
  indexes.sort((a, b) => b - a);
  const [newest, ...older] = indexes;
  if (newest === undefined) return new SnapshotFiles(options, null);
  const path = join(directory, snapshotFileName(newest));
  const table = await readTable(files, path, logId);
  const { index } = table.info;
  if (index !== newest) {
    throw damaged(path, 32, `this is snapshot ${index} under a wrong name`);
  }
  for (const index of older) await files.remove(join(directory, snapshotFileName(index)));
  return new SnapshotFiles(options, table);
};

/** Snapshots as files in a node's data directory. docs/storage.md */
export class SnapshotFiles implements SnapshotStore {
  readonly #files: Files;
  readonly #directory: string;
  readonly #logId: string;
  readonly #log: Log;
  readonly #chunkBytes: number;
  #latest: SnapshotTable | null;
  /** How many read each snapshot. */
  readonly #readers = new Map<LogIndex, number>();
  /** Replaced while they were read. */
  readonly #outdated = new Set<LogIndex>();
  #saving: Promise<SnapshotInfo> | null = null;
  #incoming: { readonly info: SnapshotInfo; readonly writer: SnapshotWriter } | null = null;
  /** What must be done before the next thing that changes files: calls are carried out in order. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(
    { files, directory, logId, log, chunkBytes }: SnapshotFilesOptions,
    latest: SnapshotTable | null,
  ) {
    this.#files = files;
    this.#directory = directory;
    this.#logId = logId;
    this.#log = log;
    this.#chunkBytes = chunkBytes ?? maxChunkBytes;
    this.#latest = latest;
  }

  get latest(): SnapshotInfo | null {
    return this.#latest?.info ?? null;
  }

  get receiving(): ReceivedSnapshot | null {
    if (this.#incoming === null) return null;
    const { info, writer } = this.#incoming;
    return { info, receivedBytes: writer.sizeBytes };
  }

  read(): SnapshotReader | null {
    const latest = this.#latest;
    if (latest === null) return null;
    const { info, chunks } = latest;
    const path = this.#pathOf(info.index);
    const file = this.#files.openToReadSync(path);
    this.#readers.set(info.index, (this.#readers.get(info.index) ?? 0) + 1);
    let end = 0;
    const ends = chunks.map(({ sizeBytes }) => {
      end += sizeBytes;
      return end;
    });
    let isReleased = false;
    return {
      info,
      chunkAt: (offset) => {
        assert(!isReleased, 'no read of a snapshot after its release', offset, null);
        const number = chunkHolding(offset, ends);
        const { sizeBytes, checksum } = chunks[number]!;
        const start = ends[number]! - sizeBytes;
        const bytes = Buffer.allocUnsafeSlow(sizeBytes);
        const read = this.#files.readSync(file, bytes, snapshotHeadBytes + start);
        if (read !== sizeBytes || crc32(bytes) !== checksum) {
          const at = snapshotHeadBytes + start;
          throw new SnapshotRefused(
            'damaged',
            `${path}: damaged at offset ${at}: it does not give back the ${sizeBytes} bytes that were written`,
          );
        }
        return restOf({ offset: start, bytes, checksum }, offset, crc32);
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#files.close(file);
        this.#released(info.index);
      },
    };
  }

  save(position: SnapshotPosition, data: Uint8Array | SnapshotPieces): Promise<SnapshotInfo> {
    assert(this.#saving === null, 'one snapshot is saved at a time', position.index, null);
    const saving = this.#save(position, data).finally(() => {
      this.#saving = null;
    });
    this.#saving = saving;
    return saving;
  }

  receive(info: SnapshotInfo, chunk: SnapshotChunk): Promise<void> {
    return this.#inOrder(async () => {
      this.#refuseIfClosed(info);
      checkChunk(this.receiving, this.latest, info, chunk, crc32);
      if (chunk.offset === 0) {
        await this.#discardIncoming();
        const path = join(this.#directory, incomingName);
        this.#incoming = { info, writer: await SnapshotWriter.create(this.#files, path, this.#logId, info) };
      }
      try {
        await this.#incoming!.writer.write(chunk.bytes, chunk.checksum);
      } catch (error) {
        await this.#discardIncoming();
        throw error;
      }
    });
  }

  install(info: SnapshotInfo): Promise<SnapshotInfo> {
    return this.#inOrder(async () => {
      this.#refuseIfClosed(info);
      refuseOutdated(this.latest, info);
      const incoming = this.#incoming;
      try {
        checkWhole(this.receiving, info, incoming?.writer.checksum ?? 0);
      } catch (error) {
        if (error instanceof SnapshotRefused && error.reason === 'damaged') await this.#discardIncoming();
        throw error;
      }
      const { writer } = incoming!;
      try {
        const table = await writer.finish();
        await this.#adopt(writer.path, table);
        this.#incoming = null;
        return table.info;
      } catch (error) {
        await this.#discardIncoming();
        throw error;
      }
    });
  }

  /** Waits for what is under way, which fails unless it is nearly done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#saving?.catch(() => {});
    await this.#inOrder(() => this.#discardIncoming());
  }

  async #save(position: SnapshotPosition, data: Uint8Array | SnapshotPieces): Promise<SnapshotInfo> {
    let writer: SnapshotWriter | null = null;
    try {
      this.#refuseIfClosed(position);
      refuseOutdated(this.latest, position);
      const path = `${this.#pathOf(position.index)}.tmp`;
      writer = await SnapshotWriter.create(this.#files, path, this.#logId, position);
      for await (const chunk of cutIntoChunks(data, this.#chunkBytes)) {
        this.#refuseIfClosed(position);
        await writer.write(chunk, crc32(chunk));
      }
      const table = await writer.finish();
      await this.#inOrder(() => this.#adopt(path, table));
      return table.info;
    } catch (error) {
      await abandon(data);
      await writer?.discard();
      throw error;
    }
  }

  /** Gives a durable file its name, and makes it the newest. */
  async #adopt(path: string, table: SnapshotTable): Promise<void> {
    const { info } = table;
    refuseOutdated(this.latest, info);
    await this.#files.rename(path, this.#pathOf(info.index));
    await this.#files.syncDirectory(this.#directory);
    const before = this.#latest;
    this.#latest = table;
    this.#log.info({ index: info.index, term: info.term, bytes: info.sizeBytes }, 'snapshot is durable');
    if (before === null) return;
    this.#outdated.add(before.info.index);
    await this.#removeOutdated();
  }

  #released(index: LogIndex): void {
    const readers = this.#readers.get(index)! - 1;
    if (readers > 0) {
      this.#readers.set(index, readers);
      return;
    }
    this.#readers.delete(index);
    if (this.#outdated.has(index) && !this.#isClosed) void this.#inOrder(() => this.#removeOutdated());
  }

  /** What cannot be removed now is removed after the next snapshot, or at the next start. */
  async #removeOutdated(): Promise<void> {
    for (const index of this.#outdated) {
      if (this.#readers.has(index)) continue;
      try {
        await this.#files.remove(this.#pathOf(index));
        this.#outdated.delete(index);
      } catch (error) {
        this.#log.warn({ index, error: (error as Error).message }, 'an old snapshot cannot be removed');
      }
    }
  }

  async #discardIncoming(): Promise<void> {
    const incoming = this.#incoming;
    this.#incoming = null;
    await incoming?.writer.discard();
  }

  #refuseIfClosed(position: { index: LogIndex; term: number }): void {
    if (this.#isClosed)
      throw new SnapshotRefused('closed', `${snapshotName(position)}: the storage is closed`);
  }

  #inOrder<Value>(run: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  #pathOf(index: LogIndex): string {
    return join(this.#directory, snapshotFileName(index));
  }
}
