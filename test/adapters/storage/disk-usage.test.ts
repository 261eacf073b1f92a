import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { diskUsage } from '../../../src/adapters/storage/disk-usage.ts';
import { jsonFiles, openJson } from '../../../src/adapters/storage/json/open-json.ts';
import { openWal, walFiles } from '../../../src/adapters/storage/wal/open-wal.ts';
import { incomingName } from '../../../src/adapters/storage/wal/snapshot-format.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { closed, command, synced } from './writes.ts';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'raftchart-usage-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

it('the usage of a data directory tells log and snapshots apart, and grows with them', async () => {
  const storage = await openWal({
    directory,
    nodeId: 1,
    clusterId: 'test',
    segmentSizeBytes: 8192,
    log: silentLog,
  });
  const before = await diskUsage(directory, walFiles);
  expect(before.snapshotBytes).toBe(0);
  expect(before.logBytes).toBeGreaterThan(0);
  const entries = Array.from({ length: 10 }, () => command(1, 'x'.repeat(2000)));
  storage.append({ hardState: { currentTerm: 1, votedFor: null }, firstIndex: 1, entries });
  await synced(storage);
  const data = new Uint8Array(100_000).map((_, at) => at);
  await storage.snapshots.save({ index: 5, term: 1, configuration: new Uint8Array() }, data);
  const after = await diskUsage(directory, walFiles);
  expect(after.logBytes).toBeGreaterThanOrEqual(before.logBytes + 10 * 2000);
  expect(after.logBytes).toBeLessThan(before.logBytes + 100_000);
  expect(after.snapshotBytes).toBeGreaterThanOrEqual(100_000);
  expect(after.snapshotBytes).toBeLessThan(200_000);
  fs.writeFileSync(join(directory, incomingName), data);
  const receiving = await diskUsage(directory, walFiles);
  expect(receiving.snapshotBytes).toBeGreaterThanOrEqual(after.snapshotBytes + 100_000);
  expect(after.freeBytes).toBeGreaterThan(0);
  expect(after.totalBytes).toBeGreaterThan(after.freeBytes);
  await closed(storage);
});

it('the usage of a state as JSON is that of one node’s file, whoever else has one there', async () => {
  const stateOf = (nodeId: number) => openJson({ directory, nodeId, clusterId: 'test', log: silentLog });
  const storage = await stateOf(1);
  const other = await stateOf(2);
  const before = await diskUsage(directory, jsonFiles(1));
  expect(before.logBytes).toBeGreaterThan(0);
  storage.append({
    hardState: { currentTerm: 1, votedFor: null },
    firstIndex: 1,
    entries: [command(1, 'x'.repeat(20_000))],
  });
  await synced(storage);
  const after = await diskUsage(directory, jsonFiles(1));
  expect(after.logBytes).toBeGreaterThanOrEqual(20_000);
  expect(after.snapshotBytes).toBe(0);
  expect((await diskUsage(directory, jsonFiles(2))).logBytes).toBe(before.logBytes);
  await closed(storage);
  await closed(other);
});

it('the usage of a directory that is not there rejects with the system’s error', async () => {
  await expect(diskUsage(join(directory, 'none'), walFiles)).rejects.toMatchObject({ code: 'ENOENT' });
});
