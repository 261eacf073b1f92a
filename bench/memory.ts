import { readFileSync } from 'node:fs';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { putLoad } from './put-load.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** The resident size of each node after many puts to 10,000 keys. */
const puts = Number(process.argv[2] ?? 1_000_000);
const directory = temporaryDirectory();
const put = await putLoad(directory);
const cluster = await ProcessCluster.start({ size: 3, dataDir: directory, flags: ['--log-level', 'warn'] });

/** From the kernel: VmRSS now and VmHWM, the highest ever, in MB. */
const residentMb = (pid: number): string => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return `${of('VmRSS')} MB resident, ${of('VmHWM')} MB at most`;
};

let done = 0;
const started = performance.now();
while (done < puts) {
  const leader = cluster.endpoints[(await cluster.leader()) - 1]!;
  const seconds = 10;
  const figures = await put(leader, 64, seconds);
  done += Math.round(figures.requestsPerSecond * seconds) - figures.errors;
}
console.log(
  `${done} puts of 256 bytes to 10,000 keys in ${Math.round((performance.now() - started) / 1000)} s`,
);
for (const { id } of cluster.members) console.log(`node${id}: ${residentMb(cluster.pid(id))}`);
console.log('goal: below 150 MB');
await cluster.stop();
