import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Member } from '../../../ports/disk.ts';
import { StorageRefused } from '../../../ports/storage.ts';
import type { NodeId } from '../../../raft/types.ts';
import { checkedLine, readChecked, replaceFile } from '../checked-file.ts';
import type { Files } from '../files.ts';
import { refuseOtherOwner } from '../refusal.ts';
import { directoryFormat, logIdBytes } from './format.ts';

/** Whose log this is. Written last of all when a directory is set up: with it, the directory exists. */
export interface Identity {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly logId: string;
  /** Configuration 0; null if the first start named no members. */
  readonly members: readonly Member[] | null;
}

/** As raftchart 0.1.0 wrote it: it says nothing of members, and neither does anything else in its directory. */
export type IdentityOfFormat1 = Omit<Identity, 'members'>;

export const identityName = 'identity.json';

export const newLogId = (): string => randomBytes(logIdBytes).toString('hex');

export const newRunTag = (): string => randomBytes(4).toString('hex');

/** Reads the identity, and refuses if it is another's than expected (null: anybody's), or of a newer format. `members` is missing in format 1. */
export const readIdentity = async (
  files: Files,
  directory: string,
  expected: { readonly nodeId: NodeId; readonly clusterId: string } | null,
): Promise<Identity | IdentityOfFormat1> => {
  const parse = (json: Partial<Record<string, unknown>>) => {
    const { version } = json;
    if (typeof version === 'number' && version > directoryFormat) {
      throw new StorageRefused(
        'otherFormat',
        `${directory} has format ${version}, this program reads formats up to ${directoryFormat}: a newer raftchart wrote it, start that one`,
      );
    }
    return identityIn(json);
  };
  const identity = await readChecked(files, directory, identityName, parse, format);
  if (expected !== null) refuseOtherOwner(directory, identity, expected);
  return identity;
};

/** Writes the identity, whole or not at all. */
export const writeIdentity = (files: Files, directory: string, identity: Identity): Promise<void> =>
  replaceFile(files, directory, identityName, format(identity));

/** The format of `directory`, which cannot be read without knowing its members. */
export const needsMembers = (directory: string): StorageRefused =>
  new StorageRefused(
    'otherFormat',
    `${join(directory, identityName)} has format 1, of raftchart 0.1.0, which did not record the members: start this node once with the --peers that it had (--peers none if it was alone)`,
  );

const formatName = 'raftchart-wal';

function format(identity: Identity | IdentityOfFormat1): string {
  const { nodeId, clusterId, logId } = identity;
  if (!('members' in identity))
    return checkedLine({ format: formatName, version: 1, nodeId, clusterId, logId });
  const { members } = identity;
  return checkedLine({ format: formatName, version: directoryFormat, nodeId, clusterId, logId, members });
}

function identityIn(json: Partial<Record<string, unknown>>): Identity | IdentityOfFormat1 | string {
  const { version, nodeId, clusterId, logId, members } = json;
  if (typeof nodeId !== 'number' || typeof clusterId !== 'string' || typeof logId !== 'string') {
    return 'nodeId, clusterId or logId is missing';
  }
  if (version === 1) return { nodeId, clusterId, logId };
  if (version !== directoryFormat) return `format ${String(version)}, this program reads ${directoryFormat}`;
  if (members !== null && !(Array.isArray(members) && members.every(isMember))) return 'members are missing';
  return { nodeId, clusterId, logId, members };
}

function isMember(value: unknown): value is Member {
  const { id, peer } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof id === 'number' && (peer === null || typeof peer === 'string');
}
