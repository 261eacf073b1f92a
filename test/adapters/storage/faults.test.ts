import { afterEach, describe, expect, test, vi } from 'vitest';
import { segmentName } from '../../../src/adapters/storage/wal/format.ts';
import { maxPayloadBytes } from '../../../src/adapters/storage/wal/log-tail.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { type Log, silentLog } from '../../../src/ports/log.ts';
import { type Storage, StorageFailed } from '../../../src/ports/storage.ts';
import { FakeDisk, imageAfterPowerLoss, systemError } from './fake-disk.ts';
import { closed, command, contentsOf, contentsText, synced } from './writes.ts';

const hardState = { currentTerm: 1, votedFor: null };
const options = {
  directory: '/data',
  nodeId: 1,
  clusterId: 'test',
  segmentSizeBytes: 8192,
  cacheBytes: 0,
  log: silentLog,
};
const appendOne = (storage: Storage, index: number, text = `entry ${index}`) =>
  storage.append({ hardState, firstIndex: index, entries: [command(1, text)] });

/** A log on a disk that has no room for another segment, filled so far that the next one is wanted ahead of need. */
const withoutRoom = async () => {
  const disk = new FakeDisk();
  const told: string[] = [];
  const tell = (_: unknown, message: string) => told.push(message);
  const storage = await openWal({ ...options, log: { ...silentLog, warn: tell, info: tell } }, disk);
  told.length = 0;
  const segments = new Set(disk.contents.keys());
  disk.fail = (operation) =>
    operation.kind === 'write' && !segments.has(operation.file)
      ? systemError('ENOSPC', 'write', 'segment')
      : null;
  let index = 0;
  const fill = async (entries: number) => {
    for (let more = 0; more < entries; more += 1) {
      index += 1;
      appendOne(storage, index, 'x'.repeat(1000));
      expect(await synced(storage)).toBeNull();
    }
  };
  await fill(5);
  await new Promise((resolve) => setImmediate(resolve));
  return { disk, storage, told, fill };
};
const unmade =
  'the next segment of the log cannot be made; it is tried again, and the node goes on until it needs it';
const made = 'the next segment of the log could be made after all';

describe('the write-ahead log on a disk that is full for a moment', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('makes the next segment as soon as there is room: nothing fails, and it is told once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { disk, storage, told, fill } = await withoutRoom();
    await vi.advanceTimersByTimeAsync(3500);
    expect(told).toEqual([unmade]);
    disk.fail = () => null;
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual([unmade, made]);
    expect([...disk.names.keys()]).toContain(`/data/${segmentName(2)}`);
    await fill(5);
    await closed(storage);
    expect(disk.openFileCount).toBe(0);
    const reopened = await openWal(options, new FakeDisk(disk));
    expect(reopened.recovered.lastIndex).toBe(10);
    await closed(reopened);
  });

  test('makes it at the latest when it needs it, and leaves nothing behind of what failed', async () => {
    const { disk, storage, told, fill } = await withoutRoom();
    expect(told).toEqual([unmade]);
    expect([...disk.names.keys()].filter((name) => name.endsWith('.tmp'))).toEqual([]);
    disk.fail = () => null;
    await fill(5);
    await closed(storage);
    expect(disk.openFileCount).toBe(0);
  });

  test('closes while it waits to try again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { disk, storage } = await withoutRoom();
    await closed(storage);
    expect(vi.getTimerCount()).toBe(0);
    expect(disk.openFileCount).toBe(0);
  });
});

describe('the write-ahead log on a failing disk', () => {
  for (const kind of ['write', 'sync'] as const) {
    test(`stays failed when one ${kind} failed and the next would succeed (known bug 25)`, async () => {
      const disk = new FakeDisk();
      const errors: string[] = [];
      const log: Log = { ...silentLog, error: (fields) => errors.push(String(fields.error)) };
      const storage = await openWal({ ...options, log }, disk);
      appendOne(storage, 1);
      expect(await synced(storage)).toBeNull();

      disk.fail = (operation) => (operation.kind === kind ? systemError('EIO', kind, 'segment') : null);
      appendOne(storage, 2);
      const failure = await synced(storage);
      expect(failure).toBeInstanceOf(StorageFailed);
      expect(failure?.message).toMatch(/cannot write segment 1 at offset \d+: EIO/);
      expect(errors).toEqual([failure?.message]);

      disk.fail = () => null;
      const operations = disk.operations.length;
      appendOne(storage, 3);
      expect(await synced(storage)).toBe(failure);
      expect(await synced(storage)).toBe(failure);
      expect(disk.operations.length, 'nothing is written any more').toBe(operations);
      expect(storage.read(1, 3, 1000)).toHaveLength(3);
      await closed(storage);
      expect(disk.openFileCount).toBe(0);

      const lost = imageAfterPowerLoss(
        { names: new Map(), contents: new Map() },
        disk.operations,
        operations,
        'nothing',
        Math.random,
      );
      const reopened = await openWal(options, new FakeDisk(lost));
      expect(contentsOf(reopened)).toBe(contentsText(hardState, [command(1, 'entry 1')]));
      await closed(reopened);
    });
  }

  test('fails when the next segment cannot be made, and not before it is needed', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    const segments = new Set(disk.contents.keys());
    disk.fail = (operation) =>
      operation.kind === 'write' && !segments.has(operation.file)
        ? systemError('ENOSPC', 'write', 'segment')
        : null;
    let failure: StorageFailed | null = null;
    let index = 0;
    while (failure === null && index < 20) {
      index += 1;
      appendOne(storage, index, 'x'.repeat(1000));
      failure = await synced(storage);
    }
    expect(index).toBe(8);
    expect(failure?.message).toMatch(/cannot make segment 2: ENOSPC/);
    await closed(storage);
    expect(disk.openFileCount).toBe(0);

    disk.fail = () => null;
    const reopened = await openWal(options, new FakeDisk(disk));
    expect(reopened.recovered.lastIndex).toBe(7);
    await closed(reopened);
  });

  test('a write whose sync is in flight is not acknowledged by an earlier answer', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    appendOne(storage, 1);
    const first = synced(storage);
    appendOne(storage, 2);
    disk.fail = ({ kind }) => (kind === 'sync' ? systemError('EIO', 'fdatasync', 'segment') : null);
    expect(await first).toBeInstanceOf(StorageFailed);
    expect(await synced(storage)).toBeInstanceOf(StorageFailed);
    await closed(storage);
  });

  test('reads its own records back and fails when they have changed', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    for (let index = 1; index <= 5; index += 1) appendOne(storage, index);
    expect(await synced(storage)).toBeNull();
    expect(storage.read(1, 5, 1000).map(({ payload }) => String(payload))).toEqual(
      [1, 2, 3, 4, 5].map((index) => `entry ${index}`),
    );
    const file = disk.names.get(`/data/${segmentName(1)}`)!;
    const bytes = Buffer.from(disk.contents.get(file)!);
    bytes[bytes.indexOf('entry 3')]! ^= 1;
    disk.contents.set(file, bytes);
    expect(storage.read(1, 2, 1000)).toHaveLength(2);
    expect(() => storage.read(1, 5, 1000)).toThrow(
      expect.objectContaining({
        name: 'StorageFailed',
        message: expect.stringMatching(/offset \d+ does not give back entry 3/),
      }),
    );
    appendOne(storage, 6);
    expect(await synced(storage), 'poisoned').toBeInstanceOf(StorageFailed);
    await closed(storage);
  });

  test('a replaced entry is never read, from memory or disk', async () => {
    for (const cacheBytes of [0, 300, 1_000_000]) {
      const storage = await openWal({ ...options, cacheBytes }, new FakeDisk());
      for (let index = 1; index <= 20; index += 1) appendOne(storage, index);
      expect(await synced(storage)).toBeNull();
      storage.append({
        hardState: { currentTerm: 2, votedFor: 1 },
        firstIndex: 5,
        entries: [command(2, 'new 5')],
      });
      for (const _ of ['unsynced', 'synced']) {
        const [fourth, fifth] = storage.read(4, 5, 1000);
        expect([String(fourth?.payload), String(fifth?.payload)]).toEqual(['entry 4', 'new 5']);
        expect(() => storage.read(5, 6, 1000)).toThrow(/present/);
        expect(await synced(storage)).toBeNull();
      }
      await closed(storage);
    }
  });

  test('an entry that is not synced yet is read from memory, however small the cache', async () => {
    const storage = await openWal(options, new FakeDisk());
    appendOne(storage, 1);
    const first = synced(storage);
    appendOne(storage, 2);
    expect(await first).toBeNull();
    expect(storage.read(1, 2, 1000).map(({ payload }) => String(payload))).toEqual(['entry 1', 'entry 2']);
    await closed(storage);
  });

  test('a write larger than a segment is cut between entries; an entry that fits into none is our own bug', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    const limit = maxPayloadBytes(options.segmentSizeBytes);
    const entries = [1, 2, 3, 4].map((n) => command(1, String(n).repeat(limit)));
    storage.append({ hardState, firstIndex: 1, entries });
    expect(await synced(storage)).toBeNull();
    expect(storage.read(1, 4, 1_000_000)).toEqual(entries);
    expect(() => appendOne(storage, 5, 'x'.repeat(limit + 1))).toThrow(/a payload fits into a segment/);
    await closed(storage);
    const reopened = await openWal(options, disk);
    expect(contentsOf(reopened)).toBe(contentsText(hardState, entries));
    await closed(reopened);

    for (let count = 0; count <= disk.operations.length; count += 1) {
      const image = imageAfterPowerLoss(
        { names: new Map(), contents: new Map() },
        disk.operations,
        count,
        'everything',
        Math.random,
      );
      const cut = await openWal(options, new FakeDisk(image));
      const { lastIndex } = cut.recovered;
      if (lastIndex > 0) expect(contentsOf(cut)).toBe(contentsText(hardState, entries.slice(0, lastIndex)));
      await closed(cut);
    }
  });
});
