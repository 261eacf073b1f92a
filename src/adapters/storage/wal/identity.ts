import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StorageRefused } from '../../../ports/storage.ts';
import type { NodeId } from '../../../raft/types.ts';
import { committed, type Files } from './files.ts';
import { formatVersion, logIdBytes } from './format.ts';

/** Whose log this is. Written once, last of all when a directory is set up: with it, the directory exists. */
export interface Identity {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly logId: string;
}

export const identityName = 'identity.json';
const maxIdentityBytes = 64 * 1024;

export const newLogId = (): string => randomBytes(logIdBytes).toString('hex');

/** Reads the identity, and refuses if it is another's. */
export const readIdentity = async (
  files: Files,
  directory: string,
  expected: { readonly nodeId: NodeId; readonly clusterId: string },
): Promise<Identity> => {
  const path = join(directory, identityName);
  const file = await files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(Math.min(files.sizeBytes(file), maxIdentityBytes));
    files.readSync(file, bytes, 0);
    const identity = parse(bytes.toString('utf8'));
    if (typeof identity === 'string') {
      throw new StorageRefused('damaged', `${path}: damaged at offset 0: ${identity}`);
    }
    const { nodeId, clusterId } = identity;
    if (nodeId !== expected.nodeId || clusterId !== expected.clusterId) {
      const found = `node${nodeId} of cluster "${clusterId}"`;
      const wanted = `node${expected.nodeId} of cluster "${expected.clusterId}"`;
      throw new StorageRefused('wrongOwner', `${directory} belongs to ${found}, not to ${wanted}`);
    }
    return identity;
  } finally {
    files.close(file);
  }
};

/** Writes the identity, whole or not at all. */
export const writeIdentity = async (files: Files, directory: string, identity: Identity): Promise<void> => {
  const path = join(directory, identityName);
  const file = await files.open(`${path}.tmp`, 'create');
  try {
    await committed(files, file, Buffer.from(format(identity)), 0);
  } finally {
    files.close(file);
  }
  await files.rename(`${path}.tmp`, path);
  await files.syncDirectory(directory);
};

function format({ nodeId, clusterId, logId }: Identity): string {
  const fields = { format: 'raftchart-wal', version: formatVersion, nodeId, clusterId, logId };
  return `${JSON.stringify({ ...fields, crc32: crc32(JSON.stringify(fields)) })}\n`;
}

function parse(text: string): Identity | string {
  let read: Partial<Record<string, unknown>>;
  try {
    read = JSON.parse(text);
  } catch {
    return 'this is not JSON';
  }
  const { version, nodeId, clusterId, logId } = read ?? {};
  if (typeof nodeId !== 'number' || typeof clusterId !== 'string' || typeof logId !== 'string') {
    return 'nodeId, clusterId or logId is missing';
  }
  const identity = { nodeId, clusterId, logId };
  if (version !== formatVersion) return `format ${String(version)}, this program reads ${formatVersion}`;
  return format(identity) === text ? identity : 'it does not match its checksum';
}
