import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Member } from '../../../ports/disk.ts';
import { maxChunkBytes, type SnapshotPosition } from '../../../ports/snapshot-store.ts';
import type { SnapshotPieces } from '../../../ports/state-machine.ts';
import { StorageRefused } from '../../../ports/storage.ts';
import type { NodeId } from '../../../raft/types.ts';
import { cutIntoChunks } from '../chunks.ts';
import { type Files, nodeFiles } from '../files.ts';
import { writeAccount } from './account.ts';
import { defaultSegmentSizeBytes } from './format.ts';
import { newLogId, newRunTag } from './identity.ts';
import { createFirstSegment, firstAccount, setUp } from './set-up.ts';
import { SnapshotWriter } from './snapshot-file.ts';
import { snapshotFileName } from './snapshot-format.ts';

export interface FoundOptions {
  /** Created, with its parents, if missing; there must be nothing in it. */
  readonly directory: string;
  readonly nodeId: NodeId;
  readonly members: readonly Member[];
  readonly snapshot: SnapshotPosition;
  readonly data: SnapshotPieces;
  /** Asked when all of `data` has been taken: what is known only then. */
  readonly clusterId: () => string;
  /** As in `WalOptions`. */
  readonly segmentSizeBytes?: number;
}

/**
 * Sets up the data directory of a node of a new cluster that begins with a snapshot. What is left of it by a power loss is never taken for a new node's, which would
 * begin with nothing: the identity comes last, and until then the account counts a start. After a failure, also of `data`, the directory is empty.
 * Rejects with `StorageRefused`: `unusable` if there is something in the directory, or if the system refuses; `locked`.
 */
export const foundWal = async (options: FoundOptions, files: Files = nodeFiles): Promise<void> => {
  const directory = resolve(options.directory);
  try {
    await files.makeDirectory(directory);
    const release = await files.lock(directory);
    if (release === null) throw new StorageRefused('locked', `${directory} is in use by another process`);
    try {
      const [found] = await content(files, directory);
      if (found !== undefined) {
        throw new StorageRefused('unusable', `${directory} is not empty: it has ${found}`);
      }
      await fill(options, directory, files).catch(async (error: unknown) => {
        for (const name of await content(files, directory)) {
          await files.remove(join(directory, name)).catch(() => {});
        }
        throw error;
      });
    } finally {
      release();
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new StorageRefused('unusable', `cannot use data directory ${directory}: ${error.message}`, {
      cause: error,
    });
  }
};

/** What is in `directory`, but for what the root of a file system has from the start, and for the lock. */
const content = async (files: Files, directory: string): Promise<readonly string[]> =>
  (await files.list(directory)).filter((name) => name !== 'lost+found' && name !== 'lock');

const fill = async (
  { nodeId, members, snapshot, data, clusterId, segmentSizeBytes = defaultSegmentSizeBytes }: FoundOptions,
  directory: string,
  files: Files,
): Promise<void> => {
  const logId = newLogId();
  const { index, term } = snapshot;
  const account = {
    ...firstAccount,
    start: 1,
    runs: [{ start: 1, tag: newRunTag() }],
    base: { index, term },
  };
  await writeAccount(files, directory, account);
  await createFirstSegment(files, directory, logId, segmentSizeBytes);
  const path = join(directory, snapshotFileName(index));
  const writer = await SnapshotWriter.create(files, `${path}.tmp`, logId, snapshot);
  try {
    for await (const chunk of cutIntoChunks(data, maxChunkBytes)) await writer.write(chunk, crc32(chunk));
    await writer.finish();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  await files.rename(`${path}.tmp`, path);
  await files.syncDirectory(directory);
  const ascending = members.toSorted((a, b) => a.id - b.id);
  await setUp(files, directory, { nodeId, clusterId: clusterId(), logId, members: ascending }, account);
};
