import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkedLine } from '../../../src/adapters/storage/checked-file.ts';
import { accountName, readAccount, writeAccount } from '../../../src/adapters/storage/wal/account.ts';
import { segmentName, segmentNumberOf } from '../../../src/adapters/storage/wal/format.ts';
import { identityName } from '../../../src/adapters/storage/wal/identity.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { peerDisksName } from '../../../src/adapters/storage/wal/peer-disks.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { StorageRefused } from '../../../src/ports/storage.ts';
import { decodeCommand } from '../../../src/store/kv/commands.ts';
import { type DiskImage, FakeDisk, imageAfterPowerLoss, lossModes } from './fake-disk.ts';
import { createScript, draws, runScript } from './script.ts';
import { imageOfStored, unpack } from './stored-directories.ts';
import { closed, command, contentsOf, synced } from './writes.ts';

const members = [1, 2, 3].map((id) => ({ id, peer: `127.0.0.1:700${id}` }));
const directory = '/data';
const options = { directory, nodeId: 1, clusterId: 'raftchart', segmentSizeBytes: 8192, log: silentLog };

const refusalOf = async (disk: FakeDisk, more = {}): Promise<StorageRefused> => {
  const refusal = await openWal({ ...options, ...more }, disk).catch((error: unknown) => error);
  if (!(refusal instanceof StorageRefused)) throw new Error(`not refused, but ${String(refusal)}`);
  expect(refusal.message).not.toContain('\n');
  return refusal;
};
const imageOf = ({ names, contents }: FakeDisk): DiskImage => ({
  names: new Map(names),
  contents: new Map(contents),
});
const bytesOf = (disk: FakeDisk, name: string): Uint8Array =>
  disk.contents.get(disk.names.get(`${directory}/${name}`)!)!;
const textOf = (disk: FakeDisk, name: string): string => Buffer.from(bytesOf(disk, name)).toString();

describe('a data directory of format 1 (raftchart 0.1.0)', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'raftchart-format-'));
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  test('is taken over with its log, term and vote when the members are named, on a real disk', async () => {
    unpack('format-1/raft-1', root);
    for (let start = 1; start <= 3; start++) {
      const storage = await openWal({ ...options, directory: root, ...(start === 1 ? { members } : {}) });
      expect(storage.recovered).toEqual({
        hardState: { currentTerm: 3, votedFor: 1 },
        baseIndex: 0,
        baseTerm: 0,
        lastIndex: 30,
      });
      const entries = storage.read(1, 30, Number.MAX_SAFE_INTEGER);
      expect(entries.map(({ term }) => term)).toEqual([...Array(19).fill(1), ...Array(11).fill(3)]);
      expect(decodeCommand(entries[29]!.payload)).toMatchObject({ key: 'key28' });
      expect(storage.disk).toMatchObject({ logId: '1'.repeat(32), start, firstMembers: members });
      await closed(storage);
    }
  });

  test('is refused in one line that says how to go on when no members are named, and stays as it is', async () => {
    const disk = new FakeDisk(imageOfStored('format-1/raft-1', directory));
    const before = imageOf(disk);
    // Members that are only a default say nothing of those that it had.
    for (const more of [{}, { members, areMembersNamed: false }]) {
      const refusal = await refusalOf(disk, more);
      expect(refusal.reason).toBe('otherFormat');
      expect(refusal.message).toMatch(
        /format 1, of raftchart 0\.1\.0.*start this node once with the --peers/,
      );
      expect(imageOf(disk)).toEqual(before);
    }
  });

  test('survives a power loss at any point of being taken over', async () => {
    const start = imageOfStored('format-1/raft-2', directory);
    const whole = new FakeDisk(start);
    const taken = await openWal({ ...options, nodeId: 2, members }, whole);
    const contents = contentsOf(taken);
    const { operations } = whole;
    const steps = operations.length;
    await closed(taken);
    const draw = draws(3);
    for (let count = 0; count <= steps; count++) {
      for (const mode of lossModes) {
        const disk = new FakeDisk(imageAfterPowerLoss(start, operations, count, mode, draw));
        const storage = await openWal({ ...options, nodeId: 2, members }, disk);
        expect(contentsOf(storage), `${count} ${mode}`).toBe(contents);
        expect(storage.disk.firstMembers).toEqual(members);
        await closed(storage);
      }
    }
  });
});

test('a directory of a newer format is refused by name', async () => {
  const disk = new FakeDisk();
  await closed(await openWal(options, disk));
  const line = checkedLine({ format: 'raftchart-wal', version: 3, anything: 'else' });
  disk.contents.set(disk.names.get(`${directory}/${identityName}`)!, Buffer.from(line));
  const refusal = await refusalOf(disk);
  expect(refusal.reason).toBe('otherFormat');
  expect(refusal.message).toContain('/data has format 3, this program reads formats up to 2');
});

describe('the start number', () => {
  test('was never seen before, whenever the power was lost', async () => {
    const disk = new FakeDisk();
    const seen: { operations: number; start: number }[] = [];
    for (let run = 1; run <= 4; run++) {
      const storage = await openWal({ ...options, members }, disk);
      seen.push({ operations: disk.operations.length, start: storage.disk.start });
      await new Promise<void>((resolve) => storage.disk.advanceStart(() => resolve()));
      seen.push({ operations: disk.operations.length, start: storage.disk.start });
      await closed(storage);
    }
    expect(seen.map(({ start }) => start)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const draw = draws(5);
    for (let count = 0; count <= disk.operations.length; count++) {
      const heard = seen.findLast(({ operations }) => operations <= count)?.start ?? 0;
      for (const mode of lossModes) {
        const image = imageAfterPowerLoss(new FakeDisk(), disk.operations, count, mode, draw);
        const storage = await openWal({ ...options, members }, new FakeDisk(image));
        expect(storage.disk.start, `${count} ${mode}`).toBeGreaterThan(heard);
        await closed(storage);
      }
    }
  });

  test('stays when it cannot be made durable, and grows with the next attempt', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    const advance = () => new Promise<Error | null>((resolve) => storage.disk.advanceStart(resolve));
    disk.fail = () => new Error('ENOSPC');
    expect(await advance()).toMatchObject({ message: 'ENOSPC' });
    expect(storage.disk.start).toBe(1);
    disk.fail = () => null;
    expect(await advance()).toBeNull();
    expect(storage.disk.start).toBe(2);
    storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: 1, entries: [command(1, 'a')] });
    expect(await synced(storage)).toBeNull();
    await closed(storage);
  });
});

test("a peer's disk that was remembered is known after any power loss", async () => {
  const disk = new FakeDisk();
  const storage = await openWal(options, disk);
  const remembered: number[] = [];
  for (let start = 1; start <= 3; start++) {
    const known = { logId: 'b'.repeat(32), start, run: `0000000${start}` };
    await new Promise<void>((resolve) => storage.disk.remember(2, known, () => resolve()));
    remembered.push(disk.operations.length);
  }
  await closed(storage);
  const draw = draws(7);
  for (let count = remembered[0]!; count <= disk.operations.length; count++) {
    const least = remembered.findLastIndex((operations) => operations <= count) + 1;
    for (const mode of lossModes) {
      const image = imageAfterPowerLoss(new FakeDisk(), disk.operations, count, mode, draw);
      const reopened = await openWal(options, new FakeDisk(image));
      expect(reopened.disk.knownOf(2)!.start, `${count} ${mode}`).toBeGreaterThanOrEqual(least);
      await closed(reopened);
    }
  }
});

describe('what the directory says it holds', () => {
  const recorded = async (): Promise<FakeDisk> => {
    const script = createScript(150, 11);
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    await runScript(storage, script, 11, () => {});
    await closed(storage);
    return disk;
  };

  test('the newest segment deleted (F4): refused, in one line with the remedy', async () => {
    const disk = await recorded();
    const { lastSegment } = await readAccount(disk, directory);
    expect(lastSegment).toBeGreaterThan(2);
    for (let number = lastSegment + 1; number >= 1; number--) {
      const image = imageOf(disk);
      const withoutIt = [...image.names].filter(([name]) => !name.endsWith(segmentName(number)));
      if (withoutIt.length === image.names.size) continue;
      // Alone, or together with all that follow, prepared ones included.
      const nothingAfter = withoutIt.filter(
        ([path]) => (segmentNumberOf(path.slice(`${directory}/`.length)) ?? 0) < number,
      );
      for (const names of [withoutIt, nothingAfter]) {
        const cut = new FakeDisk({ ...image, names: new Map(names) });
        if (number > lastSegment) {
          await closed(await openWal(options, cut));
          continue;
        }
        const refusal = await refusalOf(cut);
        expect(refusal).toMatchObject({ reason: 'damaged' });
        expect(refusal.message).toContain(
          `/data/${segmentName(number)}: damaged at offset 0: this segment is missing`,
        );
        expect(refusal.message).toContain(
          'or start on an empty directory and let that take its place: raft-client member replace 1',
        );
      }
    }
  });

  test('zeros from any point below the watermark (F4): refused', async () => {
    const disk = await recorded();
    const { lastSegment, watermark } = await readAccount(disk, directory);
    expect(watermark.segment).toBe(lastSegment);
    const name = segmentName(lastSegment);
    const prepared = `${directory}/${segmentName(lastSegment + 1)}`;
    expect(disk.names.has(prepared)).toBe(true);
    for (const isPrepared of [true, false]) {
      for (let at = 512; at <= watermark.offset; at += 8) {
        const cut = new FakeDisk(imageOf(disk));
        if (!isPrepared) cut.names.delete(prepared);
        cut.contents.set(cut.names.get(`${directory}/${name}`)!, bytesOf(disk, name).slice().fill(0, at));
        if (at === watermark.offset) {
          await closed(await openWal(options, cut));
          continue;
        }
        const refusal = await refusalOf(cut);
        expect(refusal.message, `zeros from ${at}`).toMatch(/damaged at offset \d+: .*missing/);
      }
    }
  });

  test('an older account beside a newer log: refused', async () => {
    const disk = await recorded();
    const account = await readAccount(disk, directory);
    await writeAccount(disk, directory, {
      ...account,
      lastSegment: account.lastSegment - 1,
      watermark: { segment: 1, offset: 512 },
    });
    const refusal = await refusalOf(disk);
    expect(refusal.message).toContain(
      `/data/disk.json: damaged at offset 0: it says that the log ends in segment ${account.lastSegment - 1}`,
    );
  });

  test('the identity missing where nothing was logged yet, but the node was started: refused', async () => {
    const disk = new FakeDisk();
    await closed(await openWal(options, disk));
    disk.names.delete(`${directory}/${identityName}`);
    const { message } = await refusalOf(disk);
    expect(message).toContain('it is missing, but this node was started here before');
  });

  test('a log that failed adds nothing to its account when it is closed', async () => {
    const disk = new FakeDisk();
    const storage = await openWal(options, disk);
    storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: 1, entries: [command(1, 'a')] });
    expect(await synced(storage)).toBeNull();
    const before = textOf(disk, accountName);
    disk.fail = () => new Error('EIO');
    storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: 2, entries: [command(1, 'b')] });
    expect(await synced(storage)).not.toBeNull();
    disk.fail = () => null;
    await closed(storage);
    expect(textOf(disk, accountName)).toBe(before);
  });

  test('a small file that is missing, or in which any byte differs: refused, and named', async () => {
    const disk = await recorded();
    for (const name of [identityName, accountName, peerDisksName]) {
      const image = imageOf(disk);
      const gone = new FakeDisk({
        ...image,
        names: new Map([...image.names].filter(([path]) => path !== `${directory}/${name}`)),
      });
      expect((await refusalOf(gone)).message).toMatch(
        new RegExp(`^/data/${name}: damaged at offset 0: it is missing`),
      );
      for (let at = 0; at < textOf(disk, name).length; at += 3) {
        const bytes = bytesOf(disk, name).slice();
        bytes[at]! ^= 1;
        const flipped = new FakeDisk(image);
        flipped.contents.set(flipped.names.get(`${directory}/${name}`)!, bytes);
        const { message, reason } = await refusalOf(flipped);
        expect(reason === 'damaged' ? message : reason).toMatch(
          new RegExp(`^/data/${name}: damaged|otherFormat`),
        );
      }
    }
  });
});

test('an entry of kind configuration is kept like any other', async () => {
  const disk = new FakeDisk();
  const storage = await openWal({ ...options, cacheBytes: 0 }, disk);
  const entry = { term: 1, kind: 'configuration', payload: Buffer.from('members') } as const;
  storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: 1, entries: [entry] });
  expect(await synced(storage)).toBeNull();
  await closed(storage);
  const reopened = await openWal(options, disk);
  expect(reopened.read(1, 1, 100)).toEqual([{ ...entry, payload: Buffer.from('members') }]);
  await closed(reopened);
});
