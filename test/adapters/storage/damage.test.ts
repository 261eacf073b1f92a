import { beforeAll, describe, expect, test } from 'vitest';
import { readAccount, writeAccount } from '../../../src/adapters/storage/wal/account.ts';
import { segmentName } from '../../../src/adapters/storage/wal/format.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { StorageRefused } from '../../../src/ports/storage.ts';
import { type DiskImage, FakeDisk } from './fake-disk.ts';
import { createScript, draws, runScript } from './script.ts';
import { type Contents, closed, contentsOf } from './writes.ts';

const options = { directory: '/data', nodeId: 1, clusterId: 'test', segmentSizeBytes: 8192, log: silentLog };
const path = (segment: number) => `/data/${segmentName(segment)}`;

/** The disk after a run, and what a record stream looks like on it. */
interface Run {
  readonly image: DiskImage;
  readonly contents: readonly Contents[];
  /** In the order in which they were written. */
  readonly records: readonly WrittenRecord[];
  readonly lastSegment: number;
}

interface WrittenRecord {
  readonly segment: number;
  readonly offset: number;
  readonly bytes: number;
  /** How many writes were acknowledged before the sync that wrote this record. */
  readonly acknowledged: number;
}

const recordRun = async (seed: number): Promise<Run> => {
  const script = createScript(220, seed);
  const disk = new FakeDisk();
  const storage = await openWal(options, disk);
  const setUp = disk.operations.length;
  const acknowledgements: { readonly operations: number; readonly writes: number }[] = [];
  await runScript(storage, script, seed, (_, writes) =>
    acknowledgements.push({ operations: disk.operations.length, writes }),
  );
  await closed(storage);
  const image = { names: disk.names, contents: disk.contents };

  const segmentOf = new Map<number, number>();
  for (const name of disk.names.keys()) {
    const number = /wal-(\d+)\.log$/.exec(name)?.[1];
    if (number !== undefined) segmentOf.set(disk.names.get(name)!, Number(number));
  }
  const records: WrittenRecord[] = [];
  for (const [i, operation] of disk.operations.entries()) {
    const segment = operation.kind === 'write' && i >= setUp ? segmentOf.get(operation.file) : undefined;
    if (operation.kind !== 'write' || segment === undefined || operation.position === 0) continue;
    const bytes = Buffer.from(operation.bytes);
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at)) {
      const acknowledged = acknowledgements.findLast(({ operations }) => operations <= i)?.writes ?? 0;
      const size = bytes.readUInt32LE(at);
      const offset = operation.position + at;
      records.push({ segment, offset, bytes: size, acknowledged });
    }
  }
  return { image, contents: script.contents, records, lastSegment: records.at(-1)!.segment };
};

const without = (image: DiskImage, isGone: (path: string) => boolean): DiskImage => ({
  names: new Map([...image.names].filter(([name]) => !isGone(name))),
  contents: image.contents,
});

/** A copy of `image` in which `change` was made to the bytes of `file`. */
const changed = (image: DiskImage, file: string, change: (bytes: Uint8Array) => Uint8Array): FakeDisk => {
  const disk = new FakeDisk(image);
  const number = disk.names.get(file)!;
  disk.contents.set(number, change(disk.contents.get(number)!.slice()));
  return disk;
};

/** `image`, as it was when the log had only come to `segment`, and nobody had noted lately how far. */
const asOf = async (image: DiskImage, segment: number): Promise<DiskImage> => {
  const disk = new FakeDisk(image);
  const account = await readAccount(disk, '/data');
  await writeAccount(disk, '/data', {
    ...account,
    lastSegment: segment,
    watermark: { segment: 1, offset: 512 },
  });
  return disk;
};

const recover = async (disk: FakeDisk): Promise<Contents | StorageRefused> => {
  try {
    const storage = await openWal(options, disk);
    const contents = contentsOf(storage);
    await closed(storage);
    return contents;
  } catch (error) {
    if (error instanceof StorageRefused) return error;
    throw error;
  }
};

const expectRefusal = (outcome: Contents | StorageRefused, file: string, where: string): StorageRefused => {
  expect(outcome, where).toBeInstanceOf(StorageRefused);
  const refusal = outcome as StorageRefused;
  expect(refusal.reason, where).toBe('damaged');
  expect(refusal.message, where).toMatch(new RegExp(`^${file}: damaged at offset \\d+: `));
  return refusal;
};

describe('damage to the write-ahead log', { timeout: 30_000 }, () => {
  let run: Run;
  beforeAll(async () => {
    run = await recordRun(4);
    expect(run.records.length).toBeGreaterThan(300);
    expect(run.lastSegment).toBeGreaterThan(3);
  });

  /** Each record's boundary, and bytes within it, the first and last ones among them. */
  const cuts = function* (): Generator<{ record: WrittenRecord; at: number }> {
    const draw = draws(5);
    for (const record of run.records) {
      const within = [0, 1, 4, 8, 31, record.bytes - 9, record.bytes - 3, record.bytes - 1];
      for (let i = 0; i < 2; i += 1) within.push(Math.floor(draw() * record.bytes));
      for (const offset of within) yield { record, at: record.offset + offset };
    }
  };

  test('a log that was written up to any byte only starts with what was acknowledged by then', async () => {
    for (const { record, at } of cuts()) {
      const later = (name: string) => Number(/wal-(\d+)/.exec(name)?.[1] ?? 0) > record.segment;
      const image = await asOf(without(run.image, later), record.segment);
      const disk = changed(image, path(record.segment), (bytes) => bytes.fill(0, at));
      const outcome = await recover(disk);
      const where = `segment ${record.segment} cut at ${at}, record at ${record.offset}`;
      expect(outcome, where).not.toBeInstanceOf(StorageRefused);
      const writes = run.contents.lastIndexOf(outcome as Contents);
      expect(writes, where).toBeGreaterThanOrEqual(record.acknowledged);
    }
  });

  test('a file that was cut short is refused at its end, since no crash does that', async () => {
    for (const { segment, offset, bytes } of run.records) {
      for (const size of [offset, offset + bytes - 5]) {
        const outcome = await recover(changed(run.image, path(segment), (whole) => whole.subarray(0, size)));
        const refusal = expectRefusal(outcome, path(segment), `segment ${segment} of ${size} bytes`);
        expect(refusal.message).toContain(`offset ${size}:`);
      }
    }
  });

  test('a flipped bit in a record is refused at that record, in the last sync as well', async () => {
    const draw = draws(6);
    for (const record of run.records) {
      const bits = [0, 2, 33, 64, 72, record.bytes * 8 - 1, record.bytes * 8 - 40];
      for (let i = 0; i < 4; i += 1) bits.push(Math.floor(draw() * record.bytes * 8));
      for (const bit of bits) {
        const at = record.offset + (bit >> 3);
        const outcome = await recover(changed(run.image, path(record.segment), flip(at, bit & 7)));
        const where = `bit ${bit} of the record at ${record.offset} of segment ${record.segment}`;
        const refusal = expectRefusal(outcome, path(record.segment), where);
        expect(refusal.message, where).toContain(`offset ${record.offset}:`);
      }
    }
  });

  test('a flipped bit anywhere loses nothing that was acknowledged, or is refused', async () => {
    const draw = draws(7);
    const files = [...run.image.names.keys()];
    const outcomes = { refused: 0, intact: 0 };
    for (let i = 0; i < 2000; i += 1) {
      const file = files[i % files.length]!;
      const size = run.image.contents.get(run.image.names.get(file)!)!.length;
      const bit = Math.floor(draw() * size * 8);
      const outcome = await recover(changed(run.image, file, flip(bit >> 3, bit & 7)));
      if (outcome instanceof StorageRefused) outcomes.refused += 1;
      else {
        expect(outcome, `bit ${bit} of ${file}`).toBe(run.contents.at(-1));
        outcomes.intact += 1;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(1000);
    expect(outcomes.intact).toBeGreaterThan(10);
  });

  test('records that went missing before a later sync are refused, also if they are all zeros', async () => {
    for (const [i, record] of run.records.entries()) {
      const next = run.records.slice(i + 1).some((later) => later.acknowledged > record.acknowledged);
      if (!next) continue;
      const zeroed = changed(run.image, path(record.segment), (bytes) =>
        bytes.fill(0, record.offset, record.offset + record.bytes),
      );
      const where = `record at ${record.offset} of segment ${record.segment}`;
      const refusal = expectRefusal(await recover(zeroed), path(record.segment), where);
      expect(refusal.message, where).toContain(`offset ${record.offset}:`);
    }
  });

  test('records that went missing before a torn segment are refused', async () => {
    const last = run.lastSegment;
    const lastBefore = run.records.findLast(({ segment }) => segment === last - 1)!;
    const disk = changed(await asOf(run.image, last), path(last), (bytes) => bytes.fill(0, 512, 1024));
    const torn = { names: disk.names, contents: disk.contents };
    expect(await recover(new FakeDisk(torn)), 'it was already durable').toBeInstanceOf(StorageRefused);
    const firstSync = changed(torn, path(last), (bytes) => bytes.fill(0, 1024 + 8));
    firstSync.contents.get(firstSync.names.get(path(last))!)!.fill(1, 1024, 1032);
    const prepared = await recover(new FakeDisk({ names: firstSync.names, contents: firstSync.contents }));
    expectRefusal(prepared, path(last), 'torn in its first sync, but the next one was made already');
    const alone = without(firstSync, (name) => name === path(last + 1));
    expect(typeof (await recover(new FakeDisk(alone))), 'torn in its first sync').toBe('string');
    const both = changed(alone, path(last - 1), (bytes) => bytes.fill(0, lastBefore.offset));
    const refusal = expectRefusal(await recover(both), path(last - 1), 'both');
    expect(refusal.message).toContain(`offset ${lastBefore.offset}:`);
  });

  test('a missing segment, or a missing identity, is refused', async () => {
    for (let number = 1; number < run.lastSegment; number += 1) {
      const outcome = await recover(new FakeDisk(without(run.image, (name) => name === path(number))));
      expectRefusal(outcome, path(number), `without segment ${number}`);
    }
    const outcome = await recover(new FakeDisk(without(run.image, (name) => name === '/data/identity.json')));
    expectRefusal(outcome, '/data/identity.json', 'without identity');
  });

  test('a segment of another log, or under a wrong name, is refused', async () => {
    const other = await recordRun(4);
    const foreign = other.image.contents.get(other.image.names.get(path(2))!)!;
    expectRefusal(await recover(changed(run.image, path(2), () => foreign)), path(2), 'of another log');
    const third = run.image.contents.get(run.image.names.get(path(3))!)!;
    expectRefusal(await recover(changed(run.image, path(2), () => third)), path(2), 'wrong name');
  });
});

function flip(at: number, bit: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    bytes[at]! ^= 1 << bit;
    return bytes;
  };
}
