import { basename } from 'node:path';
import { Damaged } from '../../adapters/storage/checked-file.ts';
import type { Rehearsal } from '../../adapters/storage/wal/rehearsal.ts';
import { rehearseWal } from '../../adapters/storage/wal/rehearse-wal.ts';
import { snapshotFileName, snapshotHeadBytes } from '../../adapters/storage/wal/snapshot-format.ts';
import { restoredConfiguration } from '../../node/restored-log.ts';
import { SnapshotRefused } from '../../ports/snapshot-store.ts';
import { type Recovered, type Storage, StorageRefused } from '../../ports/storage.ts';
import type { Configuration } from '../../raft/configuration.ts';

/** Where a data directory is damaged; the file is named without the directory. */
export interface Damage {
  readonly file: string;
  readonly offset: number;
  readonly fault: string;
}

/** What a node would make of its data directory. */
export type Examined =
  | { readonly type: 'sound'; readonly recovered: Recovered; readonly configuration: Configuration | null }
  | ({ readonly type: 'damaged' } & Damage)
  /** It would not start for another reason. One line. */
  | { readonly type: 'refused'; readonly reason: string };

/** Opens the directory as its node would, reads the whole snapshot as well, and changes nothing. `files`: as in `rehearseWal`. */
export const examineDirectory = async (directory: string, files?: Rehearsal): Promise<Examined> => {
  let storage: Storage;
  try {
    ({ storage } = await rehearseWal(directory, files));
  } catch (error) {
    if (!(error instanceof StorageRefused)) throw error;
    const { cause } = error;
    const damage = error instanceof Damaged ? error : cause instanceof Damaged ? cause : null;
    if (damage === null) return { type: 'refused', reason: error.message };
    return { type: 'damaged', file: basename(damage.path), offset: damage.offset, fault: damage.fault };
  }
  try {
    const damage = damageInSnapshot(storage);
    if (damage !== null) return { type: 'damaged', ...damage };
    const { recovered } = storage;
    return { type: 'sound', recovered, configuration: restoredConfiguration(storage) };
  } finally {
    await new Promise<void>((resolve) => storage.close(resolve));
  }
};

/** What a node notices only when it restores the snapshot. */
const damageInSnapshot = (storage: Storage): Damage | null => {
  const reader = storage.snapshots.read();
  if (reader === null) return null;
  let offset = 0;
  try {
    while (offset < reader.info.sizeBytes) offset += reader.chunkAt(offset).bytes.length;
    return null;
  } catch (error) {
    if (!(error instanceof SnapshotRefused)) throw error;
    return {
      file: snapshotFileName(reader.info.index),
      offset: snapshotHeadBytes + offset,
      fault: 'a chunk does not match its checksum',
    };
  } finally {
    reader.release();
  }
};
