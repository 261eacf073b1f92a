import fs from 'node:fs';
import { join } from 'node:path';

/** What a data directory takes, and what its file system has; in bytes. */
export interface DiskUsage {
  /** What is allocated for it, though it may not be full yet. */
  readonly logBytes: number;
  /** Of all snapshots that are kept or being received. */
  readonly snapshotBytes: number;
  /** For this process. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Tells the files of a data directory apart by their names. */
export interface StoredFiles {
  readonly isLog: (name: string) => boolean;
  readonly isSnapshot: (name: string) => boolean;
}

/** Looks at the files themselves, whoever writes them meanwhile. Rejects with the system's error, as while there is no such directory. */
export const diskUsage = async (
  directory: string,
  { isLog, isSnapshot }: StoredFiles,
): Promise<DiskUsage> => {
  const names = await fs.promises.readdir(directory);
  const bytesOf = async (isWanted: (name: string) => boolean): Promise<number> => {
    const sizes = await Promise.all(
      names.filter(isWanted).map((name) => allocatedBytes(join(directory, name))),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const { bsize, bavail, blocks } = await fs.promises.statfs(directory);
  return {
    logBytes: await bytesOf(isLog),
    snapshotBytes: await bytesOf(isSnapshot),
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
