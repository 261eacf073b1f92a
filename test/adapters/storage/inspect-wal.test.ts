import { expect, test } from 'vitest';
import { type Inspected, inspectWal } from '../../../src/adapters/storage/wal/inspect-wal.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { Rehearsal } from '../../../src/adapters/storage/wal/rehearsal.ts';
import { rehearseWal } from '../../../src/adapters/storage/wal/rehearse-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { FakeDisk } from './fake-disk.ts';
import { closed, command, contentsOf, noop, synced } from './writes.ts';

const directory = '/data';
const options = {
  directory,
  nodeId: 2,
  clusterId: 'test',
  logId: '00112233445566778899aabbccddeeff',
  run: '01020304',
  members: [{ id: 2, peer: null }],
  segmentSizeBytes: 8192,
  log: silentLog,
};
const hardState = { currentTerm: 1, votedFor: 2 };

/** A running node's disk: a snapshot of the first three of five entries. */
const running = async () => {
  const disk = new FakeDisk();
  const storage = await openWal(options, disk);
  storage.append({ hardState, firstIndex: 1, entries: [noop(1), command(1, 'one'), command(1, 'two')] });
  await synced(storage);
  await storage.snapshots.save(
    { index: 3, term: 1, configuration: Buffer.from('{}') },
    Buffer.from('the state'),
  );
  storage.append({ hardState, firstIndex: 4, entries: [command(1, 'three'), command(1, 'four')] });
  await synced(storage);
  return { disk, storage };
};

const inspected = async (
  disk: FakeDisk,
  records?: Parameters<typeof inspectWal>[1],
): Promise<Inspected[]> => {
  const parts: Inspected[] = [];
  for await (const part of inspectWal(directory, records, disk)) parts.push(part);
  return parts;
};
const typesOf = (parts: readonly Inspected[]) => parts.map(({ type }) => type);

test('an inspection tells each file and each record of a running node, and changes nothing', async () => {
  const { disk, storage } = await running();
  const before = { operations: disk.operations.length, open: disk.openFileCount };
  const parts = await inspected(disk);
  expect({ operations: disk.operations.length, open: disk.openFileCount }).toEqual(before);
  expect(typesOf(parts)).toEqual([
    ...['identity', 'disk', 'peers', 'snapshot'],
    ...Array(7).fill('record'),
    'segment',
  ]);
  expect(parts[0]).toMatchObject({ nodeId: 2, clusterId: 'test', format: 2, members: [{ id: 2 }] });
  expect(parts[1]).toMatchObject({ start: 1, runs: [{ start: 1, tag: '01020304' }], lastSegment: 1 });
  expect(parts[3]).toMatchObject({ info: { index: 3, term: 1, sizeBytes: 9 }, chunks: 1 });
  const records = parts.flatMap((part) =>
    part.type === 'record' ? [[part.kind, part.index, part.term, part.payloadBytes, part.endsWrite]] : [],
  );
  expect(records).toEqual([
    ['segmentStart', 0, 0, 16, true],
    ['hardState', 2, 1, 0, false],
    ['noop', 1, 1, 0, false],
    ['command', 2, 1, 3, false],
    ['command', 3, 1, 3, true],
    ['command', 4, 1, 5, false],
    ['command', 5, 1, 4, true],
  ]);
  expect(parts.at(-1)).toMatchObject({
    ...{ use: 'used', records: 7, entries: { count: 5, first: 1, last: 5 } },
    tail: { kind: 'clean' },
  });
  await closed(storage);
});

test('records can be bounded, or left out', async () => {
  const { disk } = await running();
  const some = await inspected(disk, { records: { from: 2, to: 4 } });
  expect(some.flatMap((part) => (part.type === 'record' ? [part.index] : []))).toEqual([2, 3, 4]);
  expect(typesOf(await inspected(disk, { records: null }))).not.toContain('record');
});

test('damage is told with file and offset, and so is everything else', async () => {
  const { disk } = await running();
  const segment = disk.names.get('/data/wal-0000000001.log')!;
  const bytes = Buffer.from(disk.contents.get(segment)!);
  const at = bytes.indexOf('two');
  bytes.fill('TWO', at, at + 3);
  disk.contents.set(segment, bytes);
  disk.contents.set(disk.names.get('/data/peers.json')!, Buffer.from('x'));
  const parts = await inspected(disk, { records: null });
  expect(parts[2]).toEqual({ type: 'damage', file: 'peers.json', offset: 0, fault: 'this is not JSON' });
  expect(parts.at(-1)).toMatchObject({
    type: 'segment',
    records: 4,
    tail: { kind: 'damaged', offset: at - 32 },
  });
});

test('without a readable identity the segments are told all the same', async () => {
  const { disk } = await running();
  disk.names.delete('/data/identity.json');
  expect(typesOf(await inspected(disk, { records: null }))).toEqual([
    ...['damage', 'disk', 'peers', 'snapshot', 'segment'],
  ]);
});

test('files that go while a directory is inspected are left out', async () => {
  const { disk } = await running();
  const parts: Inspected[] = [];
  for await (const part of inspectWal(directory, { records: null }, disk)) {
    parts.push(part);
    if (part.type === 'snapshot') disk.names.delete('/data/wal-0000000001.log');
  }
  expect(typesOf(parts)).toEqual(['identity', 'disk', 'peers', 'snapshot']);
});

test('a rehearsal gives what the node would find, also after a crash, and changes nothing', async () => {
  const { disk, storage } = await running();
  storage.append({ hardState, firstIndex: 6, entries: [command(1, 'x'.repeat(3000))] });
  await synced(storage);
  const image = new FakeDisk(disk);
  const segment = image.names.get('/data/wal-0000000001.log')!;
  const bytes = Buffer.from(image.contents.get(segment)!);
  // The last record lacks its end.
  bytes.fill(0, bytes.lastIndexOf('DONE') - 600);
  image.contents.set(segment, bytes);
  const rehearsal = new Rehearsal(image);
  const rehearsed = await rehearseWal(directory, rehearsal);
  const found = contentsOf(rehearsed.storage);
  expect(rehearsed.storage.recovered.lastIndex).toBe(5);
  rehearsed.storage.append({ hardState, firstIndex: 6, entries: [command(1, 'tried')] });
  expect(await synced(rehearsed.storage)).toBe(null);
  await closed(rehearsed.storage);
  expect(image.operations).toEqual([]);
  expect(image.openFileCount).toBe(0);
  expect([...rehearsal.changes.keys()]).toEqual(['/data/wal-0000000001.log']);
  const real = await openWal(options, image);
  expect(contentsOf(real)).toBe(found);
  await closed(real);
});
