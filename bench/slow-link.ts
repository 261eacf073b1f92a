/**
 * Writes large values to a cluster whose nodes are joined by slow links: who led, how long each write took, and how long heartbeats did.
 * Usage: `node bench/slow-link.ts [--nodes 3] [--mbit 20] [--latency 5] [--value-kib 1024] [--writes 20] [--at-once 1] [--loss 0]
 * [--heartbeat-interval 50] [--election-timeout 150-300]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchStatus, ProcessCluster } from '../test/processes/process-cluster.ts';
import { quantile } from './quantile.ts';

const { values: flags } = parseArgs({
  options: {
    nodes: { type: 'string', default: '3' },
    mbit: { type: 'string', default: '20' },
    latency: { type: 'string', default: '5' },
    'value-kib': { type: 'string', default: '1024' },
    writes: { type: 'string', default: '20' },
    'at-once': { type: 'string', default: '1' },
    loss: { type: 'string', default: '0' },
    'heartbeat-interval': { type: 'string', default: '50' },
    'election-timeout': { type: 'string', default: '150-300' },
  },
});
const size = Number(flags.nodes);
const writes = Number(flags.writes);
const link = {
  bytesPerSecond: (Number(flags.mbit) * 1e6) / 8,
  latencyMs: Number(flags.latency),
  loss: Number(flags.loss),
};
const dataDir = mkdtempSync(join(tmpdir(), 'raftchart-slow-link-'));
const news = new Map<string, number>();
const cluster = await ProcessCluster.reserve({
  size,
  dataDir,
  link,
  flags: [
    ...['--heartbeat-interval', flags['heartbeat-interval']],
    ...['--election-timeout', flags['election-timeout']],
  ],
  onLog: (id, line) => {
    if (line.level === 'info' && !`${line.msg}`.includes('lost')) return;
    const words = `node${id}: ${line.msg}`.replaceAll(/\d+ ms/g, '… ms');
    news.set(words, (news.get(words) ?? 0) + 1);
  },
});
const ids = cluster.members.map(({ id }) => id);
const statusOf = (id: number) => fetchStatus(cluster.members[id - 1]!.clientPort);
try {
  for (const id of ids) cluster.start(id);
  await cluster.leader();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const leader = await cluster.leader();
  const before = await statusOf(leader);
  const body = Buffer.alloc(Number(flags['value-kib']) * 1024, 'x');
  const tookMs: number[] = [];
  const outcomes = new Map<string, number>();
  const write = (to: number, key: string): Promise<string> =>
    fetch(`http://127.0.0.1:${cluster.members[to - 1]!.clientPort}/v1/kv/${key}`, {
      method: 'PUT',
      body,
      signal: AbortSignal.timeout(60_000),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return `${response.status}`;
      },
      (error: Error) => error.name,
    );
  let started = 0;
  let longestTerm = before!.term;
  const watch = setInterval(async () => {
    const status = await statusOf(leader);
    longestTerm = Math.max(longestTerm, status?.term ?? 0);
  }, 100);
  const begin = performance.now();
  // Asked for again only after a refusal: to ask costs all nodes more than a write.
  let known = leader;
  const writer = async (): Promise<void> => {
    while (started < writes) {
      const key = `k${started++}`;
      const at = performance.now();
      let outcome = '';
      // A leader that is deposed refuses, or leaves the outcome open: the write is repeated until somebody takes it.
      while (outcome !== '200' && performance.now() - at < 120_000) {
        if (outcome !== '') known = await cluster.leader();
        outcome = await write(known, key);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      tookMs.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: Number(flags['at-once']) }, writer));
  const seconds = (performance.now() - begin) / 1000;
  clearInterval(watch);
  const after = await Promise.all(ids.map(statusOf));
  tookMs.sort((a, b) => a - b);
  console.log(
    `${size} nodes, ${flags.mbit} Mbit/s, ${flags.latency} ms, loss ${flags.loss}; ${writes} writes of ${flags['value-kib']} KiB, ${flags['at-once']} at once, in ${seconds.toFixed(1)} s`,
  );
  console.log(
    `answers ${JSON.stringify(Object.fromEntries(outcomes))}; median ${quantile(tookMs, 0.5).toFixed(0)} ms, longest ${tookMs.at(-1)!.toFixed(0)} ms; ${(cluster.carriedBytes / 1e6).toFixed(1)} MB over the links`,
  );
  console.log(
    `leader before node${leader} in term ${before!.term}; after: ${after.map((s) => `node${s?.id} ${s?.role} term ${s?.term}`).join(', ')}; elections ${Math.max(...after.map((s) => s?.term ?? 0), longestTerm) - before!.term}`,
  );
  for (const [words, times] of news) console.log(`  ${times} × ${words}`);
} finally {
  for (const id of ids) await cluster.end(id, 'SIGKILL');
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
