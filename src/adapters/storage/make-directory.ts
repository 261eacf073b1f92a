import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory, and those above it that are missing, each with `mode`. Returns the topmost that it has made; undefined: it was there. Throws the
 * system's error. Node's own `recursive` never returns below a directory that takes no names and says ENOENT, such as /proc.
 */
export const makeDirectory = (directory: string, mode = 0o777): string | undefined => {
  const path = resolve(directory);
  if (isDirectory(path)) return undefined;
  const parent = dirname(path);
  const topmost = parent === path ? undefined : makeDirectory(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else may have made it by now.
    if (!isDirectory(path)) throw error;
  }
  return topmost ?? path;
};

const isDirectory = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // Something on the way is a file: to make it says so.
    return false;
  }
};
