/**
 * The write-ahead log beside a bare file on the same disk in the same run: `node bench/wal.ts [directory] [entries to recover]`.
 * Entries of 256 bytes; a durable commit is one append and one sync.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { openWal } from '../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../src/ports/log.ts';
import type { Storage } from '../src/ports/storage.ts';
import type { Entry } from '../src/raft/types.ts';

const directory = fs.mkdtempSync(join(process.argv[2] ?? '.', 'data-bench-wal-'));
const recoverCount = Number(process.argv[3] ?? 1_000_000);
const recordBytes = 296;
const hardState = { currentTerm: 1, votedFor: 1 };
const entry: Entry = { term: 1, kind: 'command', payload: new Uint8Array(256).fill(7) };

interface Row {
  readonly name: string;
  readonly 'p50 ms': string;
  readonly 'p99 ms': string;
  readonly 'records/s': number;
}

/** Commits `group` records `count` times, one commit after the other. */
const measure = async (
  name: string,
  count: number,
  group: number,
  commit: () => Promise<void>,
): Promise<Row> => {
  const millis: number[] = [];
  const began = performance.now();
  for (let i = 0; i < count; i += 1) {
    const from = performance.now();
    await commit();
    millis.push(performance.now() - from);
  }
  const seconds = (performance.now() - began) / 1000;
  millis.sort((a, b) => a - b);
  const at = (part: number) => millis[Math.floor(count * part)]!.toFixed(3);
  return { name, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'records/s': Math.round((count * group) / seconds) };
};

const synced = (storage: Storage) =>
  new Promise<void>((resolve, reject) => storage.sync((failure) => (failure ? reject(failure) : resolve())));

const walRow = async (group: number, count: number): Promise<Row> => {
  const path = join(directory, `wal-${group}`);
  const storage = await openWal({ directory: path, nodeId: 1, clusterId: 'bench', log: silentLog });
  let lastIndex = 0;
  const row = await measure(`write-ahead log, groups of ${group}`, count, group, () => {
    for (let i = 0; i < group; i += 1)
      storage.append({ hardState, firstIndex: ++lastIndex, entries: [entry] });
    return synced(storage);
  });
  await new Promise<void>((resolve) => storage.close(resolve));
  return row;
};

/** A preallocated file, so that a sync has no metadata to write; started over at its end. */
const rawRow = async (
  name: string,
  group: number,
  count: number,
  commit: (file: number, bytes: Buffer, position: number) => Promise<void> | void,
): Promise<Row> => {
  const path = join(directory, 'raw');
  const sizeBytes = 16 * 1024 * 1024;
  fs.writeFileSync(path, Buffer.alloc(sizeBytes), { flush: true });
  const file = fs.openSync(path, 'r+');
  const bytes = Buffer.alloc(recordBytes * group, 7);
  let position = 0;
  const row = await measure(`${name}, groups of ${group}`, count, group, async () => {
    await commit(file, bytes, position);
    position = position + bytes.length * 2 > sizeBytes ? 0 : position + bytes.length;
  });
  fs.closeSync(file);
  return row;
};

const syncCommit = (file: number, bytes: Buffer, position: number): void => {
  fs.writeSync(file, bytes, 0, bytes.length, position);
  fs.fdatasyncSync(file);
};

const asyncCommit = (file: number, bytes: Buffer, position: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fs.write(file, bytes, 0, bytes.length, position, (error) => {
      if (error) reject(error);
      else fs.fdatasync(file, (failure) => (failure ? reject(failure) : resolve()));
    });
  });

const recoverRow = async (): Promise<string> => {
  const options = { directory: join(directory, 'recover'), nodeId: 1, clusterId: 'bench', log: silentLog };
  const storage = await openWal(options);
  const entries = Array.from({ length: 1000 }, () => entry);
  for (let first = 1; first <= recoverCount; first += entries.length) {
    storage.append({ hardState, firstIndex: first, entries });
    await synced(storage);
  }
  await new Promise<void>((resolve) => storage.close(resolve));
  const began = performance.now();
  const recovered = await openWal(options);
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  const { lastIndex } = recovered.recovered;
  const beganReading = performance.now();
  for (let index = 1; index <= lastIndex; ) index += recovered.read(index, lastIndex, 256 * 1024).length;
  const readSeconds = ((performance.now() - beganReading) / 1000).toFixed(2);
  await new Promise<void>((resolve) => recovered.close(resolve));
  const rss = Math.round(process.memoryUsage().rss / 1e6);
  return `${lastIndex} entries: recovered in ${seconds} s, read back in ${readSeconds} s; resident size afterwards ${rss} MB`;
};

try {
  const rows: Row[] = [];
  for (const [group, count] of [
    [1, 5000],
    [64, 2000],
  ] as const) {
    rows.push(await rawRow('writeSync + fdatasyncSync (blocks)', group, count, syncCommit));
    rows.push(await rawRow('write + fdatasync', group, count, asyncCommit));
    rows.push(await walRow(group, count));
  }
  console.table(rows);
  console.log(await recoverRow());
} finally {
  fs.rmSync(directory, { recursive: true });
}
