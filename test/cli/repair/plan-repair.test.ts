import { beforeEach, describe, expect, it } from 'vitest';
import { readAccount, writeAccount } from '../../../src/adapters/storage/wal/account.ts';
import { inspectWal } from '../../../src/adapters/storage/wal/inspect-wal.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { carryOut, planRepair } from '../../../src/cli/repair/plan-repair.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import type { Entry } from '../../../src/raft/types.ts';
import { type DiskImage, FakeDisk } from '../../adapters/storage/fake-disk.ts';
import { closed, command, synced } from '../../adapters/storage/writes.ts';

const directory = '/data';
const options = { directory, nodeId: 3, clusterId: 'test', segmentSizeBytes: 8192, log: silentLog };
const hardState = { currentTerm: 1, votedFor: 3 };

/** Writes entries of some 600 bytes, each with a sync of its own; returns the disk as a kill leaves it, without a clean stop. */
const written = async (entries: readonly Entry[]): Promise<DiskImage> => {
  const disk = new FakeDisk();
  const storage = await openWal(options, disk);
  for (const [at, entry] of entries.entries()) await append(storage, at + 1, entry);
  const image = { names: new Map(disk.names), contents: new Map(disk.contents) };
  await closed(storage);
  return image;
};

const append = async (storage: Storage, firstIndex: number, entry: Entry): Promise<void> => {
  storage.append({ hardState, firstIndex, entries: [entry] });
  expect(await synced(storage)).toBe(null);
};

const file = (number: number): string => `wal-${String(number).padStart(10, '0')}.log`;

const partsOf = async (disk: FakeDisk) => {
  const parts = [];
  for await (const part of inspectWal(directory, {}, disk)) parts.push(part);
  return parts;
};
const recordsIn = async (disk: FakeDisk, number: number) =>
  (await partsOf(disk)).flatMap((part) =>
    part.type === 'record' && part.file === file(number) ? [part] : [],
  );
const endOf = async (disk: FakeDisk, number: number): Promise<number> =>
  (await partsOf(disk)).flatMap((part) =>
    part.type === 'segment' && part.number === number ? [part.end] : [],
  )[0]!;

const change = (disk: FakeDisk, number: number, by: (bytes: Buffer) => unknown): void => {
  const contents = disk.names.get(`${directory}/${file(number)}`)!;
  const bytes = Buffer.from(disk.contents.get(contents)!);
  by(bytes);
  disk.contents.set(contents, bytes);
};

const text = (at: number): Entry => command(1, `${at} `.padEnd(600, '+'));

describe('a repair', () => {
  let disk: FakeDisk;
  let lastIndex: number;
  beforeEach(async () => {
    lastIndex = 20;
    disk = new FakeDisk(await written(Array.from({ length: lastIndex }, (_, at) => text(at + 1))));
  });

  const lastIndexAfterRepair = async (): Promise<number> => {
    const plan = await planRepair(directory, disk);
    if (plan.type === 'refused') throw new Error(plan.reasons.join());
    await carryOut(plan.type === 'sound' ? [] : plan.cuts, directory, disk);
    const storage = await openWal(options, disk);
    const { recovered } = storage;
    await closed(storage);
    return recovered.lastIndex;
  };

  it('of a sound directory does nothing', async () => {
    expect(await planRepair(directory, disk)).toEqual({ type: 'sound' });
    expect(disk.operations).toEqual([]);
  });

  it('cuts a write that was cut short, and says which of its entries are whole', async () => {
    // Two entries of one write: a crash has lost the end of the second one.
    disk = new FakeDisk();
    const storage = await openWal(options, disk);
    await append(storage, 1, text(1));
    storage.append({ hardState, firstIndex: 2, entries: [text(2), text(3)] });
    await synced(storage);
    disk = new FakeDisk({ names: disk.names, contents: disk.contents });
    const [whole, torn] = (await recordsIn(disk, 1)).slice(-2);
    change(disk, 1, (bytes) => bytes.fill(0, torn!.offset + 300));
    const to = Math.ceil((torn!.offset + 300) / 512) * 512;
    expect(await planRepair(directory, disk)).toEqual({
      type: 'cuts',
      cuts: [{ type: 'zeros', file: file(1), from: whole!.offset, to, why: 'torn', entries: [2] }],
    });
    expect(await lastIndexAfterRepair()).toBe(1);
  });

  it('clears what stands behind the records of a full segment', async () => {
    const end = await endOf(disk, 1);
    change(disk, 1, (bytes) => bytes.fill(0x55, end + 16, end + 40));
    expect(await planRepair(directory, disk)).toEqual({
      type: 'cuts',
      cuts: [{ type: 'zeros', file: file(1), from: end, to: 8192, why: 'beyondEnd', entries: [] }],
    });
    expect(await lastIndexAfterRepair()).toBe(lastIndex);
  });

  it('refuses where a record is damaged that a later segment counts', async () => {
    const last = (await recordsIn(disk, 1)).at(-1)!;
    change(disk, 1, (bytes) => bytes.fill(0x55, last.offset + 100, last.offset + 101));
    expect(await planRepair(directory, disk)).toEqual({
      type: 'refused',
      node: 3,
      reasons: [
        `${file(1)} at offset ${last.offset}: a record that was written whole does not match its checksum`,
      ],
    });
  });

  it('refuses where a full segment is damaged at its end, and the one after it does not say where that is', async () => {
    // The first sync of the second segment was torn; the record before it was acknowledged.
    const last = (await recordsIn(disk, 1)).at(-1)!;
    change(disk, 1, (bytes) => bytes.fill(0x55, last.offset + 100, last.offset + 101));
    change(disk, 2, (bytes) => bytes.fill(0, 512 + 8));
    disk.names.delete(`${directory}/${file(3)}`);
    const account = await readAccount(disk, directory);
    await writeAccount(disk, directory, { ...account, watermark: { segment: 1, offset: 512 } });
    expect((await planRepair(directory, disk)).type).toBe('refused');
  });

  it('removes a segment that was only prepared, whatever became of it', async () => {
    for (const by of [
      (bytes: Buffer) => bytes.fill(0x55, 0, 8),
      (bytes: Buffer) => bytes.fill(0x55, 4096, 4200),
    ]) {
      const next = new FakeDisk(disk);
      change(next, 3, by);
      expect(await planRepair(directory, next)).toEqual({
        type: 'cuts',
        cuts: [{ type: 'removal', file: file(3) }],
      });
    }
  });

  it('refuses to remove a segment with records that the account does not count', async () => {
    const storage = await openWal(options, disk);
    const account = disk.names.get(`${directory}/disk.json`)!;
    const older = disk.contents.get(account)!;
    for (let index = 21; index <= 30; index++) await append(storage, index, text(index));
    await closed(storage);
    const newer = new FakeDisk({ names: disk.names, contents: disk.contents });
    newer.contents.set(newer.names.get(`${directory}/disk.json`)!, older);
    newer.names.delete(`${directory}/${file(4)}`);
    change(newer, 3, (bytes) => bytes.fill(0x55, 520, 521));
    expect((await planRepair(directory, newer)).type).toBe('refused');
  });

  it('refuses a record that looks torn only because its payload has a sector of zeros', async () => {
    const zeros: Entry = { term: 1, kind: 'command', payload: Buffer.alloc(2000) };
    disk = new FakeDisk(await written([text(1), zeros]));
    const last = (await recordsIn(disk, 1)).at(-1)!;
    change(disk, 1, (bytes) => bytes.fill(1, last.offset + 40, last.offset + 41));
    const plan = await planRepair(directory, disk);
    expect(plan.type === 'refused' && plan.reasons[0]).toMatch(/a sector of zeros, which may be its own/);
  });

  it('refuses where a small file is damaged', async () => {
    for (const name of ['identity.json', 'disk.json', 'peers.json']) {
      const next = new FakeDisk(disk);
      const number = next.names.get(`${directory}/${name}`)!;
      next.contents.set(number, Buffer.from('{}\n'));
      const plan = await planRepair(directory, next);
      expect(plan.type === 'refused' && plan.reasons[0], name).toMatch(new RegExp(`^${name} at offset 0: `));
    }
  });
});
