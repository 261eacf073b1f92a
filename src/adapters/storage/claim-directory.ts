import { join } from 'node:path';
import { StorageRefused } from '../../ports/storage.ts';
import type { Files } from './files.ts';
import type { ReleaseLock } from './lock.ts';

/** Makes `directory` if it is missing, and locks it, or `name` in it, until released. Rejects with `StorageRefused` (`locked`) or the system's error. */
export const claimDirectory = async (
  files: Files,
  directory: string,
  name?: string,
): Promise<ReleaseLock> => {
  await files.makeDirectory(directory);
  const release = await files.lock(directory, name);
  if (release !== null) return release;
  const place = name === undefined ? directory : join(directory, name);
  throw new StorageRefused('locked', `${place} is in use by another process`);
};
