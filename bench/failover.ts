import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { fetchStatus, ProcessCluster } from '../test/processes/process-cluster.ts';
import { LeaderSeeker } from '../test/processes/writing-load.ts';
import { quantile } from './quantile.ts';

/** Kills the leader `kills` times and measures until the next write is acknowledged. */
const kills = Number(process.argv[2] ?? 50);
const dataDir = mkdtempSync(join(tmpdir(), 'raftchart-failover-'));
const cluster = await ProcessCluster.start({
  size: 3,
  dataDir,
  flags: ['--election-timeout', '150-300', '--heartbeat-interval', '50'],
});
const client = new KvHttpClient(4);
const times: number[] = [];
for (let kill = 1; kill <= kills; kill++) {
  const seeker = new LeaderSeeker(client, cluster.endpoints);
  await seeker.insist('PUT', '/v1/kv/before', `${kill}`);
  const leader = await cluster.leader();
  // At any moment of the heartbeat interval.
  await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 100));
  const started = performance.now();
  await cluster.end(leader, 'SIGKILL');
  await seeker.insist('PUT', '/v1/kv/after', `${kill}`);
  times.push(performance.now() - started);
  cluster.start(leader);
  while ((await caughtUp(cluster)) < 3) await new Promise((resolve) => setTimeout(resolve, 20));
}
client.close();
await cluster.stop();
rmSync(dataDir, { recursive: true, force: true });

times.sort((a, b) => a - b);
const figure = (share: number) => `${Math.round(quantile(times, share))} ms`;
console.log(`${kills} leader kills (kill -9), election timeout 150-300 ms, heartbeats 50 ms:`);
console.log('time until the next write is acknowledged');
console.log(
  `min ${figure(0)}  p25 ${figure(0.25)}  p50 ${figure(0.5)}  p75 ${figure(0.75)}  p90 ${figure(0.9)}  max ${figure(1)}`,
);
console.log('goal: p50 below 300 ms, max below 1000 ms');

/** How many nodes know a leader: a killed one must be back before the next kill. */
async function caughtUp({ members }: ProcessCluster): Promise<number> {
  const statuses = await Promise.all(members.map(({ clientPort }) => fetchStatus(clientPort)));
  return statuses.filter((status) => status !== null && status.leader !== null).length;
}
