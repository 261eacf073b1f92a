import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lockDirectory, type ReleaseLock } from './lock.ts';
import { makeDirectory } from './make-directory.ts';

/** A file as the file system names it: a descriptor. */
export type FileHandle = number;

/**
 * All that a log asks of a disk. A second implementation may lose, tear or refuse what it was given.
 *
 * Callback functions never call `done` before returning. The others reject, or throw, with the system's error.
 */
export interface Files {
  /** Creates `directory` and its parents where missing, durably. */
  makeDirectory(directory: string): Promise<void>;
  /** Excludes every other opener of `directory`, or of `name` in it, until released or until this process is gone; null: somebody has it. */
  lock(directory: string, name?: string): Promise<ReleaseLock | null>;
  /** Names in `directory`, in no particular order. */
  list(directory: string): Promise<readonly string[]>;
  /** `create`: new and empty, for writing; it must not exist. The name is durable after `syncDirectory`. */
  open(path: string, mode: 'create' | 'read' | 'write'): Promise<FileHandle>;
  /** For reading an older segment in the middle of a synchronous `Storage.read`. */
  openToReadSync(path: string): FileHandle;
  close(file: FileHandle): void;
  sizeBytes(file: FileHandle): number;
  /** Fills `target` from `position` on; returns fewer bytes than asked for only at the end of the file. */
  readSync(file: FileHandle, target: Uint8Array, position: number): number;
  /**
   * Writes all of `bytes` at `position` and makes them durable. A failure leaves any part of them behind.
   * `bytes` belongs to the callee until `done`.
   */
  commit(file: FileHandle, bytes: Uint8Array, position: number, done: (error: Error | null) => void): void;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in `directory` durable. */
  syncDirectory(directory: string): Promise<void>;
}

/** `commit` as a promise, where latency does not count. */
export const committed = (files: Files, file: FileHandle, bytes: Uint8Array, position: number) =>
  new Promise<void>((resolve, reject) => {
    files.commit(file, bytes, position, (error) => (error === null ? resolve() : reject(error)));
  });

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;
/**
 * A write to a file opened so returns when it is durable, as after fdatasync (open(2)): one trip through the thread
 * pool instead of two. A system without it (Windows) gets an explicit fdatasync.
 */
const O_DSYNC: number | undefined = fs.constants.O_DSYNC;

const flagsOf = {
  create: O_RDWR | O_CREAT | O_EXCL | (O_DSYNC ?? 0),
  read: O_RDONLY,
  write: O_RDWR | (O_DSYNC ?? 0),
};

/** The real disk. */
export const nodeFiles: Files = {
  async makeDirectory(directory) {
    // Whoever reads what clients wrote, or writes it, can do so without being asked for a token.
    const topmost = makeDirectory(directory, 0o700);
    if (topmost === undefined) return;
    // Every directory that got a new name in it, from the deepest up.
    for (let parent = dirname(resolve(directory)); ; parent = dirname(parent)) {
      await nodeFiles.syncDirectory(parent);
      if (parent.length < topmost.length) return;
    }
  },
  lock: lockDirectory,
  list: (directory) => fs.promises.readdir(directory),
  open: (path, mode) =>
    new Promise((resolve, reject) => {
      fs.open(path, flagsOf[mode], 0o600, (error, file) => (error === null ? resolve(file) : reject(error)));
    }),
  openToReadSync: (path) => fs.openSync(path, flagsOf.read),
  close: (file) => fs.closeSync(file),
  sizeBytes: (file) => fs.fstatSync(file).size,
  readSync(file, target, position) {
    let read = 0;
    while (read < target.length) {
      const count = fs.readSync(file, target, read, target.length - read, position + read);
      if (count === 0) break;
      read += count;
    }
    return read;
  },
  commit(file, bytes, position, done) {
    const write = (from: number) => {
      fs.write(file, bytes, from, bytes.length - from, position + from, (error, count) => {
        if (error !== null) done(error);
        else if (count === 0) done(new Error(`write of ${bytes.length - from} bytes wrote none`));
        else if (from + count < bytes.length) write(from + count);
        else if (O_DSYNC === undefined) fs.fdatasync(file, (failure) => done(failure));
        else done(null);
      });
    };
    write(0);
  },
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.unlink(path),
  async syncDirectory(directory) {
    const handle = await fs.promises.open(directory, O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
