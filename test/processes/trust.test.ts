import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWal } from '../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../src/ports/log.ts';
import { unpack } from '../adapters/storage/stored-directories.ts';
import { fetchStatus, type LogLine, ProcessCluster } from './process-cluster.ts';

let dataDir: string;
let cluster: ProcessCluster;
let lines: { readonly id: number; readonly line: LogLine }[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-trust-'));
  lines = [];
});
afterEach(async () => {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const options = (size: number) => ({
  size,
  dataDir,
  onLog: (id: number, line: LogLine) => lines.push({ id, line }),
});
const portOf = (id: number) => cluster.members[id - 1]!.clientPort;
const ask = async (id: number, path: string, init: RequestInit = {}) => {
  const response = await fetch(`http://127.0.0.1:${portOf(id)}${path}`, {
    ...init,
    signal: AbortSignal.timeout(15_000),
  });
  return { status: response.status, body: await response.text() };
};
/** Asks the leader until the answer is 200. */
const done = async (path: string, init: RequestInit = {}): Promise<string> => {
  for (;;) {
    const { status, body } = await ask(await cluster.leader(), path, init);
    if (status === 200) return body;
  }
};
const put = (key: string) => done(`/v1/kv/${key}`, { method: 'PUT', body: `value of ${key}` });
const get = (key: string) => done(`/v1/kv/${key}`);
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const isReady = (id: number) => async () => (await ask(id, '/readyz').catch(() => null))?.status === 200;
const isRefused = (id: number) => async () => {
  const answer = await ask(id, '/readyz').catch(() => null);
  return answer?.status === 503 && answer.body.includes('"error":"refused"');
};
const others = (...not: readonly number[]) =>
  cluster.members.map(({ id }) => id).filter((id) => !not.includes(id));
/** A follower and, where there is one, another. */
const followers = async (): Promise<readonly [number, number]> => {
  const [first, second] = others(await cluster.leader());
  return [first!, second!];
};
const copyPath = (id: number) => `${cluster.dataDirOf(id)}.copy`;
const restore = (id: number) => {
  rmSync(cluster.dataDirOf(id), { recursive: true });
  cpSync(copyPath(id), cluster.dataDirOf(id), { recursive: true });
};

describe('a node whose disk was lost or rolled back', () => {
  it('F1: its data directory was deleted: refused and named on both sides, not counted, and back with its own disk', async () => {
    cluster = await ProcessCluster.start(options(3));
    await put('a');
    const [two, three] = await followers();
    const leader = await cluster.leader();
    await until(isReady(two));
    await cluster.end(two, 'SIGKILL');
    cpSync(cluster.dataDirOf(two), copyPath(two), { recursive: true });
    rmSync(cluster.dataDirOf(two), { recursive: true });
    cluster.start(two);
    await until(isRefused(two));

    const reason = new RegExp(
      `^node${two} is on another disk: its log is [0-9a-f]{32}, but was [0-9a-f]{32}: .*bring its data directory back, or .*: raft-client member replace ${two}$`,
    );
    const sides: readonly (readonly [number, number])[] = [
      [leader, two],
      [two, leader],
    ];
    for (const [on, peer] of sides) {
      const status = await fetchStatus(portOf(on));
      const link = status?.peers.find(({ id }) => id === peer);
      expect(link).toMatchObject({ link: 'refused', refusal: { by: leader } });
      expect(link?.refusal?.reason).toMatch(reason);
    }
    expect(await ask(leader, '/readyz')).toMatchObject({ status: 200 });
    expect((await ask(leader, '/readyz')).body).toContain(`"peer":"node${two}"`);
    expect((await ask(two, '/readyz')).body).toContain('bring its data directory back');
    await put('b');

    // With the third node gone there is no majority: the one that is refused must not make one.
    await cluster.end(three, 'SIGKILL');
    const alone = await ask(leader, '/v1/kv/c', { method: 'PUT', body: 'c' });
    expect([503, 504, 421]).toContain(alone.status);
    cluster.start(three);
    await put('d');
    const told = lines.filter(
      ({ id, line }) => id === leader && String(line.msg).startsWith(`node${two} is refused`),
    );
    expect(told).toHaveLength(1);

    await cluster.end(two, 'SIGKILL');
    restore(two);
    cluster.start(two);
    await until(isReady(two));
    expect(await get('b')).toBe('value of b');
  }, 120_000);

  it('F1: an older copy of its data directory was restored: refused, and back with the newer one', async () => {
    cluster = await ProcessCluster.start(options(3));
    await put('a');
    const [two] = await followers();
    await cluster.end(two, 'SIGKILL');
    cpSync(cluster.dataDirOf(two), copyPath(two), { recursive: true });
    cluster.start(two);
    await until(isReady(two));
    await put('b');
    await cluster.end(two, 'SIGKILL');
    const newer = `${cluster.dataDirOf(two)}.newer`;
    cpSync(cluster.dataDirOf(two), newer, { recursive: true });
    restore(two);
    cluster.start(two);
    await until(isRefused(two));
    expect((await ask(two, '/readyz')).body).toMatch(
      /on a copy of its disk: its start number 2 was that of run/,
    );
    // However often it is started again.
    for (let start = 3; start <= 5; start++) {
      await cluster.end(two, 'SIGKILL');
      cluster.start(two);
      await until(isRefused(two));
    }
    await cluster.end(two, 'SIGKILL');
    rmSync(cluster.dataDirOf(two), { recursive: true });
    cpSync(newer, cluster.dataDirOf(two), { recursive: true });
    cluster.start(two);
    await until(isReady(two));
  }, 120_000);

  it('F3: the leader stops, and another of five was rolled back: no acknowledged write is lost', async () => {
    cluster = await ProcessCluster.start(options(5));
    const [three] = await followers();
    await cluster.end(three, 'SIGKILL');
    cpSync(cluster.dataDirOf(three), copyPath(three), { recursive: true });
    cluster.start(three);
    await until(isReady(three));
    const keys = Array.from({ length: 20 }, (_, at) => `key${at}`);
    for (const key of keys) await put(key);
    await cluster.end(three, 'SIGKILL');
    const leader = await cluster.leader();
    await cluster.end(leader, 'SIGKILL');
    restore(three);
    cluster.start(three);
    await until(isRefused(three));
    for (const key of keys) expect(await get(key)).toBe(`value of ${key}`);
  }, 120_000);
});

describe('a data directory from which something is missing', () => {
  const newestSegment = () =>
    readdirSync(cluster.dataDirOf(1))
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1)!;
  const stopped = async () => {
    cluster = await ProcessCluster.reserve(options(1));
    unpack('format-1/raft-1', cluster.dataDirOf(1));
    cluster.start(1, [1]);
    expect(await get('key28')).toMatch(/^value 28 /);
    expect(await cluster.end(1, 'SIGTERM')).toBe(0);
  };

  it('F4: the newest segment: exit 4, in one line with the remedy', async () => {
    await stopped();
    const name = newestSegment();
    rmSync(join(cluster.dataDirOf(1), name));
    const { code, stderr } = cluster.refused(1);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      new RegExp(
        `^[^\\n]*${name}: damaged at offset 0: this segment is missing; [^\\n]*raft-client member replace 1\\n$`,
      ),
    );
  }, 60_000);

  it('a snapshot whose configuration cannot be read: exit 4, in one line', async () => {
    await stopped();
    const storage = await openWal({
      directory: cluster.dataDirOf(1),
      nodeId: 1,
      clusterId: 'raftchart',
      log: silentLog,
    });
    const position = { index: 5, term: 1, configuration: Uint8Array.from([1, 2]) };
    await storage.snapshots.save(position, new Uint8Array(3));
    await new Promise<void>((resolve) => storage.close(resolve));
    expect(cluster.refused(1)).toEqual({
      code: 4,
      stderr: expect.stringMatching(
        /^[^\n]*snapshot 5 \(term 1\): its configuration cannot be read[^\n]*\n$/,
      ),
    });
  }, 60_000);

  it('F4: zeros from some point of the newest segment on: exit 4', async () => {
    await stopped();
    const path = join(cluster.dataDirOf(1), newestSegment());
    const bytes = readFileSync(path);
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    for (const share of [0, 0.3, 0.7, 0.99]) {
      const from = 512 + Math.floor(share * (end - 512));
      writeFileSync(path, Buffer.from(bytes).fill(0, from));
      const { code, stderr } = cluster.refused(1);
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(/^[^\n]*damaged at offset \d+: [^\n]*missing[^\n]*\n$/),
      ]);
    }
    writeFileSync(path, bytes);
    cluster.start(1);
    expect(await get('key28')).toMatch(/^value 28 /);
  }, 60_000);
});

describe('--peers of a later start', () => {
  it('F5: two of five restarted as members of a cluster of three: exit 4, both lists named, nothing lost', async () => {
    cluster = await ProcessCluster.start(options(5));
    await put('a');
    for (const id of [1, 2]) {
      await cluster.end(id, 'SIGKILL');
      expect(cluster.refused(id, [1, 2, 3])).toEqual({
        code: 4,
        stderr: expect.stringMatching(
          /^[^\n]*as one of 1,2,3, but the cluster of its data directory has 1,2,3,4,5[^\n]*\n$/,
        ),
      });
    }
    for (const id of [1, 2]) cluster.start(id);
    for (const id of [1, 2]) await until(isReady(id));
    expect(await get('a')).toBe('value of a');
  }, 120_000);

  it('F5: none at all: the node goes on in its cluster, and founds no second one (seaweedfs#10880)', async () => {
    cluster = await ProcessCluster.start(options(3));
    await put('a');
    // The other two may have begun without it, before it had a directory.
    await until(isReady(2));
    await cluster.end(2, 'SIGTERM');
    cluster.start(2, null);
    await until(isReady(2));
    const status = await fetchStatus(portOf(2));
    expect(status?.peers.map(({ id }) => id)).toEqual([1, 3]);
    expect(await get('a')).toBe('value of a');
  }, 120_000);

  it('F5: a first start without --peers beside a cluster: neither takes the other for its own', async () => {
    cluster = await ProcessCluster.reserve(options(3));
    for (const id of [1, 2]) cluster.start(id);
    await put('a');
    cluster.start(3, null);
    await until(async () => {
      const status = await fetchStatus(portOf(1));
      return status?.peers.find(({ id }) => id === 3)?.refusal !== undefined;
    });
    const status = await fetchStatus(portOf(1));
    expect(status?.peers.find(({ id }) => id === 3)?.refusal?.reason).toMatch(
      /one of 1,2,3, node3 as one of 3,/,
    );
  }, 60_000);

  it('a directory of format 1: exit 4 without --peers, and served with it', async () => {
    cluster = await ProcessCluster.reserve(options(3));
    for (const id of [1, 2] as const) unpack(`format-1/raft-${id}`, cluster.dataDirOf(id));
    expect(cluster.refused(1, null)).toEqual({
      code: 4,
      stderr: expect.stringMatching(/^[^\n]*identity\.json has format 1[^\n]*--peers none[^\n]*\n$/),
    });
    for (const id of [1, 2]) cluster.start(id);
    expect(await get('key1')).toMatch(/^value 1 /);
    expect(await get('key28')).toMatch(/^value 28 /);
  }, 60_000);
});
