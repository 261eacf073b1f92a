import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { boltFile, boltFileBytes } from '../../../src/store/etcd/snapshot/bolt-file.ts';
import { bucketsOf, byRevision } from '../../../src/store/etcd/snapshot/stored-entries.ts';
import type { KeyValue } from '../../../src/store/kv/revisioned-store.ts';
import { isInstalled } from './real-etcd.ts';

const run = promisify(execFile);
const hasEtcdctl = isInstalled('etcdctl');

const pair = (nth: number, valueBytes = nth % 40): KeyValue => ({
  key: `key${String((nth * 7919) % 100_003).padStart(6, '0')}`,
  value: Buffer.alloc(valueBytes, nth),
  createRevision: 1 + Math.floor(nth / 3),
  // Three keys of one transaction each.
  modRevision: 2 + Math.floor(nth / 3),
  version: 1,
  lease: nth % 5 === 0 ? 7n : 0n,
});

const pairs = (count: number): KeyValue[] => Array.from({ length: count }, (_, nth) => pair(nth));

/** Runs it to its end. */
const whole = <Result>(steps: Generator<unknown, Result>): Result => {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
};

const fileOf = (held: readonly KeyValue[]): Buffer => {
  const sorted = whole(byRevision(held.map((each) => [each.key, each] as const)));
  const leases = [{ id: 7n, ttlSeconds: 60, endsMs: 0 }];
  return Buffer.concat([...boltFile(bucketsOf({ pairs: sorted, leases, revision: 50_000, index: 60_000 }))]);
};

/** Reads a file as bbolt does, and each page once; `name/key` and value in hexadecimal. */
const entriesIn = (file: Buffer): Map<string, string> => {
  const seen = new Set([0, 1, 2]);
  const found = new Map<string, string>();
  const u32 = (at: number): number => file.readUInt32LE(at);
  const u64 = (at: number): number => Number(file.readBigUInt64LE(at));
  const walk = (id: number, bucket: string): void => {
    const at = id * 4096;
    expect(u64(at)).toBe(id);
    for (let page = id; page <= id + u32(at + 12); page++) {
      expect(seen.has(page)).toBe(false);
      seen.add(page);
    }
    const isLeaf = file.readUInt16LE(at + 8) === 2;
    let last = '';
    for (let nth = 0; nth < file.readUInt16LE(at + 10); nth++) {
      const element = at + 16 + 16 * nth;
      const [flags, where, keyBytes] = isLeaf
        ? [u32(element), u32(element + 4), u32(element + 8)]
        : [0, u32(element), u32(element + 4)];
      const keyAt = element + where;
      const key = file.toString('latin1', keyAt, keyAt + keyBytes);
      expect(key > last).toBe(true);
      last = key;
      if (!isLeaf) walk(u64(element + 8), bucket);
      else if (flags === 1) walk(u64(keyAt + keyBytes), key);
      else {
        const valueAt = keyAt + keyBytes;
        found.set(
          `${bucket}/${Buffer.from(key, 'latin1').toString('hex')}`,
          file.toString('hex', valueAt, valueAt + u32(element + 12)),
        );
      }
    }
  };
  walk(u64(4096 + 32), '');
  expect(seen.size).toBe(u64(4096 + 56));
  expect(file.length).toBe(seen.size * 4096);
  return found;
};

describe('a snapshot for etcd', () => {
  it.each([0, 1, 100, 20_000])('of %i keys is a tree of pages, each used once, with every key', (count) => {
    const held = pairs(count);
    const file = fileOf(held);
    expect(boltFileBytes(file)).toBe(file.length);
    const found = entriesIn(file);
    const keys = [...found.keys()].filter((name) => name.startsWith('key/'));
    expect(keys).toHaveLength(count);
    const texts = [...found.values()].join('\n');
    for (const { key } of held.slice(0, 100)) expect(texts).toContain(Buffer.from(key).toString('hex'));
  });

  it('lets others have their turn while it is planned, and begins with the pages that count the others', () => {
    const sorted = whole(byRevision(pairs(20_000).map((each) => [each.key, each] as const)));
    const pieces = [...boltFile(bucketsOf({ pairs: sorted, leases: [], revision: 9, index: 9 }))];
    const planned = pieces.findIndex(({ length }) => length > 0);
    expect(planned).toBe(Math.floor(20_000 / 4096));
    expect(pieces.slice(planned).every(({ length }) => length > 0)).toBe(true);
    expect(boltFileBytes(pieces[planned]!)).toBe(Buffer.concat(pieces).length);
  });

  it('has keys as etcd stores them, and leases', () => {
    const [one, two] = [pair(5, 3), { ...pair(300, 0), lease: 0n }];
    const found = entriesIn(fileOf([two, one]));
    const hex = (text: string) => Buffer.from(text).toString('hex');
    expect(found.get(`key/${'3'.padStart(16, '0')}${hex('_')}${'0'.repeat(16)}`)).toBe(
      `0a09${hex(one.key)}100218032001${'2a03050505'}3007`,
    );
    expect(found.get(`key/${'66'.padStart(16, '0')}${hex('_')}${'0'.repeat(16)}`)).toBe(
      `0a09${hex(two.key)}106518662001`,
    );
    expect(found.get(`lease/${'7'.padStart(16, '0')}`)).toBe('0807103c');
    expect(found.get(`meta/${hex('consistent_index')}`)).toBe((60_000).toString(16).padStart(16, '0'));
  });

  it('has values larger than a page', () => {
    const held = [pair(1, 5000), pair(2, 1_000_000), pair(3, 0)];
    const values = [...entriesIn(fileOf(held)).values()].map(({ length }) => length / 2);
    expect(Math.max(...values)).toBeGreaterThan(1_000_000);
  });

  it('comes in the order of revisions, however many there are', () => {
    const held = pairs(50_000);
    const sorted = whole(
      byRevision(held.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map((each) => [each.key, each])),
    );
    expect(sorted).toHaveLength(held.length);
    expect(sorted.every((each, at) => at === 0 || sorted[at - 1]!.modRevision <= each.modRevision)).toBe(
      true,
    );
  });

  it.skipIf(!hasEtcdctl)(
    'passes the check of bbolt, as etcdctl snapshot status makes it (needs etcd-client)',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'raftchart-bolt-'));
      for (const count of [0, 100, 20_000]) {
        const file = fileOf(pairs(count));
        const path = join(directory, `${count}.db`);
        writeFileSync(path, Buffer.concat([file, createHash('sha256').update(file).digest()]));
        const { stdout } = await run('etcdctl', ['snapshot', 'status', path, '-w', 'json'], {
          env: { ...process.env, ETCDCTL_API: '3' },
        });
        const keys = count + 3;
        expect(JSON.parse(stdout)).toMatchObject({
          totalKey: keys,
          revision: count === 0 ? 0 : 2 + Math.floor((count - 1) / 3),
        });
      }
      rmSync(directory, { recursive: true });
    },
  );
});
