import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { fetchStatus, ProcessCluster } from '../test/processes/process-cluster.ts';
import { LeaderSeeker } from '../test/processes/writing-load.ts';
import { quantile } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/**
 * Usage: `node bench/failover.ts [times] [flags of raft-node]`, such as `20 --transport http`. Kills the leader, moves the leadership and stops the leader with SIGTERM, each so many times, and measures how long
 * nothing can be written.
 */
const times = Number(process.argv[2] ?? 50);
const dataDir = temporaryDirectory();
const cluster = await ProcessCluster.start({
  size: 3,
  dataDir,
  flags: ['--election-timeout', '150-300', '--heartbeat-interval', '50', ...process.argv.slice(3)],
});
const client = new KvHttpClient(4);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** From the kill to the next acknowledged write. */
const kill = async (): Promise<number> => {
  const seeker = new LeaderSeeker(client, cluster.endpoints);
  await seeker.insist('PUT', '/v1/kv/before', '1');
  const leader = await cluster.leader();
  // At any moment of the heartbeat interval.
  await sleep(200 + Math.random() * 100);
  const started = performance.now();
  await cluster.end(leader, 'SIGKILL');
  await seeker.insist('PUT', '/v1/kv/after', '1');
  const outage = performance.now() - started;
  await restart(leader);
  return outage;
};

/**
 * The longest time between two acknowledged writes of a client that writes all the time, while `disturb` does something to the leader and until the
 * first write after it.
 */
const longestGap = async (disturb: (leader: number) => Promise<unknown>): Promise<number> => {
  const seeker = new LeaderSeeker(client, cluster.endpoints);
  await seeker.insist('PUT', '/v1/kv/x', '0');
  const leader = await cluster.leader();
  let phase = 'before' as 'before' | 'during' | 'after';
  const writer = (async () => {
    let longest = 0;
    for (let last = performance.now(); ; ) {
      const begunIn = phase;
      await seeker.insist('PUT', '/v1/kv/x', '1');
      const now = performance.now();
      if (phase !== 'before') longest = Math.max(longest, now - last);
      if (begunIn === 'after') return longest;
      last = now;
    }
  })();
  await sleep(50 + Math.random() * 50);
  phase = 'during';
  await disturb(leader);
  phase = 'after';
  return writer;
};

const transfer = (): Promise<number> =>
  longestGap(async (leader) => {
    const reply = await client.send('POST', cluster.endpoints[leader - 1]!, '/v1/leader', '{}');
    if (reply.status !== 200) console.log(`a transfer was answered ${reply.status} ${reply.body}`);
  });

const terminate = async (): Promise<number> => {
  let stopped = 0;
  const gap = await longestGap((leader) => {
    stopped = leader;
    return cluster.end(leader, 'SIGTERM');
  });
  await restart(stopped);
  return gap;
};

await report('kill -9 of the leader', 'goal: p50 below 300 ms, max below 1000 ms', kill);
await report('transfer of the leadership', 'goal: p50 below 30 ms', transfer);
await report('SIGTERM of the leader', 'goal: p50 below 100 ms', terminate);
client.close();
await cluster.stop();

async function report(what: string, goal: string, measure: () => Promise<number>): Promise<void> {
  const outages: number[] = [];
  for (let time = 0; time < times; time++) outages.push(await measure());
  outages.sort((a, b) => a - b);
  const figure = (share: number) => `${Math.round(quantile(outages, share))} ms`;
  console.log(
    `${what}, ${times} times, election timeout 150-300 ms, heartbeats 50 ms: time without an acknowledged write`,
  );
  console.log(
    `min ${figure(0)}  p25 ${figure(0.25)}  p50 ${figure(0.5)}  p75 ${figure(0.75)}  p90 ${figure(0.9)}  max ${figure(1)}`,
  );
  console.log(goal);
}

/** A node that was ended must be back before the next is. */
async function restart(id: number): Promise<void> {
  cluster.start(id);
  for (;;) {
    const statuses = await Promise.all(cluster.members.map(({ clientPort }) => fetchStatus(clientPort)));
    if (statuses.every((status) => status !== null && status.leader !== null)) return;
    await sleep(20);
  }
}
