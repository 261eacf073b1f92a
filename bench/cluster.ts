import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { type EtcdCluster, startEtcd } from './etcd-cluster.ts';
import { nodeLoad } from './node-load.ts';
import { hasProgram, type LoadFigures, type LoadRequests, runWrk, writeScript } from './wrk.ts';

/** Durable writes of 256-byte values, three processes; beside a three-node etcd where etcd and wrk are installed. */
const connectionCounts = [1, 16, 64, 256];
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS ?? 4);
const keys = 1000;
const value = 'v'.repeat(256);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const names = Array.from({ length: keys }, (_, at) => `key${at}`);

const ours: LoadRequests = {
  method: 'PUT',
  headers: {},
  requests: names.map((name) => ({ path: `/v1/kv/${name}`, body: value })),
};
const theirs: LoadRequests = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: names.map((name) => ({
    path: '/v3/kv/put',
    body: JSON.stringify({ key: base64(name), value: base64(value) }),
  })),
};

const directory = mkdtempSync(join(tmpdir(), 'raftchart-bench-'));
const hasWrk = await hasProgram('wrk');
const hasEtcd = hasWrk && (await hasProgram('etcd'));
const cluster = await ProcessCluster.start({ size: 3, dataDir: directory, flags: ['--log-level', 'warn'] });
const leader = cluster.endpoints[(await cluster.leader()) - 1]!;
const etcd: EtcdCluster | null = hasEtcd ? await startEtcd(directory) : null;
writeScript(join(directory, 'ours.lua'), ours);
writeScript(join(directory, 'theirs.lua'), theirs);

const measureOurs = (connections: number): Promise<LoadFigures> =>
  hasWrk
    ? runWrk(leader, join(directory, 'ours.lua'), connections, seconds)
    : nodeLoad(leader, ours, connections, seconds);

const median = (figures: readonly LoadFigures[]): LoadFigures =>
  [...figures].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond)[Math.floor(figures.length / 2)]!;

const row = (figures: LoadFigures) =>
  `${figures.requestsPerSecond.toFixed(0).padStart(7)} writes/s  p50 ${figures.p50Ms.toFixed(2).padStart(7)} ms  ` +
  `p99 ${figures.p99Ms.toFixed(2).padStart(7)} ms  ${figures.errors} errors`;

console.log(
  `three durable processes, 256-byte values, ${rounds} rounds of ${seconds} s each, the median round; load by ${hasWrk ? 'wrk' : 'node:http'}`,
);
// A round that does not count: both start cold.
await measureOurs(64);
if (etcd !== null) await runWrk(etcd.leader, join(directory, 'theirs.lua'), 64, seconds);
for (const connections of connectionCounts) {
  const mine: LoadFigures[] = [];
  const others: LoadFigures[] = [];
  for (let round = 0; round < rounds; round++) {
    mine.push(await measureOurs(connections));
    if (etcd !== null)
      others.push(await runWrk(etcd.leader, join(directory, 'theirs.lua'), connections, seconds));
  }
  console.log(`${String(connections).padStart(4)} connections  raftchart ${row(median(mine))}`);
  if (etcd === null) continue;
  console.log(`${' '.repeat(18)}etcd      ${row(median(others))}`);
  const ratio = median(mine).requestsPerSecond / median(others).requestsPerSecond;
  console.log(`${' '.repeat(18)}raftchart / etcd = ${ratio.toFixed(2)}`);
}
if (etcd === null)
  console.log('etcd or wrk is not on the PATH (Debian: etcd-server, wrk): nothing to compare with');
await cluster.stop();
await etcd?.stop();
rmSync(directory, { recursive: true, force: true });
