import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { fetchStatus, type LogLine, ProcessCluster } from './process-cluster.ts';
import { WritingLoad } from './writing-load.ts';

const clientProgram = new URL('../../src/cli/raft-client.ts', import.meta.url).pathname;
const logs: { readonly id: number; readonly line: LogLine }[] = [];
let cluster: ProcessCluster;
let dataDir: string;

const start = async (...flags: readonly string[]): Promise<void> => {
  logs.length = 0;
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-reads-'));
  cluster = await ProcessCluster.start({
    size: 3,
    dataDir,
    flags,
    onLog: (id, line) => logs.push({ id, line }),
  });
};

afterEach(async () => {
  // A test that fails in between leaves a node stopped, which would take no SIGTERM.
  for (const { process: child } of cluster.members) child?.kill('SIGCONT');
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const portOf = (id: number): number => cluster.members[id - 1]!.clientPort;

const ask = async (id: number, method: string, path: string, body: string | null = null, waitMs = 10_000) => {
  const signal = AbortSignal.timeout(waitMs);
  const response = await fetch(`http://127.0.0.1:${portOf(id)}${path}`, {
    method,
    body,
    signal,
    headers: { 'content-type': 'application/json' },
  });
  return { status: response.status, body: await response.text() };
};

/** Repeats a request of `node` until it is answered 200. */
const insist = async (id: number, method: string, path: string, body: string | null = null) => {
  for (;;) {
    const reply = await ask(id, method, path, body);
    if (reply.status === 200) return reply;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Waits until no node commits anything more. */
const settled = async (): Promise<readonly number[]> => {
  for (let last = ''; ; ) {
    const statuses = await Promise.all([1, 2, 3].map((id) => fetchStatus(portOf(id))));
    const indexes = statuses.map((status) => status?.commitIndex ?? -1);
    if (new Set(indexes).size === 1 && indexes.join() === last) return indexes;
    last = indexes.join();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const toldBy = (id: number) => logs.filter((each) => each.id === id).map(({ line }) => line.msg);

const client = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [clientProgram, ...args, '--endpoints', cluster.endpoints.join()]);

it('every node serves reads that see the last acknowledged write, and the log does not grow by them', async () => {
  await start('--lease-reads');
  for (let write = 1; write <= 20; write++) {
    const leader = await cluster.leader();
    await insist(leader, 'PUT', '/v1/kv/x', `${write}`);
    for (const id of [1, 2, 3]) {
      const query = write % 2 === 0 ? '' : '?consistency=lease';
      expect(await insist(id, 'GET', `/v1/kv/x${query}`)).toEqual({ status: 200, body: `${write}` });
    }
  }
  const before = await settled();
  for (let read = 0; read < 50; read++) {
    for (const id of [1, 2, 3]) await insist(id, 'GET', '/v1/kv/x');
  }
  expect(await settled()).toEqual(before);
}, 60_000);

it('a leader that was stopped (kill -STOP) and goes on does not answer with what others have overwritten', async () => {
  await start();
  const stopped = await cluster.leader();
  await insist(stopped, 'PUT', '/v1/kv/x', 'old');
  process.kill(cluster.pid(stopped), 'SIGSTOP');
  // Requests that lie in its sockets when it goes on, before anything that tells it of the new leader.
  const answers = Array.from({ length: 20 }, () => ask(stopped, 'GET', '/v1/kv/x', null, 60_000));
  const others = [1, 2, 3].filter((id) => id !== stopped);
  for (let isWritten = false; !isWritten; ) {
    for (const id of others) {
      const reply = await ask(id, 'PUT', '/v1/kv/x', 'new').catch(() => null);
      isWritten ||= reply?.status === 200;
    }
  }
  for (const id of others) expect(await insist(id, 'GET', '/v1/kv/x')).toEqual({ status: 200, body: 'new' });
  process.kill(cluster.pid(stopped), 'SIGCONT');
  for (const { status, body } of await Promise.all(answers)) {
    if (status === 200) expect(body).toBe('new');
    else expect([421, 503, 504]).toContain(status);
  }
  expect(await insist(stopped, 'GET', '/v1/kv/x')).toEqual({ status: 200, body: 'new' });
  expect((await ask(stopped, 'GET', '/v1/kv/x?consistency=stale')).status).toBe(200);
}, 60_000);

it('raft-client moves the leadership to the node that is named, and says so once it leads', async () => {
  await start();
  const before = await cluster.leader();
  await insist(before, 'PUT', '/v1/kv/x', '1');
  const target = (before % 3) + 1;
  expect(await client('transfer-leader', `${target}`)).toMatchObject({ stdout: `OK leader=${target}\n` });
  expect(await cluster.leader()).toBe(target);
  expect(await client('transfer-leader', `${target}`)).toMatchObject({ stdout: `OK leader=${target}\n` });
  const { stdout } = await client('-w', 'json', 'transfer-leader');
  expect(JSON.parse(stdout)).toEqual({ ok: true, leader: expect.any(Number) });
  expect(JSON.parse(stdout).leader).not.toBe(target);
  const refused = await client('transfer-leader', '9').catch((error) => error);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: 'target_unknown' });
}, 60_000);

it('SIGTERM moves the leadership first: no election, and every write under way is answered', async () => {
  await start();
  const leader = await cluster.leader();
  const load = new WritingLoad(cluster.endpoints, 4);
  while (load.acknowledged < 100) await new Promise((resolve) => setTimeout(resolve, 5));
  const { term } = (await fetchStatus(portOf(leader)))!;
  expect(await cluster.end(leader, 'SIGTERM')).toBe(0);
  const next = (await fetchStatus(portOf(await cluster.leader())))!;
  // Nobody campaigned but the one that was asked to.
  expect(next.term).toBe(term + 1);
  const acknowledged = load.acknowledged;
  while (load.acknowledged < acknowledged + 100) await new Promise((resolve) => setTimeout(resolve, 5));
  await load.stop();
  expect(await load.missing()).toEqual([]);
  load.close();
  expect(toldBy(leader)).toContain('handed over the leadership');
}, 60_000);

it('SIGTERM stops a follower at once, and a leader that nobody can take over from after an election timeout', async () => {
  await start('--election-timeout', '1000-2000');
  const leader = await cluster.leader();
  const [first, second] = [1, 2, 3].filter((id) => id !== leader) as [number, number];
  expect(await cluster.end(first, 'SIGTERM')).toBe(0);
  await cluster.end(second, 'SIGKILL');
  const begunMs = performance.now();
  expect(await cluster.end(leader, 'SIGTERM')).toBe(0);
  expect(performance.now() - begunMs).toBeLessThan(6000);
  expect(toldBy(leader)).toContain('nobody took over the leadership');
  expect(toldBy(first)).not.toContain('nobody took over the leadership');
}, 60_000);

it('a second SIGTERM stops a leader at once that is still handing over', async () => {
  await start('--election-timeout', '4000-8000');
  const leader = await cluster.leader();
  for (const id of [1, 2, 3].filter((each) => each !== leader)) await cluster.end(id, 'SIGKILL');
  process.kill(cluster.pid(leader), 'SIGTERM');
  while (!toldBy(leader).includes('shutting down')) await new Promise((resolve) => setTimeout(resolve, 5));
  const begunMs = performance.now();
  expect(await cluster.end(leader, 'SIGTERM')).toBe(0);
  expect(performance.now() - begunMs).toBeLessThan(3000);
  expect(toldBy(leader)).toContain('shutting down at once');
}, 60_000);
