import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockDirectory } from '../../../src/adapters/storage/lock.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { StorageRefused } from '../../../src/ports/storage.ts';
import { closed, command, synced, visited } from './writes.ts';

describe('opening the write-ahead log', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'raftchart-open-'));
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));
  const optionsFor = (directory: string) => ({
    directory,
    nodeId: 1,
    clusterId: 'a',
    segmentSizeBytes: 8192,
    log: silentLog,
  });
  const refusalOf = async (opening: Promise<unknown>): Promise<StorageRefused> => {
    const refusal = await opening.catch((error: unknown) => error);
    if (!(refusal instanceof StorageRefused)) throw new Error(`not refused, but ${String(refusal)}`);
    expect(refusal.message).not.toContain('\n');
    return refusal;
  };

  test('makes the directory and its parents', async () => {
    const directory = join(root, 'some', 'where');
    const storage = await openWal(optionsFor(directory));
    await closed(storage);
    expect(fs.readdirSync(directory).sort()).toEqual([
      'disk.json',
      'identity.json',
      'peers.json',
      'wal-0000000001.log',
    ]);
  });

  test('refuses a directory that this process has open, by whatever path, until it is closed', async () => {
    const directory = join(root, 'data');
    const storage = await openWal(optionsFor(directory));
    fs.symlinkSync(directory, join(root, 'alias'));
    for (const path of [directory, `${root}/./data/`, join(root, 'alias')]) {
      expect((await refusalOf(openWal(optionsFor(path)))).reason).toBe('locked');
    }
    await closed(storage);
    await closed(await openWal(optionsFor(directory)));
  });

  test('of many starters at once, one gets the directory', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => openWal(optionsFor(join(root, 'data')))),
    );
    const opened = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(opened).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ reason: 'locked' });
    }
    await closed(opened[0]!.value);
  });

  test('says how far reading has come, waits for whoever is told, and lets the directory go if that fails', async () => {
    const options = { ...optionsFor(join(root, 'data')), segmentSizeBytes: 2 * 2 ** 20 };
    const storage = await openWal(options);
    const payload = new Uint8Array(1000);
    for (let index = 1; index <= 6000; index += 1000) {
      const entries = Array.from({ length: 1000 }, () => ({ term: 1, kind: 'command', payload }) as const);
      storage.append({ hardState: { currentTerm: 1, votedFor: null }, firstIndex: index, entries });
      await synced(storage);
    }
    await closed(storage);

    const shares: number[] = [];
    let isWaiting = false;
    const whileReading = async (share: number) => {
      expect(isWaiting).toBe(false);
      isWaiting = true;
      await new Promise((resolve) => setImmediate(resolve));
      isWaiting = false;
      shares.push(share);
    };
    const again = await openWal({ ...options, whileReading });
    expect(again.recovered.lastIndex).toBe(6000);
    await closed(again);
    expect(shares.length).toBeGreaterThan(10);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBeGreaterThan(0.8);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);

    const enough = new Error('enough');
    const ended = openWal({ ...options, whileReading: () => Promise.reject(enough) });
    expect(await ended.catch((error) => error)).toBe(enough);
    const last = await openWal(options);
    expect(last.recovered.lastIndex).toBe(6000);
    await closed(last);
  });

  test('another process keeps the directory locked, and kill -9 frees it', async () => {
    const directory = join(root, 'data');
    await closed(await openWal(optionsFor(directory)));
    const holder = await startHolder(directory);
    try {
      const refusal = await refusalOf(openWal(optionsFor(directory)));
      expect(refusal.reason).toBe('locked');
      expect(refusal.message).toContain(directory);
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    await closed(await openWal(optionsFor(directory)));
  });

  test('a lock is released once, and only by its holder', async () => {
    const release = await lockDirectory(root);
    expect(await lockDirectory(root)).toBeNull();
    release?.();
    release?.();
    const again = await lockDirectory(root);
    expect(again).not.toBeNull();
    again?.();
  });

  test("refuses another node's and another cluster's directory, and lets its owner in", async () => {
    const storage = await openWal(optionsFor(root));
    storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: 1, entries: [command(1, 'a')] });
    expect(await synced(storage)).toBeNull();
    await closed(storage);
    const otherNode = await refusalOf(openWal({ ...optionsFor(root), nodeId: 2 }));
    expect(otherNode.reason).toBe('wrongOwner');
    expect(otherNode.message).toContain('belongs to node1 of cluster "a", not to node2 of cluster "a"');
    const otherCluster = await refusalOf(openWal({ ...optionsFor(root), clusterId: 'b' }));
    expect(otherCluster.reason).toBe('wrongOwner');
    const owner = await openWal(optionsFor(root));
    expect(visited(owner)).toEqual([[1, 1, 1]]);
    await closed(owner);
  });

  test('a different segment size takes effect with the next segment', async () => {
    let index = 0;
    for (const segmentSizeBytes of [8192, 16384, 8192, 12288]) {
      const storage = await openWal({ ...optionsFor(root), segmentSizeBytes, cacheBytes: 0 });
      expect(storage.recovered.lastIndex).toBe(index);
      for (let i = 0; i < 30; i += 1) {
        index += 1;
        const entries = [command(1, String(index).padEnd(700, '.'))];
        storage.append({ hardState: { currentTerm: 1, votedFor: null }, firstIndex: index, entries });
        expect(await synced(storage)).toBeNull();
      }
      expect(storage.read(1, index, 1_000_000).map(({ payload }) => parseInt(String(payload), 10))).toEqual(
        Array.from({ length: index }, (_, i) => i + 1),
      );
      await closed(storage);
    }
  });

  test('a path that is a file is unusable, in one line that names it', async () => {
    const path = join(root, 'file');
    fs.writeFileSync(path, 'text');
    const refusal = await refusalOf(openWal(optionsFor(path)));
    expect(refusal.reason).toBe('unusable');
    expect(refusal.message).toContain(`cannot use data directory ${path}: EEXIST`);
  });

  test('set-up that was interrupted starts again; a stray file is left alone', async () => {
    fs.writeFileSync(join(root, 'wal-0000000001.log.tmp'), 'half');
    fs.writeFileSync(join(root, 'identity.json.tmp'), '{');
    fs.writeFileSync(join(root, 'wal-0000000001.log'), Buffer.alloc(8192));
    fs.writeFileSync(join(root, 'notes.tmp'), 'mine');
    await closed(await openWal(optionsFor(root)));
    expect(fs.readdirSync(root).sort()).toEqual([
      'disk.json',
      'identity.json',
      'notes.tmp',
      'peers.json',
      'wal-0000000001.log',
    ]);
  });
});

/** A second process that has `directory` open and says so. */
async function startHolder(directory: string): Promise<ChildProcess> {
  const lock = new URL('../../../src/adapters/storage/lock.ts', import.meta.url).href;
  const program = `
    const { lockDirectory } = await import(${JSON.stringify(lock)});
    console.log(await lockDirectory(${JSON.stringify(directory)}) === null ? 'refused' : 'locked');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(holder.stdout!, 'data');
  expect(String(said).trim()).toBe('locked');
  return holder;
}
