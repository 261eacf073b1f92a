import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../src/adapters/storage/crc32.ts';
import { type Files, nodeFiles } from '../../../src/adapters/storage/files.ts';
import { openJson } from '../../../src/adapters/storage/json/open-json.ts';
import { MemorySnapshots } from '../../../src/adapters/storage/memory-snapshots.ts';
import { snapshotFileName } from '../../../src/adapters/storage/wal/snapshot-format.ts';
import { openSnapshots, type SnapshotFiles } from '../../../src/adapters/storage/wal/snapshots.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { SnapshotInfo } from '../../../src/ports/snapshot-store.ts';
import {
  chunksIn,
  dataIn,
  dataOf,
  positionAt,
  snapshotStoreContract,
} from '../../contracts/snapshot-store.contract.ts';
import { FakeDisk, imageAfterPowerLoss, lossModes, systemError } from './fake-disk.ts';
import { draws } from './script.ts';
import { closed } from './writes.ts';

const logId = '0123456789abcdef0123456789abcdef';
const openOn = (files: Files, directory = '/data'): Promise<SnapshotFiles> =>
  openSnapshots({ files, directory, logId, log: silentLog, chunkBytes: 100 });

snapshotStoreContract('the snapshot store in memory', async () => {
  const shelf = { snapshot: null };
  return {
    open: async () => ({ store: new MemorySnapshots(shelf, 100), close: async () => {} }),
    dispose: async () => {},
  };
});

const closing = (store: SnapshotFiles) => ({ store, close: () => store.close() });

snapshotStoreContract('the snapshot store in files', async () => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'raftchart-snap-'));
  return {
    open: async () => closing(await openOn(nodeFiles, directory)),
    dispose: () => fs.promises.rm(directory, { recursive: true }),
  };
});

snapshotStoreContract('the snapshot store on a disk that notes everything', async () => {
  const disk = new FakeDisk();
  return {
    open: async () => {
      const store = await openOn(disk);
      return {
        store,
        close: async () => {
          await store.close();
          expect(disk.openFileCount).toBe(0);
          const left = [...disk.names.keys()].map((path) => path.slice('/data/'.length));
          expect(left).toEqual(store.latest === null ? [] : [snapshotFileName(store.latest.index)]);
        },
      };
    },
    dispose: async () => {},
  };
});

snapshotStoreContract('the snapshot store of a state as JSON', async () => {
  const disk = new FakeDisk();
  const options = {
    directory: '/data',
    nodeId: 1,
    clusterId: 'test',
    log: silentLog,
    snapshotChunkBytes: 100,
  };
  return {
    open: async () => {
      const storage = await openJson(options, disk);
      return { store: storage.snapshots, close: () => closed(storage) };
    },
    dispose: async () => {},
  };
});

describe('the snapshot store in files', () => {
  test('after a power loss at any operation holds the snapshot before or the one after, whole', async () => {
    const disk = new FakeDisk();
    const store = await openOn(disk);
    /** How many operations there were when a snapshot was known to be durable. */
    const durable: { readonly operations: number; readonly info: SnapshotInfo }[] = [];
    const contents = new Map<number, Uint8Array>();
    const note = (info: SnapshotInfo, data: Uint8Array) => {
      durable.push({ operations: disk.operations.length, info });
      contents.set(info.index, data);
    };
    for (const index of [3, 5, 9]) {
      const data = dataOf(index * 77, index);
      contents.set(index, data);
      note(await store.save(positionAt(index), data), data);
    }
    const received = dataOf(333, 12);
    contents.set(12, received);
    const info = { ...positionAt(12, 2), sizeBytes: 333, checksum: zlibCrc32(received) };
    for (let offset = 0; offset < 333; offset += 100) {
      const bytes = received.subarray(offset, offset + 100);
      await store.receive(info, { offset, bytes, checksum: zlibCrc32(bytes) });
    }
    note(await store.install(info), received);
    await store.close();

    const draw = draws(1);
    for (let count = 0; count <= disk.operations.length; count++) {
      const atLeast = durable.findLast(({ operations }) => operations <= count)?.info.index ?? 0;
      for (const mode of lossModes) {
        const where = `after operation ${count}, ${mode}`;
        const blank = { names: new Map(), contents: new Map() };
        const left = new FakeDisk(imageAfterPowerLoss(blank, disk.operations, count, mode, draw));
        const again = await openOn(left);
        const index = again.latest?.index ?? 0;
        expect(index, where).toBeGreaterThanOrEqual(atLeast);
        if (index > 0) expect(dataIn(again).equals(contents.get(index)!), where).toBe(true);
        const next = await again.save(positionAt(20), dataOf(150));
        expect(next.index).toBe(20);
        await again.close();
        expect([...left.names.keys()], where).toEqual([`/data/${snapshotFileName(20)}`]);
      }
    }
  });

  test('no space at any operation: the temporary file goes, what was there stays; when space returns the next attempt works (dkron#674, arcadedb#7037)', async () => {
    const attempts = {
      save: (store: SnapshotFiles) => store.save(positionAt(7), dataOf(350)),
      receive: async (store: SnapshotFiles) => {
        const data = dataOf(350);
        const info = { ...positionAt(7), sizeBytes: 350, checksum: zlibCrc32(data) };
        for (let offset = 0; offset < 350; offset += 100) {
          const bytes = data.subarray(offset, offset + 100);
          await store.receive(info, { offset, bytes, checksum: zlibCrc32(bytes) });
        }
        return store.install(info);
      },
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      for (let failing = 0; ; failing++) {
        const disk = new FakeDisk();
        const store = await openOn(disk);
        await store.save(positionAt(2), dataOf(120, 2));
        let left = failing;
        disk.fail = ({ kind }) => (left-- === 0 ? systemError('ENOSPC', kind, 'file') : null);
        const outcome = await attempt(store).then(
          () => 'done',
          (error: Error) => error.message,
        );
        if (left >= 0) {
          expect(outcome).toBe('done');
          expect(failing).toBeGreaterThan(8);
          await store.close();
          break;
        }
        expect(outcome, `${name}, failure ${failing}`).toMatch(/ENOSPC/);
        expect([...disk.names.keys()], `${name}, failure ${failing}`).toEqual([
          `/data/${snapshotFileName(2)}`,
        ]);
        expect(dataIn(store).equals(dataOf(120, 2))).toBe(true);
        disk.fail = () => null;
        expect(await attempt(store)).toMatchObject({ index: 7 });
        expect(dataIn(store).equals(dataOf(350))).toBe(true);
        await store.close();
        expect(disk.openFileCount).toBe(0);
      }
    }
  });

  test('a temporary file that could not be removed does not stop the next attempt', async () => {
    const disk = new FakeDisk();
    const store = await openOn(disk);
    const remove = disk.remove.bind(disk);
    disk.remove = async () => Promise.reject(systemError('EIO', 'unlink', 'file'));
    disk.fail = ({ kind }) => systemError('EIO', kind, 'file');
    await expect(store.save(positionAt(7), dataOf(350))).rejects.toThrow(/EIO/);
    expect(disk.names.size).toBe(1);
    disk.remove = remove;
    disk.fail = () => null;
    await store.save(positionAt(7), dataOf(350));
    await store.close();
  });

  test('any flipped bit is refused with file and offset, at the start or when the chunk is read, and never served', async () => {
    const disk = new FakeDisk();
    const store = await openOn(disk);
    const data = dataOf(230);
    await store.save(positionAt(7), data);
    await store.close();
    const [file] = disk.names.values();
    const whole = disk.contents.get(file!)!;
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Uint8Array.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const damaged = new FakeDisk({ names: disk.names, contents: new Map([[file!, flipped]]) });
      let outcome: string;
      try {
        const opened = await openOn(damaged);
        outcome = dataIn(opened).equals(data) ? 'served' : 'served something else';
        await opened.close();
      } catch (error) {
        outcome = (error as Error).message;
      }
      expect(outcome, `bit ${bit} of byte ${bit >> 3}`).toMatch(
        /^\/data\/snapshot-0000000000000007\.snap: damaged at offset \d+: /,
      );
    }
    for (const length of [0, 10, 64, 100, whole.length - 1]) {
      const cut = new FakeDisk({ names: disk.names, contents: new Map([[file!, whole.slice(0, length)]]) });
      await expect(openOn(cut), `cut to ${length}`).rejects.toThrow(/damaged at offset/);
    }
  });

  test("refuses another log's snapshot, and one under a wrong name", async () => {
    const disk = new FakeDisk();
    const store = await openOn(disk);
    await store.save(positionAt(7), dataOf(10));
    await store.close();
    const other = 'ffffffffffffffffffffffffffffffff';
    const opening = openSnapshots({ files: disk, directory: '/data', logId: other, log: silentLog });
    await expect(opening).rejects.toThrow(/this is a snapshot of another log/);
    await disk.rename(`/data/${snapshotFileName(7)}`, `/data/${snapshotFileName(8)}`);
    await expect(openOn(disk)).rejects.toThrow(/this is snapshot 7 under a wrong name/);
  });

  test('a snapshot that is being read keeps its file; when it is released the file goes', async () => {
    const disk = new FakeDisk();
    const store = await openOn(disk);
    await store.save(positionAt(1), dataOf(10));
    const reader = store.read()!;
    await store.save(positionAt(2), dataOf(10));
    const { size } = disk.names;
    reader.release();
    await store.save(positionAt(3), dataOf(10));
    expect([size, disk.names.size]).toEqual([2, 1]);
    await store.close();
  });

  test('closing gives up a snapshot that is being saved, and lets go of its state machine', async () => {
    const disk = new FakeDisk();
    const store = await openOn(disk);
    let isReleased = false;
    function* endless() {
      try {
        for (;;) yield dataOf(100);
      } finally {
        isReleased = true;
      }
    }
    const saving = store.save(positionAt(1), endless());
    const outcome = expect(saving).rejects.toMatchObject({ reason: 'closed' });
    await store.close();
    await outcome;
    expect([isReleased, disk.names.size, disk.openFileCount]).toEqual([true, 0, 0]);
  });

  test('writes in chunks of at most 512 KiB, each of them durable before the next piece is taken', async () => {
    const disk = new FakeDisk();
    const store = await openSnapshots({ files: disk, directory: '/data', logId, log: silentLog });
    const writes = () => disk.operations.filter(({ kind }) => kind === 'write').length;
    const seen: number[] = [];
    function* pieces() {
      for (let n = 0; n < 16; n++) {
        seen.push(writes());
        yield new Uint8Array(128 * 1024).fill(n);
      }
    }
    await store.save(positionAt(1), pieces());
    // One for the head, then one for each chunk, which four pieces fill.
    expect(seen).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
    expect(chunksIn(store).map(({ bytes }) => bytes.length)).toEqual(new Array(4).fill(512 * 1024));
    await store.close();
  });
});

test('the checksum for browsers is that of zlib, in one go or in parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      expect(crc32(bytes, 0)).toBe(zlibCrc32(bytes));
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut), 0))).toBe(zlibCrc32(bytes));
    }),
  );
});
