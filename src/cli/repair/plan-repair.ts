import { join, resolve } from 'node:path';
import { type Files, nodeFiles } from '../../adapters/storage/files.ts';
import { firstRecordOffset, saltOf, segmentNumberOf } from '../../adapters/storage/wal/format.ts';
import { type Inspected, type InspectedRecord, inspectWal } from '../../adapters/storage/wal/inspect-wal.ts';
import { soundRecordBytes } from '../../adapters/storage/wal/record.ts';
import { Rehearsal } from '../../adapters/storage/wal/rehearsal.ts';
import { zeroFill } from '../../adapters/storage/wal/segments.ts';
import type { LogIndex, NodeId } from '../../raft/types.ts';
import { type Damage, type Examined, examineDirectory } from '../inspect-log/examine-directory.ts';

/** What is taken out of a data directory, of which it is certain that no acknowledgement covered it. */
export type Cut =
  | {
      readonly type: 'zeros';
      readonly file: string;
      readonly from: number;
      readonly to: number;
      /** Of a torn write, the entries of it that are whole. */
      readonly why: 'torn' | 'beyondEnd';
      readonly entries: readonly LogIndex[];
    }
  | { readonly type: 'removal'; readonly file: string };

export type RepairPlan =
  | { readonly type: 'sound' }
  | { readonly type: 'cuts'; readonly cuts: readonly Cut[] }
  /** Acknowledged entries may be damaged. `node`: whose directory it is; null: that cannot be read. */
  | { readonly type: 'refused'; readonly reasons: readonly string[]; readonly node: NodeId | null };

/**
 * What can be cut so that the node starts, and nothing that it acknowledged is lost:
 *
 * - The tail of the last segment, if it is torn beyond doubt. A sync is answered when all of it is on the disk, so one that lacks a piece never was, and nothing was written after it.
 * - What stands after the last record of a segment that is followed by another: the start of that one repeats where the records end.
 * - A segment that `disk.json` does not count: it does so before the first record is written.
 *
 * Whatever else is damaged may have been acknowledged. The plan is tried out on a rehearsal: only what the node would then start from is proposed.
 */
export const planRepair = async (path: string, files: Files = nodeFiles): Promise<RepairPlan> => {
  const directory = resolve(path);
  const parts: Inspected[] = [];
  for await (const part of inspectWal(directory, { records: 'all' }, files)) {
    // Of the records, only those count that may go.
    if (part.type !== 'record' || !part.isComplete) parts.push(part);
  }
  const identity = parts.find((part) => part.type === 'identity') ?? null;
  const account = parts.find((part) => part.type === 'disk') ?? null;
  const node = identity?.nodeId ?? null;
  const refused = (...reasons: readonly string[]): RepairPlan => ({ type: 'refused', reasons, node });
  const rehearsal = new Rehearsal(files);
  const cuts: Cut[] = [];
  if (identity !== null && account !== null) {
    const used = parts.filter((part) => part.type === 'segment' && part.use === 'used' && part.records > 0);
    const last = used.at(-1);
    if (last?.type === 'segment' && last.tail.kind === 'torn' && !last.tail.isCertain) {
      return refused(
        `${last.file} at offset ${last.tail.offset}: a record that is whole but for a sector of zeros, which may be its own: it may have been acknowledged`,
      );
    }
    for (const part of parts) {
      const cut = cutOf(part, parts, account.lastSegment);
      if (cut === null) continue;
      if (cut.type === 'removal' && (await holdsRecords(directory, cut.file, identity.logId, files)))
        continue;
      await carryOut([cut], directory, rehearsal);
      cuts.push(cut);
    }
  }
  const examined = await examineDirectory(directory, rehearsal);
  if (examined.type !== 'sound') return refused(...reasonsIn(parts, examined));
  const torn = [...rehearsal.changes].flatMap(([changed, patches]): readonly Cut[] => {
    const file = changed.slice(directory.length + 1);
    if (cuts.some((cut) => cut.file === file)) return [];
    const from = Math.min(...patches.map(({ position }) => position));
    const to = Math.max(...patches.map(({ position, bytes }) => position + bytes.length));
    const entries = parts.flatMap((part) =>
      part.type === 'record' && part.file === file && isEntry(part) ? [part.index] : [],
    );
    return [{ type: 'zeros', file, from, to, why: 'torn', entries }];
  });
  const all = [...cuts, ...torn];
  return all.length === 0 ? { type: 'sound' } : { type: 'cuts', cuts: all };
};

/** Carries out `cuts`, durably. Rejects with the system's error. */
export const carryOut = async (
  cuts: readonly Cut[],
  path: string,
  files: Files = nodeFiles,
): Promise<void> => {
  const directory = resolve(path);
  for (const cut of cuts) {
    const target = join(directory, cut.file);
    if (cut.type === 'removal') {
      await files.remove(target);
      await files.syncDirectory(directory);
      continue;
    }
    const file = await files.open(target, 'write');
    await zeroFill(files, file, cut.from, cut.to).finally(() => files.close(file));
  }
};

const cutOf = (part: Inspected, parts: readonly Inspected[], lastSegment: number): Cut | null => {
  if (part.type === 'damage') {
    return segmentNumberOf(part.file) === lastSegment + 1 ? { type: 'removal', file: part.file } : null;
  }
  if (part.type !== 'segment' || part.tail.kind === 'clean') return null;
  const { file, number, use, end, sizeBytes } = part;
  if (use === 'prepared') return number === lastSegment + 1 ? { type: 'removal', file } : null;
  const follows = parts.some(
    (other) => other.type === 'segment' && other.number === number + 1 && other.records > 0,
  );
  if (use !== 'used' || number >= lastSegment || !follows) return null;
  return { type: 'zeros', file, from: end, to: sizeBytes, why: 'beyondEnd', entries: [] };
};

/** Whether there is a record anywhere in a segment that should be empty. */
const holdsRecords = async (
  directory: string,
  file: string,
  logId: string,
  files: Files,
): Promise<boolean> => {
  const handle = await files.open(join(directory, file), 'read');
  try {
    const bytes = Buffer.alloc(files.sizeBytes(handle));
    files.readSync(handle, bytes, 0);
    const salt = saltOf({ logId, number: segmentNumberOf(file)! });
    for (let offset = firstRecordOffset; offset < bytes.length; offset += 8) {
      if (soundRecordBytes(bytes, offset, offset, salt) > 0) return true;
    }
    return false;
  } finally {
    files.close(handle);
  }
};

const isEntry = ({ kind }: InspectedRecord): boolean =>
  kind === 'noop' || kind === 'command' || kind === 'configuration';

/** Each damage that was seen, and why the node would not start. */
const reasonsIn = (
  parts: readonly Inspected[],
  examined: Exclude<Examined, { type: 'sound' }>,
): readonly string[] => {
  const placeOf = ({ file, offset }: Damage): string => `${file} at offset ${offset}: `;
  const words = (damage: Damage): string => `${placeOf(damage)}${damage.fault}`;
  const seen = parts.flatMap((part) => {
    if (part.type === 'damage') return [words(part)];
    if (part.type !== 'segment' || part.tail.kind !== 'damaged') return [];
    return [words({ file: part.file, offset: part.tail.offset, fault: part.tail.reason })];
  });
  const reason = examined.type === 'damaged' ? words(examined) : examined.reason;
  // One place is told once, whatever it is called.
  const isTold = examined.type === 'damaged' && seen.some((told) => told.startsWith(placeOf(examined)));
  return isTold ? seen : [...seen, reason];
};
