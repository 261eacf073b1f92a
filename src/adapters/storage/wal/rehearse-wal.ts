import { resolve } from 'node:path';
import { silentLog } from '../../../ports/log.ts';
import { type Storage, StorageRefused } from '../../../ports/storage.ts';
import { type Files, nodeFiles } from '../files.ts';
import { type Identity, identityName, readIdentity } from './identity.ts';
import { openWal } from './open-wal.ts';
import { Rehearsal } from './rehearsal.ts';

/** A data directory, opened as its node would open it. */
export interface RehearsedWal {
  readonly identity: Omit<Identity, 'members'>;
  /** What is done to it changes nothing of the directory. Whoever asked for it closes it. */
  readonly storage: Storage;
}

/**
 * Opens the log in `directory` for whoever wants to read it. Nothing is changed, nor locked. `files`: a rehearsal, where something has been tried before.
 * Rejects with `StorageRefused`, as `openWal` does at the start of the node; `unusable` where no node has been set up.
 */
export const rehearseWal = async (
  directory: string,
  files: Files = new Rehearsal(nodeFiles),
): Promise<RehearsedWal> => {
  const identity = await identityOf(directory, files);
  const { nodeId, clusterId } = identity;
  const storage = await openWal(
    {
      directory,
      nodeId,
      clusterId,
      log: silentLog,
      // A directory of format 1 does not say who they were. Nobody asks here.
      ...('members' in identity ? {} : { members: [{ id: nodeId, peer: null }] }),
    },
    files,
  );
  return { identity, storage };
};

/** Whose directory this is. Rejects with `StorageRefused`. */
export const identityOf = async (directory: string, files: Files = nodeFiles) => {
  const path = resolve(directory);
  let names: readonly string[];
  try {
    names = await files.list(path);
  } catch (error) {
    throw new StorageRefused(
      'unusable',
      `cannot read data directory ${directory}: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  const isOurs = names.includes(identityName) || names.some((name) => /^(wal-|disk\.json)/.test(name));
  if (!isOurs) throw new StorageRefused('unusable', `${directory} is no data directory of raft-node`);
  return readIdentity(files, path, null);
};
