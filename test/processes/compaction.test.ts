import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NodeStatus } from '../../src/node/node.ts';
import { KvHttpClient } from './kv-http-client.ts';
import { type LogLine, ProcessCluster } from './process-cluster.ts';

const keys = 20;
const value = (at: number) => `${at} `.padEnd(4000, 'x');

let dataDir: string;
let cluster: ProcessCluster;
let client: KvHttpClient;
let lines: { readonly id: number; readonly line: LogLine }[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-compaction-'));
  client = new KvHttpClient(16);
  lines = [];
});
afterEach(async () => {
  client.close();
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const endpointOf = (id: number) => cluster.endpoints[id - 1]!;
const statusOf = async (id: number): Promise<NodeStatus> =>
  JSON.parse((await client.send('GET', endpointOf(id), '/v1/status')).body);
const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 30_000;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const putAll = async (from: number, to: number): Promise<void> => {
  let endpoint = endpointOf(await cluster.leader());
  for (let at = from; at < to; ) {
    const batch = Array.from({ length: Math.min(keys, to - at) }, (_, i) => at + i);
    const replies = await Promise.all(
      batch.map((each) => client.send('PUT', endpoint, `/v1/kv/k${each % keys}`, value(each))),
    );
    if (replies.every(({ status }) => status === 200)) at += batch.length;
    else endpoint = endpointOf(await cluster.leader());
  }
};
const expectLast = async (id: number, puts: number): Promise<void> => {
  for (let at = puts - keys; at < puts; at++) {
    const { body } = await client.send('GET', endpointOf(id), `/v1/kv/k${at % keys}?consistency=stale`);
    expect(body).toBe(value(at));
  }
};
/** What its data directory takes of the disk. */
const bytesOf = (id: number): number =>
  readdirSync(cluster.dataDirOf(id), { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(cluster.dataDirOf(id), name)))
    .reduce((sum, each) => sum + (each.isFile() ? each.blocks * 512 : 0), 0);

it('a follower that was down while the others compacted gets the snapshot; then all restart from snapshot and tail (paper §7)', async () => {
  cluster = await ProcessCluster.start({
    size: 3,
    dataDir,
    flags: ['--snapshot-entries', '1000', '--trailing-entries', '100'],
    onLog: (id, line) => lines.push({ id, line }),
  });
  await putAll(0, 200);
  const leader = await cluster.leader();
  const down = leader === 1 ? 2 : 1;
  await cluster.end(down, 'SIGKILL');
  await putAll(200, 6000);
  const before = await statusOf(await cluster.leader());
  expect(before.firstLogIndex).toBeGreaterThan(1000);
  expect(before.snapshot?.index).toBeGreaterThanOrEqual(before.firstLogIndex - 1);

  cluster.start(down);
  const { commitIndex } = await statusOf(await cluster.leader());
  await until(async () => (await statusOf(down)).lastApplied >= commitIndex);
  expect(lines.filter(({ id }) => id === down).map(({ line }) => line.msg)).toContain('snapshot received');
  await expectLast(down, 6000);

  for (const { id } of cluster.members) await cluster.end(id, 'SIGKILL');
  for (const { id } of cluster.members) cluster.start(id);
  await putAll(6000, 6000 + keys);
  const { commitIndex: last } = await statusOf(await cluster.leader());
  for (const { id } of cluster.members) {
    await until(async () => (await statusOf(id)).lastApplied >= last);
    await expectLast(id, 6000 + keys);
    expect((await statusOf(id)).firstLogIndex).toBeGreaterThan(1000);
    expect(bytesOf(id)).toBeLessThan(6000 * value(0).length);
  }
}, 120_000);
