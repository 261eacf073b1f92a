import { basename, join, resolve } from 'node:path';
import type { KnownDisk } from '../../../ports/disk.ts';
import type { SnapshotInfo } from '../../../ports/snapshot-store.ts';
import type { EntryKind, LogIndex, NodeId, Term } from '../../../raft/types.ts';
import { Damaged } from '../checked-file.ts';
import { type Files, nodeFiles } from '../files.ts';
import { type Account, readAccount } from './account.ts';
import {
  decodeHeader,
  firstRecordOffset,
  saltOf,
  sectorBytes,
  segmentName,
  segmentNumberOf,
} from './format.ts';
import { type Identity, identityName, readIdentity } from './identity.ts';
import { readPeerDisks } from './peer-disks.ts';
import {
  decodeFields,
  entryKindOf,
  payloadBytesOf,
  RecordFlag,
  RecordType,
  soundRecordBytes,
} from './record.ts';
import { type Segment, SegmentReader } from './segment-reader.ts';
import { type SegmentScan, scanSegment } from './segment-scan.ts';
import { readTable } from './snapshot-file.ts';
import { snapshotFileName, snapshotIndexOf } from './snapshot-format.ts';
import { done } from './stretches.ts';

/** A part of a data directory. Files are named without it. */
export type Inspected =
  | ({ readonly type: 'identity'; readonly file: string; readonly format: number } & Identity)
  | ({ readonly type: 'disk' } & Account)
  | { readonly type: 'peers'; readonly peers: readonly ({ readonly id: NodeId } & KnownDisk)[] }
  | { readonly type: 'snapshot'; readonly file: string; readonly info: SnapshotInfo; readonly chunks: number }
  | InspectedSegment
  | InspectedRecord
  | { readonly type: 'damage'; readonly file: string; readonly offset: number; readonly fault: string };

/** It comes after its records. */
export interface InspectedSegment extends SegmentScan {
  readonly type: 'segment';
  readonly file: string;
  readonly number: number;
  readonly sizeBytes: number;
  /** `dropped`: a snapshot covers all of it, and it goes at the next start. `prepared`: nothing was ever written to it. */
  readonly use: 'dropped' | 'used' | 'prepared';
  readonly records: number;
  /** As they stand in the file: some may replace others. */
  readonly entries: { readonly count: number; readonly first: LogIndex; readonly last: LogIndex } | null;
}

export interface InspectedRecord {
  readonly type: 'record';
  readonly file: string;
  readonly offset: number;
  readonly kind: EntryKind | 'hardState' | 'segmentStart' | 'logStart' | 'unknown';
  /** As in docs/storage.md, A record: an entry's, or that of something else. */
  readonly index: number;
  readonly term: Term;
  readonly payloadBytes: number;
  readonly sizeBytes: number;
  readonly followsSync: boolean;
  readonly endsWrite: boolean;
  /** False: its write was never finished, and did not happen. */
  readonly isComplete: boolean;
}

export interface InspectOptions {
  /** Which records are told one by one: all, the entries of a range, or none. Default: all. */
  readonly records?: 'all' | { readonly from: LogIndex; readonly to: LogIndex } | null;
}

/**
 * Tells what is in a data directory, file by file, and changes nothing: a node may be running on it. What its node is writing just then looks torn, and what goes meanwhile is not told.
 * Rejects with the system's error.
 */
export async function* inspectWal(
  path: string,
  { records = 'all' }: InspectOptions = {},
  files: Files = nodeFiles,
): AsyncGenerator<Inspected, void> {
  const directory = resolve(path);
  const read = async <Value>(value: Promise<Value>): Promise<Value | DamageTold> =>
    value.catch((error: unknown) => {
      if (error instanceof Damaged) return told(error);
      throw error;
    });
  const identity = await read(readIdentity(files, directory, null));
  if ('type' in identity) yield identity;
  const format = 'type' in identity || 'members' in identity ? 2 : 1;
  if (!('type' in identity)) {
    yield { type: 'identity', file: identityName, format, members: null, ...identity };
  }
  let account: Account | null = null;
  if (format > 1) {
    const found = await read(readAccount(files, directory));
    if ('type' in found) yield found;
    else {
      account = found;
      yield { type: 'disk', ...found };
    }
    const peers = await read(readPeerDisks(files, directory));
    if ('type' in peers) yield peers;
    else yield { type: 'peers', peers: [...peers].map(([id, known]) => ({ id, ...known })) };
  }
  const names = (await files.list(directory)).toSorted();
  const logId = 'type' in identity ? await logIdIn(files, directory, names) : identity.logId;
  if (logId === null) return;
  for (const index of names.map(snapshotIndexOf).filter((index) => index !== null)) {
    const file = snapshotFileName(index);
    const table = await unlessGone(read(readTable(files, join(directory, file), logId)));
    if (table === null) continue;
    if ('type' in table) yield table;
    else yield { type: 'snapshot', file, info: table.info, chunks: table.chunks.length };
  }
  const reader = new SegmentReader(files, directory, logId);
  for (const number of names.map(segmentNumberOf).filter((number) => number !== null)) {
    const segment = await unlessGone(read(reader.read(number, null)));
    if (segment === null) continue;
    if ('type' in segment) {
      yield segment;
      continue;
    }
    const scan = await done(scanSegment(segment.bytes, saltOf(segment.header)), null);
    yield* segmentParts(segment, scan, account, records);
  }
}

type DamageTold = Extract<Inspected, { readonly type: 'damage' }>;

const told = ({ path, offset, fault }: Damaged): DamageTold => ({
  type: 'damage',
  file: basename(path),
  offset,
  fault,
});

/** Null: the file has gone since the directory was listed, as a node removes what it needs no more. */
const unlessGone = <Value>(value: Promise<Value>): Promise<Value | null> =>
  value.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

/** That of the first segment which says it; null: none does. */
const logIdIn = async (files: Files, directory: string, names: readonly string[]): Promise<string | null> => {
  for (const number of names.map(segmentNumberOf).filter((each) => each !== null)) {
    const file = await files.open(join(directory, segmentName(number)), 'read');
    const bytes = Buffer.alloc(sectorBytes);
    const header = decodeHeader(bytes.subarray(0, files.readSync(file, bytes, 0)));
    files.close(file);
    if (typeof header !== 'string') return header.logId;
  }
  return null;
};

function* segmentParts(
  { path, header, bytes }: Segment,
  scan: SegmentScan,
  account: Account | null,
  records: Required<InspectOptions>['records'],
): Generator<Inspected, void> {
  const file = basename(path);
  const salt = saltOf(header);
  let count = 0;
  let entries: InspectedSegment['entries'] = null;
  for (let offset = firstRecordOffset; ; ) {
    const sizeBytes = soundRecordBytes(bytes, offset, offset, salt);
    if (sizeBytes === 0) break;
    const { type, flags, index, term } = decodeFields(bytes, offset);
    count += 1;
    const isEntry = entryKindOf(type) !== undefined;
    if (isEntry) entries = withEntry(entries, index);
    const isInRange = (range: { readonly from: LogIndex; readonly to: LogIndex }) =>
      isEntry && index >= range.from && index <= range.to;
    if (records === 'all' || (records !== null && isInRange(records))) {
      yield {
        type: 'record',
        file,
        offset,
        kind: kindOf(type),
        index,
        term,
        payloadBytes: payloadBytesOf(bytes, offset),
        sizeBytes,
        followsSync: (flags & RecordFlag.followsSync) !== 0,
        endsWrite: (flags & RecordFlag.endsWrite) !== 0,
        isComplete: offset < scan.end,
      };
    }
    offset += sizeBytes;
  }
  const { number, sizeBytes } = header;
  const isPrepared = count === 0 && (account === null ? number > 1 : number > account.lastSegment);
  const isDropped = account !== null && number < account.firstSegment;
  const use = isPrepared ? 'prepared' : isDropped ? 'dropped' : 'used';
  yield { type: 'segment', file, number, sizeBytes, use, records: count, entries, ...scan };
}

const withEntry = (entries: InspectedSegment['entries'], index: LogIndex): InspectedSegment['entries'] => {
  if (entries === null) return { count: 1, first: index, last: index };
  const { count, first, last } = entries;
  return { count: count + 1, first: Math.min(first, index), last: Math.max(last, index) };
};

const kinds = Object.fromEntries(Object.entries(RecordType).map(([name, type]) => [type, name])) as Readonly<
  Record<number, keyof typeof RecordType>
>;

const kindOf = (type: number): InspectedRecord['kind'] => kinds[type] ?? 'unknown';
