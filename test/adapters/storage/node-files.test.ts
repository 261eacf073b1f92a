import fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { committed, nodeFiles } from '../../../src/adapters/storage/files.ts';

/** What the real files ask of the system; a write that is only in the page cache survives the process, but no power loss. */
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'node-files-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

const { O_DSYNC } = fs.constants;

/** The names of those calls, in order, as they are made from now on. */
const traced = () => {
  const calls: string[] = [];
  const { open, write, fdatasync } = fs;
  vi.spyOn(fs, 'open').mockImplementation(((path: string, flags: number, ...rest: unknown[]) => {
    calls.push(`open${(flags & (O_DSYNC ?? 0)) !== 0 ? ' for synchronous writes' : ''}`);
    return (open as (...all: unknown[]) => void)(path, flags, ...rest);
  }) as typeof fs.open);
  vi.spyOn(fs, 'write').mockImplementation(((...all: unknown[]) => {
    calls.push('write');
    return (write as (...all: unknown[]) => void)(...all);
  }) as typeof fs.write);
  vi.spyOn(fs, 'fdatasync').mockImplementation(((...all: unknown[]) => {
    calls.push('fdatasync');
    return (fdatasync as (...all: unknown[]) => void)(...all);
  }) as typeof fs.fdatasync);
  return calls;
};

it.each(['create', 'write'] as const)('what is committed to a file opened to %s is durable', async (mode) => {
  const path = join(directory, 'file');
  if (mode === 'write') fs.writeFileSync(path, '');
  const calls = traced();
  const file = await nodeFiles.open(path, mode);
  await committed(nodeFiles, file, Buffer.from('bytes'), 0);
  nodeFiles.close(file);
  // In one trip where the system can do that, else in two.
  expect(calls).toEqual(
    O_DSYNC === undefined ? ['open', 'write', 'fdatasync'] : ['open for synchronous writes', 'write'],
  );
  expect(fs.readFileSync(path, 'utf8')).toBe('bytes');
});

it('a write that the system takes in parts is committed whole, and not before', async () => {
  const { write } = fs;
  const sizes: number[] = [];
  vi.spyOn(fs, 'write').mockImplementation(((
    ...[file, bytes, from, length, position, done]: [number, Buffer, number, number, number, () => void]
  ) => {
    sizes.push(length);
    return write(file, bytes, from, Math.min(length, 4), position, done);
  }) as unknown as typeof fs.write);
  const path = join(directory, 'file');
  const file = await nodeFiles.open(path, 'create');
  await committed(nodeFiles, file, Buffer.from('0123456789'), 3);
  nodeFiles.close(file);
  expect(sizes).toEqual([10, 6, 2]);
  expect(fs.readFileSync(path, 'latin1')).toBe('\0\0\x000123456789');
});

/** The directories that are synced from now on: their inodes. */
const synced = async () => {
  const inodes: number[] = [];
  const { open } = fs.promises;
  vi.spyOn(fs.promises, 'open').mockImplementation(async (...all) => {
    const handle = await open(...all);
    const { sync } = handle;
    handle.sync = async () => {
      inodes.push((await handle.stat()).ino);
      await sync.call(handle);
    };
    return handle;
  });
  return inodes;
};
const inodeOf = (...names: readonly string[]) => fs.statSync(join(directory, ...names)).ino;

it('a directory is synced itself, not a file in it', async () => {
  const inodes = await synced();
  await nodeFiles.syncDirectory(directory);
  expect(inodes).toEqual([inodeOf()]);
});

it('of a new directory, every directory that got a new name in it is synced', async () => {
  const inodes = await synced();
  await nodeFiles.makeDirectory(join(directory, 'a', 'b', 'c'));
  expect(inodes).toEqual([inodeOf('a', 'b'), inodeOf('a'), inodeOf()]);
  inodes.length = 0;
  await nodeFiles.makeDirectory(join(directory, 'a', 'b', 'c'));
  expect(inodes).toEqual([]);
});

it('a new file must not be there already', async () => {
  fs.writeFileSync(join(directory, 'file'), 'old');
  await expect(nodeFiles.open(join(directory, 'file'), 'create')).rejects.toThrow('EEXIST');
});
