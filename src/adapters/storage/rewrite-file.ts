import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The file that `rewriteFile` replaces, with links followed, and the temporary file with the new contents. */
export const replacementOf = (path: string): { readonly target: string; readonly temporary: string } => {
  const found = statSync(path, { throwIfNoEntry: false });
  const target = found === undefined ? path : realpathSync(path);
  return { target, temporary: `${target}.${process.pid}.tmp` };
};

/**
 * Replaces the contents of `path` by what `write` writes: all of it or nothing, even across a power loss. Its permissions stay, unless `mode` is given.
 * Throws what `write` throws, or the system's error.
 */
export const rewriteFile = (
  path: string,
  write: (descriptor: number) => void,
  mode = statSync(path, { throwIfNoEntry: false })?.mode,
): void => {
  const { target, temporary } = replacementOf(path);
  // Left behind by a process of the same number, or a trap: nothing is written through a link.
  rmSync(temporary, { force: true });
  try {
    const descriptor = openSync(temporary, 'wx', mode);
    try {
      write(descriptor);
      if (mode !== undefined) fchmodSync(descriptor, mode);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  // Syncing the directory makes the new name durable.
  const directory = openSync(dirname(target), 'r');
  fsyncSync(directory);
  closeSync(directory);
};
