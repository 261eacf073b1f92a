import { expect, test } from 'vitest';
import { foundWal } from '../../../src/adapters/storage/wal/found-wal.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { StorageRefused } from '../../../src/ports/storage.ts';
import { type DiskImage, FakeDisk, imageAfterPowerLoss, lossModes, systemError } from './fake-disk.ts';
import { draws } from './script.ts';
import { closed, command, synced } from './writes.ts';

const directory = '/data';
const blank: DiskImage = { names: new Map(), contents: new Map() };
const data = [Buffer.from('the state '), Buffer.from('of a cluster')];
const members = [
  { id: 2, peer: '127.0.0.1:7002' },
  { id: 1, peer: '127.0.0.1:7001' },
];
const configuration = new TextEncoder().encode('a configuration');
const found = (disk: FakeDisk, pieces: Iterable<Uint8Array> = data) =>
  foundWal(
    {
      directory,
      nodeId: 1,
      members,
      snapshot: { index: 12, term: 3, configuration },
      data: pieces,
      clusterId: () => 'new',
      segmentSizeBytes: 8192,
    },
    disk,
  );
const open = (disk: FakeDisk) =>
  openWal({ directory, nodeId: 1, clusterId: 'new', log: silentLog, segmentSizeBytes: 8192 }, disk);

test('a founded directory is opened as one whose log begins after the snapshot, and goes on from there', async () => {
  const disk = new FakeDisk();
  await found(disk);
  expect(disk.openFileCount).toBe(0);
  const first = await open(disk);
  expect(first.recovered).toEqual({
    hardState: { currentTerm: 3, votedFor: null },
    baseIndex: 12,
    baseTerm: 3,
    lastIndex: 12,
  });
  expect(first.disk.firstMembers).toEqual([...members].reverse());
  expect(first.snapshots.latest).toMatchObject({ index: 12, term: 3, configuration, sizeBytes: 22 });
  expect(Buffer.from(first.snapshots.read()!.chunkAt(0).bytes).toString()).toBe('the state of a cluster');
  first.append({ hardState: { currentTerm: 4, votedFor: 1 }, firstIndex: 13, entries: [command(4, 'x')] });
  expect(await synced(first)).toBe(null);
  await closed(first);
  const second = await open(disk);
  expect(second.recovered).toMatchObject({ baseIndex: 12, lastIndex: 13 });
  await closed(second);
});

test('without its snapshot a founded directory is refused, and does not begin with nothing', async () => {
  const disk = new FakeDisk();
  await found(disk);
  disk.names.delete('/data/snapshot-0000000000000012.snap');
  await expect(open(disk)).rejects.toThrow(/a snapshot is missing/);
});

test('a power loss while a directory is founded leaves nothing that counts, something that is refused, or all of it', async () => {
  const disk = new FakeDisk();
  await found(disk);
  const draw = draws(1);
  const outcomes = { empty: 0, refused: 0, whole: 0 };
  for (let count = 0; count <= disk.operations.length; count++) {
    for (const mode of lossModes) {
      const image = imageAfterPowerLoss(blank, disk.operations, count, mode, draw);
      const where = `power lost after operation ${count}, ${mode}`;
      // What was created and had no name yet may be there; none of it says anything.
      const isEmpty = [...image.names.keys()].every((name) => name.endsWith('.tmp'));
      try {
        const storage = await open(new FakeDisk(image));
        const { baseIndex } = storage.recovered;
        await closed(storage);
        expect(baseIndex, where).toBe(isEmpty ? 0 : 12);
        outcomes[isEmpty ? 'empty' : 'whole']++;
      } catch (error) {
        expect(error, where).toBeInstanceOf(StorageRefused);
        outcomes.refused++;
      }
    }
  }
  expect(outcomes.empty).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(5);
  expect(outcomes.whole).toBeGreaterThan(0);
});

test('nothing is founded where there is something, whatever it is', async () => {
  const disk = new FakeDisk();
  disk.names.set('/data/notes.txt', 1);
  disk.contents.set(1, Buffer.from('mine'));
  await expect(found(disk)).rejects.toThrow('/data is not empty: it has notes.txt');
  expect(disk.operations).toEqual([]);
});

test('when the state cannot be read to its end, or the disk fails, the directory is empty again', async () => {
  const torn = function* (): Generator<Uint8Array> {
    yield data[0]!;
    throw new Error('damaged at offset 7');
  };
  const disk = new FakeDisk();
  await expect(found(disk, torn())).rejects.toThrow('damaged at offset 7');
  expect([...disk.names.keys()]).toEqual([]);
  expect(disk.openFileCount).toBe(0);

  const full = new FakeDisk();
  full.fail = (operation) =>
    operation.kind === 'write' && Buffer.from(operation.bytes).includes('of a cluster')
      ? systemError('ENOSPC', 'write', 'snapshot')
      : null;
  await expect(found(full)).rejects.toThrow(/^cannot use data directory \/data: ENOSPC/);
  expect([...full.names.keys()]).toEqual([]);
  // Nobody holds it any more.
  full.fail = () => null;
  await found(full);
});
