import type { KnownDisk } from '../../../ports/disk.ts';
import type { NodeId } from '../../../raft/types.ts';
import { checkedLine, readChecked, replaceFile } from '../checked-file.ts';
import type { Files } from '../files.ts';

/** The disk of each peer, as it was known last. */
export type PeerDisks = ReadonlyMap<NodeId, KnownDisk>;

export const peerDisksName = 'peers.json';

export const readPeerDisks = (files: Files, directory: string): Promise<PeerDisks> =>
  readChecked(files, directory, peerDisksName, peerDisksIn, format);

export const writePeerDisks = (files: Files, directory: string, disks: PeerDisks): Promise<void> =>
  replaceFile(files, directory, peerDisksName, format(disks));

function format(disks: PeerDisks): string {
  const peers = [...disks].sort(([a], [b]) => a - b);
  return checkedLine({
    peers: peers.map(([id, { logId, start, run }]) => ({ id, logId, start, run })),
  });
}

function peerDisksIn({ peers }: Partial<Record<string, unknown>>): PeerDisks | string {
  if (!Array.isArray(peers)) return 'peers are missing';
  const disks = new Map<NodeId, KnownDisk>();
  for (const peer of peers) {
    const { id, logId, start, run } = (peer ?? {}) as Partial<Record<string, unknown>>;
    const isWhole = typeof id === 'number' && typeof logId === 'string' && typeof run === 'string';
    if (!isWhole || typeof start !== 'number') return 'a peer lacks its id, logId, start or run';
    disks.set(id, { logId, start, run });
  }
  return disks;
}
