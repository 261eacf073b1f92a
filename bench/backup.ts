import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { fetchStatus, ProcessCluster } from '../test/processes/process-cluster.ts';
import { clientProgram } from '../test/processes/use-cluster.ts';
import { quantile } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/**
 * Usage: `node bench/backup.ts [MiB]`. Three nodes hold so many MiB in values of 64 KiB; while small puts go on, `raft-client backup` takes a backup and `raftchart restore` restores it.
 * Prints how fast that is, what it costs the node and the client of memory, and what it does to the puts. Linux.
 */
const mebibytes = Number(process.argv[2] ?? 256);
const chartProgram = 'src/cli/raftchart.ts';
const folder = temporaryDirectory();
const cluster = await ProcessCluster.start({
  size: 3,
  dataDir: folder,
  flags: ['--log-level', 'error', '--snapshot-bytes', '1GiB', '--election-timeout', '1000-2000'],
});
const leader = await cluster.leader();
const endpoint = cluster.endpoints[leader - 1]!;
const client = new KvHttpClient(16);
const put = async (key: string, value: string): Promise<void> => {
  const { status } = await client.send('PUT', endpoint, `/v1/kv/${key}`, value, 20_000);
  if (status !== 200) throw new Error(`put ${key} was answered ${status}`);
};
const memoryMb = (pid: number, name: 'VmRSS' | 'VmHWM'): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  } catch {
    return Number.NaN;
  }
};
const ms = (times: readonly number[]): string => {
  const sorted = times.toSorted((a, b) => a - b);
  return `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms, at most ${sorted.at(-1)!.toFixed(1)} ms`;
};

const value = 'v'.repeat(64 * 1024);
for (let at = 0; at < mebibytes * 16; at += 16) {
  await Promise.all(Array.from({ length: 16 }, (_, n) => put(`large${at + n}`, value)));
}
const { term } = (await fetchStatus(cluster.members[leader - 1]!.clientPort))!;

let isOver = false;
let latencies: number[] = [];
const puts = (async () => {
  for (let at = 0; !isOver; at++) {
    const begunMs = performance.now();
    await put(`small${at % 100}`, 'x');
    latencies.push(performance.now() - begunMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
})();
await new Promise((resolve) => setTimeout(resolve, 3000));
console.log(`puts without a backup: ${ms(latencies)}`);
latencies = [];

/** Runs a program of ours; returns how long it took and the most that it needed of memory. */
const timed = async (program: string, args: readonly string[]) => {
  const begunMs = performance.now();
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  let mostMb = 0;
  const sampler = setInterval(() => {
    mostMb = Math.max(mostMb, memoryMb(child.pid!, 'VmHWM') || 0);
  }, 20);
  const [code] = await once(child, 'exit');
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
  return { seconds: (performance.now() - begunMs) / 1000, mostMb };
};
const file = join(folder, 'backup');
const leaderPid = cluster.pid(leader);
const beforeMb = memoryMb(leaderPid, 'VmRSS');
let mostMb = beforeMb;
const sampler = setInterval(() => {
  mostMb = Math.max(mostMb, memoryMb(leaderPid, 'VmRSS'));
}, 20);
for (const which of ['first', 'second']) {
  const { seconds, mostMb: ofClient } = await timed(clientProgram, [
    'backup',
    file,
    '--force',
    '--endpoints',
    endpoint,
  ]);
  const megabytes = statSync(file).size / 1e6;
  console.log(
    `backup of ${megabytes.toFixed(0)} MB (the ${which} one): ${seconds.toFixed(2)} s, ${(megabytes / seconds).toFixed(0)} MB/s; raft-client at most ${ofClient} MB`,
  );
}
clearInterval(sampler);
isOver = true;
await puts;
console.log(`puts under the backups: ${ms(latencies)}`);
console.log(`the leader's memory: ${beforeMb} MB before, ${mostMb} MB at most`);
const after = (await fetchStatus(cluster.members[leader - 1]!.clientPort))!;
console.log(`elections: ${after.term - term}`);
const restoring = await timed(chartProgram, [
  ...['restore', file, '--data-dir', join(folder, 'restored'), '--id', '1', '--peers', 'none'],
]);
console.log(
  `restore: ${restoring.seconds.toFixed(2)} s, ${(statSync(file).size / 1e6 / restoring.seconds).toFixed(0)} MB/s; at most ${restoring.mostMb} MB`,
);
const inspecting = await timed(chartProgram, ['inspect-log', cluster.dataDirOf(leader), '--summary']);
console.log(
  `inspect-log of the running leader: ${inspecting.seconds.toFixed(2)} s; at most ${inspecting.mostMb} MB`,
);
client.close();
await cluster.stop();
