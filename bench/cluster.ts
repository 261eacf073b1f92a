import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endsWithThisProcess } from '../test/processes/ends-with-this-process.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { type EtcdCluster, startEtcd } from './etcd-cluster.ts';
import { nodeLoad } from './node-load.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { hasProgram, type LoadFigures, type LoadRequests, runWrk, writeScript } from './wrk.ts';

/**
 * Durable writes of 256-byte values, three processes, or as many as `NODES` says; three are compared with three of etcd where etcd and wrk are installed. `CONNECTIONS=16,64` chooses
 * other rows, and `VALUE_BYTES` other values. In the same rounds a bare server of node:http is given the same requests: what this machine lets one in Node.js answer.
 */
const size = Number(process.env.NODES ?? 3);
const connectionCounts = (process.env.CONNECTIONS ?? '1,16,64,256').split(',').map(Number);
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS ?? 4);
const keys = 1000;
const value = 'v'.repeat(Number(process.env.VALUE_BYTES ?? 256));
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

const directory = temporaryDirectory();
const hasWrk = await hasProgram('wrk');
const hasEtcd = size === 3 && hasWrk && (await hasProgram('etcd'));
const cluster = await ProcessCluster.start({ size, dataDir: directory, flags: ['--log-level', 'warn'] });
const leaderId = await cluster.leader();
const leader = cluster.endpoints[leaderId - 1]!;
const follower = cluster.endpoints[leaderId % size]!;
const etcd: EtcdCluster | null = hasEtcd ? await startEtcd(directory) : null;
writeScript(join(directory, 'ours.lua'), ours);
writeScript(join(directory, 'theirs.lua'), theirs);

const bare = endsWithThisProcess(
  spawn(process.execPath, [fileURLToPath(new URL('bare-http.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
);
const [port] = (await Promise.race([once(bare.stdout, 'data'), once(bare, 'exit')])) as [Buffer];
const bareEndpoint = `127.0.0.1:${Number(port)}`;

/** Sums of the series of a node whose names, with their labels, match. */
const scrape = async (endpoint: string) => {
  const lines = (await (await fetch(`http://${endpoint}/metrics`)).text()).split('\n');
  return (pattern: RegExp): number =>
    lines
      .filter((line) => pattern.test(line))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
};

/** What each write of `load` cost the leader, and in processor time a follower. */
const withCosts = async (load: () => Promise<LoadFigures>) => {
  const before = await Promise.all([leader, follower].map(scrape));
  const figures = await load();
  const after = await Promise.all([leader, follower].map(scrape));
  const writes =
    after[0]!(/^raft_log_appended_entries_total/) - before[0]!(/^raft_log_appended_entries_total/);
  const perWrite = (pattern: RegExp, at = 0) => (after[at]!(pattern) - before[at]!(pattern)) / writes;
  const costs = {
    sent: perWrite(/^raft_peer_messages_sent_total/),
    sentBytes: perWrite(/^raft_peer_entry_bytes_sent_total/),
    leaderMs: perWrite(/^process_cpu_seconds_total/) * 1000,
    followerMs: perWrite(/^process_cpu_seconds_total/, 1) * 1000,
  };
  return { ...figures, costs };
};

const measure = (endpoint: string, connections: number): Promise<LoadFigures> =>
  hasWrk
    ? runWrk(endpoint, join(directory, 'ours.lua'), connections, seconds)
    : nodeLoad(endpoint, ours, connections, seconds);

const median = <Figures extends LoadFigures>(figures: readonly Figures[]): Figures =>
  [...figures].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond)[Math.floor(figures.length / 2)]!;

const row = (figures: LoadFigures) =>
  `${figures.requestsPerSecond.toFixed(0).padStart(7)} writes/s  p50 ${figures.p50Ms.toFixed(2).padStart(7)} ms  ` +
  `p99 ${figures.p99Ms.toFixed(2).padStart(7)} ms  ${figures.errors} errors`;

console.log(
  `${size} durable processes, ${value.length}-byte values, ${rounds} rounds of ${seconds} s each, the median round; load by ${hasWrk ? 'wrk' : 'node:http'}`,
);
// A round that does not count: both start cold.
await measure(leader, 64);
await measure(bareEndpoint, 64);
if (etcd !== null) await runWrk(etcd.leader, join(directory, 'theirs.lua'), 64, seconds);
for (const connections of connectionCounts) {
  const mine: Awaited<ReturnType<typeof withCosts>>[] = [];
  const others: LoadFigures[] = [];
  const bareOnes: LoadFigures[] = [];
  for (let round = 0; round < rounds; round++) {
    mine.push(await withCosts(() => measure(leader, connections)));
    bareOnes.push(await measure(bareEndpoint, connections));
    if (etcd !== null)
      others.push(await runWrk(etcd.leader, join(directory, 'theirs.lua'), connections, seconds));
  }
  console.log(`${String(connections).padStart(4)} connections  raftchart ${row(median(mine))}`);
  const { sent, sentBytes, leaderMs, followerMs } = median(mine).costs;
  console.log(
    `${' '.repeat(18)}for each write the leader sends ${sent.toFixed(2)} messages and ${sentBytes.toFixed(0)} bytes of entries; ` +
      `processor time: leader ${leaderMs.toFixed(3)} ms, follower ${followerMs.toFixed(3)} ms`,
  );
  const { requestsPerSecond } = median(mine);
  const bareRate = median(bareOnes).requestsPerSecond;
  console.log(
    `${' '.repeat(18)}bare node:http ${bareRate.toFixed(0)} requests/s: raftchart / bare = ${(requestsPerSecond / bareRate).toFixed(2)}`,
  );
  if (etcd === null) continue;
  console.log(`${' '.repeat(18)}etcd      ${row(median(others))}`);
  const ratio = requestsPerSecond / median(others).requestsPerSecond;
  console.log(`${' '.repeat(18)}raftchart / etcd = ${ratio.toFixed(2)}`);
}
if (etcd === null && size === 3)
  console.log('etcd or wrk is not on the PATH (Debian: etcd-server, wrk): nothing to compare with');
await cluster.stop();
await etcd?.stop();
bare.kill();
