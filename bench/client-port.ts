/**
 * Floods the client port of a leader, three real processes, and prints what it does to the cluster.
 * Usage: `node bench/client-port.ts [flood …]`, by default all of them; FLAGS: further flags of `raft-node`, such as `--election-timeout 1000-2000`.
 * The first flood is none: what the machine itself costs.
 */
import { readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { Worker } from 'node:worker_threads';
import { fetchStatus, ProcessCluster } from '../test/processes/process-cluster.ts';
import type { Answers, Flood } from './client-port-load.ts';
import { quantile } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Shape = Omit<Flood, 'port'>;

const floods: Readonly<Record<string, Shape>> = {
  nothing: { kind: 'half-open', connections: 0, pipelined: 0, valueBytes: 0, seconds: 20 },
  wall: { kind: 'writes', connections: 500, pipelined: 16, valueBytes: 200_000, seconds: 20 },
  readers: { kind: 'reads', connections: 21, pipelined: 5000, valueBytes: 1_000_000, seconds: 20 },
  'idle-readers': { kind: 'unread', connections: 21, pipelined: 5000, valueBytes: 1_000_000, seconds: 20 },
  'slow-heads': { kind: 'slow-heads', connections: 1000, pipelined: 1, valueBytes: 0, seconds: 20 },
  'slow-bodies': { kind: 'slow-bodies', connections: 1000, pipelined: 1, valueBytes: 1_000_000, seconds: 20 },
  'half-open': { kind: 'half-open', connections: 1000, pipelined: 1, valueBytes: 0, seconds: 20 },
};

const memoryOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** How long a request on a connection of its own takes; null if it fails. */
const timed = (port: number, path: string): Promise<number | null> =>
  new Promise((resolve) => {
    const sent = performance.now();
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? performance.now() - sent : null));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
  });

const flooded = async (name: string): Promise<void> => {
  const directory = temporaryDirectory();
  const cluster = await ProcessCluster.start({
    size: 3,
    dataDir: directory,
    flags: ['--log-level', 'warn', ...(process.env.FLAGS?.split(' ') ?? [])],
  });
  const leader = await cluster.leader();
  const port = cluster.members[leader - 1]!.clientPort;
  const shape = floods[name]!;
  await fetch(`http://127.0.0.1:${port}/v1/kv/large`, { method: 'PUT', body: 'v'.repeat(1_000_000) });
  const before = await fetchStatus(port);
  const worker = new Worker(new URL('client-port-load.ts', import.meta.url), {
    workerData: { ...shape, port },
  });
  const done = new Promise<Answers>((resolve) => worker.once('message', resolve));
  const latencies: number[] = [];
  let failed = 0;
  let isOver = false;
  void done.then(() => {
    isOver = true;
  });
  while (!isOver) {
    const ms = await timed(port, '/livez');
    if (ms === null) failed++;
    else latencies.push(ms);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const answers = await done;
  await worker.terminate();
  const peakMb = memoryOf(cluster.pid(leader), 'VmHWM');
  const after = await fetchStatus(cluster.members[(await cluster.leader()) - 1]!.clientPort);
  latencies.sort((a, b) => a - b);
  const { connections, pipelined, seconds } = shape;
  console.log(`${name}: ${connections} connections × ${pipelined}, ${seconds} s`);
  console.log(`  term ${before?.term} → ${after?.term}, leader node${leader} → node${after?.leader}`);
  console.log(
    `  /livez p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms, ` +
      `max ${latencies.at(-1)?.toFixed(1)} ms, ${latencies.length} answered, ${failed} failed`,
  );
  console.log(`  resident at most ${peakMb.toFixed(0)} MB; ${JSON.stringify(answers)}`);
  await cluster.stop();
  rmSync(directory, { recursive: true, force: true });
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in floods));
if (unknown !== undefined)
  throw new Error(`no such flood: ${unknown}; there are ${Object.keys(floods).join(', ')}`);
for (const name of asked.length > 0 ? asked : Object.keys(floods)) await flooded(name);
