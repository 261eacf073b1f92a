import { join, resolve } from 'node:path';
import { type Member, maxRuns } from '../../../ports/disk.ts';
import type { Log } from '../../../ports/log.ts';
import type { Storage } from '../../../ports/storage.ts';
import { assert } from '../../../raft/assert.ts';
import type { NodeId } from '../../../raft/types.ts';
import { damaged } from '../checked-file.ts';
import { claimDirectory } from '../claim-directory.ts';
import type { StoredFiles } from '../disk-usage.ts';
import { type Files, nodeFiles } from '../files.ts';
import { namesIn, refusalOf } from '../refusal.ts';
import { type Account, accountName, readAccount, writeAccount } from './account.ts';
import { defaultSegmentSizeBytes, sectorBytes, segmentName, segmentNumberOf } from './format.ts';
import {
  type Identity,
  type IdentityOfFormat1,
  identityName,
  needsMembers,
  newLogId,
  newRunTag,
  readIdentity,
} from './identity.ts';
import { peerDisksName, readPeerDisks, writePeerDisks } from './peer-disks.ts';
import { type RecoveredLog, recoverLog } from './recovery.ts';
import { endOfNonZero } from './segment-scan.ts';
import { createFirstSegment, firstAccount, setUp, startRecordEnd } from './set-up.ts';
import { incomingName, snapshotIndexOf } from './snapshot-format.ts';
import { openSnapshots } from './snapshots.ts';
import type { WhileReading } from './stretches.ts';
import { Wal } from './wal.ts';
import { WalDisk } from './wal-disk.ts';

export interface WalOptions {
  /** Created, with its parents, if missing. */
  readonly directory: string;
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly log: Log;
  /**
   * The members of the cluster, this node included. Recorded as configuration 0 when the directory is set up, or taken over from
   * format 1, which needs them; afterwards they mean nothing here. Default: not recorded.
   */
  readonly members?: readonly Member[];
  /** Whether somebody named `members`, and they are not only a default: a directory of format 1 does not take that. Default true. */
  readonly areMembersNamed?: boolean;
  /** Size of segments created from now on: a multiple of 4096 from 8192 on, at most 1 GiB. Default 8 MiB. */
  readonly segmentSizeBytes?: number;
  /** Identifies a log that is being set up: 16 bytes in hexadecimal. Random by default. */
  readonly logId?: string;
  /** The tag of this run: 4 bytes in hexadecimal. Random by default. */
  readonly run?: string;
  /** Bound on the entries kept in memory besides those not synced yet. Default 4 MiB. */
  readonly cacheBytes?: number;
  /** Size of the chunks that snapshots are read and sent in: at most 512 KiB, the default. */
  readonly snapshotChunkBytes?: number;
  /**
   * Called while the log is read, every few milliseconds, with how far that has come, from 0 to 1. It reads on once this resolves, so that everything else gets its turn;
   * a rejection ends the opening with the same error. Default: it reads on without a pause.
   */
  readonly whileReading?: WhileReading;
}

/**
 * Opens the write-ahead log of one node, or sets it up in an empty directory. The format is in docs/storage.md.
 *
 * Rejects with `StorageRefused`: `locked` if the directory is open elsewhere, in this process or another; `wrongOwner` if it is
 * another node's or cluster's; `otherFormat` if a newer program wrote it, or if it is of format 1 and nobody says who the members
 * are; `damaged` with file and offset; `unusable` if the system refuses (no permission, no space).
 */
export const openWal = async (options: WalOptions, files: Files = nodeFiles): Promise<Storage> => {
  const { segmentSizeBytes = defaultSegmentSizeBytes, cacheBytes = 4 * 1024 * 1024 } = options;
  const isSize = segmentSizeBytes % 4096 === 0 && segmentSizeBytes >= 8192 && segmentSizeBytes <= 2 ** 30;
  assert(isSize, 'segmentSizeBytes is a multiple of 4096 from 8192 to 2^30', segmentSizeBytes, null);
  const directory = resolve(options.directory);
  try {
    const release = await claimDirectory(files, directory);
    try {
      const identity = await identify(files, directory, options, segmentSizeBytes);
      const said = await readAccount(files, directory);
      const peers = await readPeerDisks(files, directory);
      const snapshots = await openSnapshots({
        files,
        directory,
        logId: identity.logId,
        log: options.log,
        chunkBytes: options.snapshotChunkBytes,
      });
      const recovered = await recoverLog(
        files,
        directory,
        identity.logId,
        said,
        snapshots.latest,
        options.whileReading ?? null,
      );
      const start = said.start + 1;
      const runs = [...said.runs, { start, tag: options.run ?? newRunTag() }].slice(-maxRuns);
      const account = { ...accountOf(recovered, said), start, runs };
      await writeAccount(files, directory, account);
      await removeSegments(files, directory, recovered.unused);
      const disk = new WalDisk({
        identity,
        account,
        peers,
        writeAccount: (next) => writeAccount(files, directory, next),
        writePeers: (next) => writePeerDisks(files, directory, next),
      });
      const { header, offset, hardState, index } = recovered;
      options.log.info(
        {
          directory,
          term: hardState.currentTerm,
          index: index.lastIndex,
          base: index.baseIndex,
          segment: header.number,
          offset,
        },
        'log recovered',
      );
      const file = await files.open(join(directory, segmentName(header.number)), 'write');
      return new Wal({
        files,
        directory,
        log: options.log,
        recovered,
        disk,
        snapshots,
        file,
        release,
        segmentSizeBytes,
        cacheBytes,
      });
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    throw refusalOf(error, directory, options.nodeId);
  }
};

/** Segments that hold the log, and the one that is prepared; the newest snapshot, older ones that are still read, and what is being received. */
export const walFiles: StoredFiles = {
  isLog: (name) => segmentNumberOf(name) !== null,
  isSnapshot: (name) => snapshotIndexOf(name) !== null || name === incomingName,
};

/** Whether a node has been set up in `directory`. */
export const isSetUp = async (directory: string, files: Files = nodeFiles): Promise<boolean> =>
  (await namesIn(resolve(directory), files)).includes(identityName);

/** Reads whose log this is; sets up a directory that has none yet. */
async function identify(
  files: Files,
  directory: string,
  owner: Pick<WalOptions, 'nodeId' | 'clusterId' | 'logId' | 'members' | 'areMembersNamed' | 'whileReading'>,
  segmentSizeBytes: number,
): Promise<Identity> {
  const names = await files.list(directory);
  for (const name of names) {
    // Whatever was being created when the node stopped was not in use yet.
    if (name.endsWith('.tmp') && isOurs(name.slice(0, -'.tmp'.length)))
      await files.remove(join(directory, name));
  }
  const members = owner.members?.toSorted((a, b) => a.id - b.id) ?? null;
  if (names.includes(identityName)) {
    const found = await readIdentity(files, directory, owner);
    if ('members' in found) return found;
    if (members === null || owner.areMembersNamed === false) throw needsMembers(directory);
    return takeOver(files, directory, found, members, owner.whileReading ?? null);
  }

  if (names.includes(accountName) && (await readAccount(files, directory)).start > 0) {
    throw damaged(join(directory, identityName), 0, 'it is missing, but this node was started here before');
  }
  for (const name of names.filter((name) => segmentNumberOf(name) !== null)) {
    await removeUnusedSegment(files, directory, name);
  }
  const { nodeId, clusterId, logId = newLogId() } = owner;
  const identity = { nodeId, clusterId, logId, members };
  await createFirstSegment(files, directory, logId, segmentSizeBytes);
  await setUp(files, directory, identity, { ...firstAccount, start: 0, runs: [] });
  return identity;
}

/** Turns a directory of format 1 into one of today's. Until the identity is replaced, last of all, it is one of format 1. */
async function takeOver(
  files: Files,
  directory: string,
  found: IdentityOfFormat1,
  members: readonly Member[],
  whileReading: WhileReading | null,
): Promise<Identity> {
  const identity = { ...found, members };
  const recovered = await recoverLog(files, directory, identity.logId, null, null, whileReading);
  await setUp(files, directory, identity, {
    ...accountOf(recovered, firstAccount),
    start: 0,
    runs: [],
  });
  return identity;
}

/** What is in the directory now. */
function accountOf(
  { header, offset }: RecoveredLog,
  { firstSegment, base }: Pick<Account, 'firstSegment' | 'base'>,
): Omit<Account, 'start' | 'runs'> {
  const { number } = header;
  return { firstSegment, lastSegment: number, base, watermark: { segment: number, offset } };
}

async function removeSegments(files: Files, directory: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await files.remove(join(directory, segmentName(number)));
  if (numbers.length > 0) await files.syncDirectory(directory);
}

/** Set-up was interrupted, unless something was logged here: then the identity has been lost, and nobody knows whose log it is. */
async function removeUnusedSegment(files: Files, directory: string, name: string): Promise<void> {
  const path = join(directory, name);
  const file = await files.open(path, 'read');
  try {
    const bytes = Buffer.alloc(Math.min(files.sizeBytes(file), startRecordEnd + sectorBytes));
    files.readSync(file, bytes, 0);
    if (
      segmentNumberOf(name) !== 1 ||
      endOfNonZero(bytes, Math.min(startRecordEnd, bytes.length)) > startRecordEnd
    ) {
      throw damaged(join(directory, identityName), 0, `it is missing, but ${name} is not empty`);
    }
  } finally {
    files.close(file);
  }
  await files.remove(path);
}

function isOurs(name: string): boolean {
  return [identityName, accountName, peerDisksName].includes(name) || segmentNumberOf(name) !== null;
}
