import { constants } from 'node:buffer';
import { join, resolve } from 'node:path';
import type { Member } from '../../../ports/disk.ts';
import type { Log } from '../../../ports/log.ts';
import { type Storage, StorageRefused } from '../../../ports/storage.ts';
import type { NodeId } from '../../../raft/types.ts';
import { readText } from '../checked-file.ts';
import { claimDirectory } from '../claim-directory.ts';
import type { StoredFiles } from '../disk-usage.ts';
import { type Files, nodeFiles } from '../files.ts';
import { createMemoryDisk, openMemory } from '../memory.ts';
import { namesIn, refusalOf, refuseOtherOwner } from '../refusal.ts';
import { StateFile } from './state-file.ts';
import { type NodeState, parseState } from './state-text.ts';

export interface JsonOptions {
  /** Created, with its parents, if missing. The nodes of one machine may share it. */
  readonly directory: string;
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly log: Log;
  /** Configuration 0, this node included. Recorded when the file is made; afterwards they mean nothing here. Default: not recorded. */
  readonly members?: readonly Member[];
  /** Identifies a log that is being set up: 16 bytes in hexadecimal. Random by default. */
  readonly logId?: string;
  /** Size of the chunks of snapshots: at most 512 KiB, the default. */
  readonly snapshotChunkBytes?: number;
}

export const stateFileName = (nodeId: NodeId): string => `raft_state_${nodeId}.json`;

/**
 * Opens the state of one node, which is a single file to read, or makes it. For learning, and for small logs: the whole file is written
 * again with every change. The format is in docs/storage.md.
 *
 * Rejects with `StorageRefused`: `locked` if the file is open elsewhere, in this process or another; `wrongOwner` if it is another node's or
 * cluster's; `otherFormat` if a newer program wrote it; `damaged` if it is torn, was edited without care or holds what no node can have stored;
 * `unusable` if the system refuses (no permission, no space).
 */
export const openJson = async (options: JsonOptions, files: Files = nodeFiles): Promise<Storage> => {
  const { nodeId, log } = options;
  const directory = resolve(options.directory);
  const name = stateFileName(nodeId);
  try {
    const release = await claimDirectory(files, directory, name);
    try {
      const names = await files.list(directory);
      // Whatever was being written when the node stopped had not taken its place.
      if (names.includes(`${name}.tmp`)) await files.remove(join(directory, `${name}.tmp`));
      const state = names.includes(name) ? await readState(files, directory, options) : newState(options);
      const file = new StateFile({ files, directory, name, state, log });
      const storage = openMemory(state.disk, queueMicrotask, options.snapshotChunkBytes, file);
      // This start counts once it is durable.
      await file.write();
      const { hardState, lastIndex, baseIndex } = storage.recovered;
      log.info(
        { directory, file: name, term: hardState.currentTerm, index: lastIndex, base: baseIndex },
        'log recovered',
      );
      return {
        ...storage,
        close: (done) => {
          storage.close(() => {});
          file.close().then(() => {
            release();
            done();
          });
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    throw refusalOf(error, directory, nodeId);
  }
};

/** The log and the snapshot of a node are in one file, which counts as its log. */
export const jsonFiles = (nodeId: NodeId): StoredFiles => ({
  isLog: (name) => name === stateFileName(nodeId),
  isSnapshot: () => false,
});

/** Whether there is a state of node `nodeId` in `directory`. */
export const hasJsonState = async (
  directory: string,
  nodeId: NodeId,
  files: Files = nodeFiles,
): Promise<boolean> => (await namesIn(resolve(directory), files)).includes(stateFileName(nodeId));

const newState = ({ nodeId, clusterId, members, logId }: JsonOptions): NodeState => {
  const disk = createMemoryDisk(logId);
  const claim = { ...disk.claim, members: members?.toSorted((a, b) => a.id - b.id) ?? null };
  return { nodeId, clusterId, disk: { ...disk, claim } };
};

const readState = async (files: Files, directory: string, owner: JsonOptions): Promise<NodeState> => {
  const path = join(directory, stateFileName(owner.nodeId));
  const state = parseState(await readText(files, path, constants.MAX_STRING_LENGTH));
  if (typeof state === 'string') throw new StorageRefused('damaged', `${path}: ${state}`);
  if ('newerFormat' in state) {
    throw new StorageRefused(
      'otherFormat',
      `${path} has format ${state.newerFormat}, which a newer raftchart wrote: start that one`,
    );
  }
  refuseOtherOwner(path, state, owner);
  return state;
};
