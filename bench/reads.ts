import { join } from 'node:path';
import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { LeaderSeeker } from '../test/processes/writing-load.ts';
import { startEtcd } from './etcd-cluster.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { hasProgram, type LoadFigures, type LoadRequests, runWrk, writeScript } from './wrk.ts';

/**
 * Reads of 256-byte values at the leader, three processes, beside a three-node etcd in the same rounds: linearizable against its linearizable ones over its
 * HTTP gateway, stale against its serializable ones. Needs etcd and wrk.
 */
const connectionCounts = [1, 16, 64, 256];
const rounds = Number(process.env.ROUNDS ?? 3);
const seconds = Number(process.env.SECONDS ?? 4);
const value = 'v'.repeat(256);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const names = Array.from({ length: 1000 }, (_, at) => `key${at}`);

const gets = (consistency: string): LoadRequests => ({
  method: 'GET',
  headers: {},
  requests: names.map((name) => ({ path: `/v1/kv/${name}?consistency=${consistency}`, body: '' })),
});
const ranges = (serializable: boolean): LoadRequests => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: names.map((name) => ({
    path: '/v3/kv/range',
    body: JSON.stringify({ key: base64(name), serializable }),
  })),
});

const median = (figures: readonly LoadFigures[]): LoadFigures =>
  figures.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond)[Math.floor(figures.length / 2)]!;

const row = (figures: LoadFigures) =>
  `${figures.requestsPerSecond.toFixed(0).padStart(7)} reads/s  p50 ${figures.p50Ms.toFixed(2).padStart(7)} ms  ` +
  `p99 ${figures.p99Ms.toFixed(2).padStart(7)} ms  ${figures.errors} errors`;

/** A cluster of ours that holds the values; its leader's address. */
const startOurs = async (dataDir: string, flags: readonly string[]) => {
  const cluster = await ProcessCluster.start({ size: 3, dataDir, flags: ['--log-level', 'warn', ...flags] });
  const client = new KvHttpClient(1);
  const seeker = new LeaderSeeker(client, cluster.endpoints);
  for (const name of names) await seeker.insist('PUT', `/v1/kv/${name}`, value);
  client.close();
  const leader = await cluster.leader();
  const at = (id: number) => cluster.endpoints[id - 1]!;
  return { leader: at(leader), follower: at((leader % 3) + 1), stop: () => cluster.stop() };
};

const run = async (directory: string): Promise<void> => {
  const ours = await startOurs(join(directory, 'rounds'), []);
  const leased = await startOurs(join(directory, 'leases'), ['--lease-reads']);
  const etcd = await startEtcd(directory);
  for (const name of names) {
    const body = JSON.stringify({ key: base64(name), value: base64(value) });
    const put = await fetch(`http://${etcd.leader}/v3/kv/put`, { method: 'POST', body });
    if (!put.ok) throw new Error(`etcd answered ${put.status} to a put`);
  }
  const loads = {
    linearizable: { endpoint: ours.leader, load: gets('linearizable'), against: 'etcd linearizable' },
    'on a follower': { endpoint: ours.follower, load: gets('linearizable'), against: 'etcd linearizable' },
    lease: { endpoint: leased.leader, load: gets('lease'), against: 'etcd linearizable' },
    stale: { endpoint: ours.leader, load: gets('stale'), against: 'etcd serializable' },
    'etcd linearizable': { endpoint: etcd.leader, load: ranges(false), against: null },
    'etcd serializable': { endpoint: etcd.leader, load: ranges(true), against: null },
  } as const;
  const kinds = Object.keys(loads) as (keyof typeof loads)[];
  const script = (kind: string) => join(directory, `${kind.replaceAll(' ', '-')}.lua`);
  const measure = (kind: keyof typeof loads, connections: number) =>
    runWrk(loads[kind].endpoint, script(kind), connections, seconds);

  console.log(
    `three processes, reads of 256-byte values, ${rounds} rounds of ${seconds} s each, the median round; load by wrk`,
  );
  for (const kind of kinds) {
    writeScript(script(kind), loads[kind].load);
    // A round that does not count: all start cold.
    await measure(kind, 64);
  }
  for (const connections of connectionCounts) {
    const figures = Object.fromEntries(kinds.map((kind) => [kind, [] as LoadFigures[]]));
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) figures[kind]!.push(await measure(kind, connections));
    }
    for (const kind of kinds) {
      const mine = median(figures[kind]!);
      const { against } = loads[kind];
      const ratio =
        against === null
          ? ''
          : `  ${(mine.requestsPerSecond / median(figures[against]!).requestsPerSecond).toFixed(2)} × ${against}`;
      console.log(`${String(connections).padStart(4)} connections  ${kind.padEnd(17)} ${row(mine)}${ratio}`);
    }
  }
  await Promise.all([ours.stop(), leased.stop(), etcd.stop()]);
};

const missing = (
  await Promise.all(['etcd', 'wrk'].map(async (program) => ((await hasProgram(program)) ? [] : [program])))
).flat();
if (missing.length > 0) {
  console.log(`skipped: ${missing.join(' and ')} not on the PATH (Debian: etcd-server, wrk)`);
} else {
  const directory = temporaryDirectory();
  await run(directory);
}
