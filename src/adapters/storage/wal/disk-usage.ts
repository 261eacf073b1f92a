import fs from 'node:fs';
import { join } from 'node:path';
import { segmentNumberOf } from './format.ts';
import { incomingName, snapshotIndexOf } from './snapshot-format.ts';

/** What a data directory takes, and what its file system has; in bytes. */
export interface DiskUsage {
  /** Segments that hold the log, and the one that is prepared: each is allocated whole. */
  readonly logBytes: number;
  /** The newest, older ones that are still read, and what is being received. */
  readonly snapshotBytes: number;
  /** For this process. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Looks at the files themselves, whoever writes them meanwhile. Rejects with the system's error, as while there is no such directory. */
export const diskUsage = async (directory: string): Promise<DiskUsage> => {
  const names = await fs.promises.readdir(directory);
  const bytesOf = async (isWanted: (name: string) => boolean): Promise<number> => {
    const sizes = await Promise.all(
      names.filter(isWanted).map((name) => allocatedBytes(join(directory, name))),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const { bsize, bavail, blocks } = await fs.promises.statfs(directory);
  return {
    logBytes: await bytesOf((name) => segmentNumberOf(name) !== null),
    snapshotBytes: await bytesOf((name) => snapshotIndexOf(name) !== null || name === incomingName),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
  };
};

/** 0 if it has been removed meanwhile. */
const allocatedBytes = (path: string): Promise<number> =>
  fs.promises.stat(path).then(
    ({ blocks }) => blocks * 512,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    },
  );
