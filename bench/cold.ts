import { rmSync } from 'node:fs';
import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { startEtcd } from './etcd-cluster.ts';
import { median } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { hasProgram } from './wrk.ts';

/*
 * Writes of 256 bytes by one client, one after another, in each of the first seconds of a cluster of three that has just started and elected a leader; beside etcd, over its HTTP gateway. The first write is not counted. Needs etcd.
 *
 *   npm run bench:cold [rounds] [seconds]
 */
if (!(await hasProgram('etcd'))) {
  console.error('etcd is not on the PATH (Debian: etcd-server)');
  process.exit(2);
}
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 4);
const value = 'v'.repeat(256);

/** Writes in each second. */
const writes = async (
  endpoint: string,
  method: string,
  request: (at: number) => [string, string],
): Promise<readonly number[]> => {
  const client = new KvHttpClient(1);
  const counts = Array.from({ length: seconds }, () => 0);
  await client.send(method, endpoint, ...request(0));
  const startedMs = performance.now();
  for (let at = 1; ; at++) {
    const { status } = await client.send(method, endpoint, ...request(at));
    const second = Math.floor((performance.now() - startedMs) / 1000);
    if (second >= seconds) break;
    if (status === 200) counts[second]! += 1;
  }
  client.close();
  return counts;
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const all = { raftchart: [] as (readonly number[])[], etcd: [] as (readonly number[])[] };
for (let round = 0; round < rounds; round++) {
  const directory = temporaryDirectory();
  const cluster = await ProcessCluster.start({ size: 3, dataDir: directory, flags: ['--log-level', 'warn'] });
  const leader = cluster.endpoints[(await cluster.leader()) - 1]!;
  all.raftchart.push(await writes(leader, 'PUT', (at) => [`/v1/kv/key${at % 1000}`, value]));
  await cluster.stop();
  const etcd = await startEtcd(directory);
  all.etcd.push(
    await writes(etcd.leader, 'POST', (at) => [
      '/v3/kv/put',
      JSON.stringify({ key: base64(`key${at % 1000}`), value: base64(value) }),
    ]),
  );
  await etcd.stop();
  rmSync(directory, { recursive: true, force: true });
}
console.log(`writes by one client in each second after the start, median of ${rounds} starts`);
const medians = (counts: readonly (readonly number[])[]) =>
  Array.from({ length: seconds }, (_, second) => median(counts.map((each) => each[second]!)));
const [ours, theirs] = [medians(all.raftchart), medians(all.etcd)];
console.log(`raftchart ${ours.map((each) => each.toFixed(0).padStart(6)).join('')}`);
console.log(`etcd      ${theirs.map((each) => each.toFixed(0).padStart(6)).join('')}`);
console.log(`ratio     ${ours.map((each, at) => (each / theirs[at]!).toFixed(2).padStart(6)).join('')}`);
