import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { freePorts } from '../test/processes/free-ports.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { loops, type ProgramFigures } from './client-load.ts';
import { startEtcd } from './etcd-cluster.ts';
import { hasProgram } from './wrk.ts';

/*
 * Durable writes of 256-byte values over gRPC by the npm package etcd3: to the leader of three processes with --listen-etcd, and to that of a three-node etcd, in turn. Needs etcd.
 *
 *   npm run bench:etcd-client [rounds] [seconds]
 */
if (!(await hasProgram('etcd'))) {
  console.error('etcd is not on the PATH (Debian: etcd-server)');
  process.exit(2);
}
const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 4);
const value = 'v'.repeat(256);
const directory = mkdtempSync(join(tmpdir(), 'raftchart-etcd-'));
const ports = await freePorts(3);
const cluster = await ProcessCluster.start({
  size: 3,
  dataDir: directory,
  flags: ['--log-level', 'warn'],
  flagsOf: (id) => ['--listen-etcd', `127.0.0.1:${ports[id - 1]}`],
});
const etcd = await startEtcd(directory);
const clients = {
  raftchart: new Etcd3({ hosts: `http://127.0.0.1:${ports[(await cluster.leader()) - 1]}` }),
  etcd: new Etcd3({ hosts: `http://${etcd.leader}` }),
};
type Kind = keyof typeof clients;
const kinds: readonly Kind[] = ['raftchart', 'etcd'];

const put = (kind: Kind, count: number): Promise<ProgramFigures> =>
  loops(count, seconds, (loop, at) =>
    clients[kind]
      .put(`key${(loop * 7919 + at) % 1000}`)
      .value(value)
      .exec(),
  );

const median = (all: readonly ProgramFigures[]): ProgramFigures =>
  all.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(all.length / 2)]!;

console.log(`etcd3 over gRPC, ${rounds} rounds of ${seconds} s each, the median round`);
for (const kind of kinds) await put(kind, 64);
for (const count of [1, 16, 64, 256]) {
  const found: Record<Kind, ProgramFigures[]> = { raftchart: [], etcd: [] };
  for (let round = 0; round < rounds; round++)
    for (const kind of kinds) found[kind].push(await put(kind, count));
  for (const kind of kinds) {
    const { perSecond, p50Ms, p99Ms } = median(found[kind]);
    console.log(
      `${String(count).padStart(4)} at once  ${kind.padEnd(9)} ${perSecond.toFixed(0).padStart(6)} writes/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`,
    );
  }
  const ratio = median(found.raftchart).perSecond / median(found.etcd).perSecond;
  console.log(`${' '.repeat(14)}raftchart / etcd = ${ratio.toFixed(2)}`);
}
for (const client of Object.values(clients)) client.close();
await cluster.stop();
await etcd.stop();
rmSync(directory, { recursive: true, force: true });
