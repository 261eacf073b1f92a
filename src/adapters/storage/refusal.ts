import { StorageRefused } from '../../ports/storage.ts';
import type { NodeId } from '../../raft/types.ts';
import type { Files } from './files.ts';

/** What to tell of an `error` that kept `directory` from being opened: in one line, with what to do about damage. */
export const refusalOf = (error: unknown, directory: string, nodeId: NodeId): unknown => {
  if (error instanceof StorageRefused) return error.reason === 'damaged' ? withRemedy(error, nodeId) : error;
  const isSystem = error instanceof Error && 'code' in error && 'syscall' in error;
  if (!isSystem) return error;
  return new StorageRefused('unusable', `cannot use data directory ${directory}: ${error.message}`, {
    cause: error,
  });
};

function withRemedy(error: StorageRefused, nodeId: NodeId): StorageRefused {
  const remedy = `restore the file, or start on an empty directory and let that take its place: raft-client member replace ${nodeId}`;
  return new StorageRefused('damaged', `${error.message}; ${remedy}`, { cause: error });
}

/** Names in `directory`; none if that does not exist. Rejects with `StorageRefused`. */
export const namesIn = async (directory: string, files: Files): Promise<readonly string[]> => {
  try {
    return await files.list(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw refusalOf(error, directory, 0);
  }
};

interface Owner {
  readonly nodeId: NodeId;
  readonly clusterId: string;
}

/** Throws unless `place` is of the node that wants to use it. */
export const refuseOtherOwner = (place: string, found: Owner, wanted: Owner): void => {
  if (found.nodeId === wanted.nodeId && found.clusterId === wanted.clusterId) return;
  throw new StorageRefused('wrongOwner', `${place} belongs to ${wordsOf(found)}, not to ${wordsOf(wanted)}`);
};

function wordsOf({ nodeId, clusterId }: Owner): string {
  return `node${nodeId} of cluster "${clusterId}"`;
}
