import { Etcd3 } from 'etcd3';
import { freePorts } from '../test/processes/free-ports.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { compareRounds } from './client-load.ts';
import { startEtcd } from './etcd-cluster.ts';
import { temporaryDirectory } from './temporary-directory.ts';
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
const directory = temporaryDirectory();
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

console.log(`etcd3 over gRPC, ${rounds} rounds of ${seconds} s each, the median round`);
await compareRounds(['raftchart', 'etcd'], { rounds, seconds }, (kind, key) =>
  clients[kind].put(key).value(value).exec(),
);
for (const client of Object.values(clients)) client.close();
await cluster.stop();
await etcd.stop();
