import { spawnSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';

/** Makes a named pipe at `path`, and opens both of its ends: what is written stays until somebody reads. */
export const openNamedPipe = (path: string): { readonly reader: number; readonly writer: number } => {
  const { status, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mkfifo ${path}: ${stderr}`);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
};
