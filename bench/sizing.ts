/**
 * What a node takes: memory by entries of the log, resident memory by keys, files on disk by kind, descriptors by peers and clients. docs/operations.md, Sizing.
 * Usage: `node bench/sizing.ts [keys a step] [steps] [bytes a value]`. Linux only: it reads /proc.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openWal } from '../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../src/ports/log.ts';
import type { Entry } from '../src/raft/types.ts';
import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';

const [step = 100_000, steps = 3, valueBytes = 256] = process.argv.slice(2).map(Number);
const connections = 64;
/** As it is installed: what runs from the sources takes more. */
const built = 'dist/src/cli/raft-node.js';
if (!existsSync(built)) throw new Error('npm run build comes first');

/** Started in a directory of its own, which is removed after `measure`. */
const withCluster = async (
  size: number,
  measure: (cluster: ProcessCluster, data: string) => Promise<void>,
) => {
  const data = await mkdtemp(join(tmpdir(), 'raftchart-sizing-'));
  const cluster = await ProcessCluster.start({
    size,
    dataDir: data,
    flags: ['--log-level', 'warn'],
    program: built,
  });
  await cluster.leader();
  try {
    await measure(cluster, data);
  } finally {
    await cluster.stop();
    await rm(data, { recursive: true });
  }
};

/** `VmRSS`, or `VmHWM`, the highest ever, in MB. */
const memoryMb = (pid: number, name: 'VmRSS' | 'VmHWM'): number =>
  Math.round(
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  );

/** Those that are sockets, and the others. */
const descriptors = (pid: number): { readonly sockets: number; readonly others: number } => {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      // It was closed meanwhile.
      return null;
    }
  });
  const sockets = targets.filter((target) => target?.startsWith('socket:')).length;
  return { sockets, others: targets.filter((target) => target !== null).length - sockets };
};

/** Of a node's directory, by what the digits of its names leave: files and allocated bytes. */
const disk = (directory: string): string => {
  const kinds = new Map<string, { files: number; bytes: number }>();
  for (const name of readdirSync(directory)) {
    const { blocks } = statSync(join(directory, name), { throwIfNoEntry: false }) ?? { blocks: 0 };
    const kind = name.replaceAll(/-?\d+/g, '');
    const { files, bytes } = kinds.get(kind) ?? { files: 0, bytes: 0 };
    kinds.set(kind, { files: files + 1, bytes: bytes + blocks * 512 });
  }
  return [...kinds]
    .filter(([, { bytes }]) => bytes >= 100_000)
    .map(([kind, { files, bytes }]) => `${files} ${kind} ${(bytes / 2 ** 20).toFixed(1)} MiB`)
    .join(', ');
};

/** Puts each key once, at whoever leads by then. */
const put = async (cluster: ProcessCluster, from: number, to: number): Promise<void> => {
  const client = new KvHttpClient(connections);
  const value = 'v'.repeat(valueBytes);
  let leader = await cluster.leader();
  let next = from;
  const putOne = async (path: string): Promise<void> => {
    const endpoint = cluster.endpoints[leader - 1]!;
    const reply = await client.send('PUT', endpoint, path, value).catch(() => null);
    if (reply?.status === 200) return;
    leader = await cluster.leader();
    await putOne(path);
  };
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < to) await putOne(`/v1/kv/key${next++}`);
    }),
  );
  client.close();
};

/** In use after a collection, in MB. */
const usedMb = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};

/** What a log of so many entries of 256 bytes takes in memory. */
const logMb = async (entries: number, cacheMb: number): Promise<number> => {
  const directory = await mkdtemp(join(tmpdir(), 'raftchart-sizing-'));
  const before = usedMb();
  const cacheBytes = cacheMb * 2 ** 20;
  const storage = await openWal({ directory, nodeId: 1, clusterId: 'bench', log: silentLog, cacheBytes });
  for (let first = 1; first <= entries; first += 1000) {
    const batch = Array.from({ length: 1000 }, (): Entry => {
      return { term: 1, kind: 'command', payload: new Uint8Array(256) };
    });
    storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: first, entries: batch });
    await new Promise<void>((resolve, reject) =>
      storage.sync((failure) => (failure ? reject(failure) : resolve())),
    );
  }
  const taken = usedMb() - before;
  await new Promise<void>((resolve) => storage.close(resolve));
  await rm(directory, { recursive: true });
  return taken;
};

const uncachedMb = await logMb(400_000, 0);
const cachedMb = await logMb(400_000, 64);
console.log(
  `log: ${(uncachedMb / 4).toFixed(2)} MB for 100,000 entries on disk; ${((cachedMb - uncachedMb) / 64).toFixed(2)} MB for each MB of cache`,
);

await withCluster(3, async (cluster, data) => {
  const line = (keys: number) => {
    const each = cluster.members.map(({ id }) => cluster.pid(id));
    const now = each.map((pid) => memoryMb(pid, 'VmRSS')).join(' ');
    const most = each.map((pid) => memoryMb(pid, 'VmHWM')).join(' ');
    console.log(
      `${keys} keys of ${valueBytes} bytes: ${now} MB resident, ${most} at most; ${disk(join(data, 'raft-1'))}`,
    );
  };
  line(0);
  for (let done = 0; done < steps; done++) {
    await put(cluster, done * step, (done + 1) * step);
    await sleep(5000);
    line((done + 1) * step);
  }
});

const sockets: number[] = [];
for (const size of [1, 3]) {
  await withCluster(size, async (cluster) => {
    // Until the connections are gone over which the leader was asked for.
    await sleep(10_000);
    const pid = cluster.pid(1);
    const idle = descriptors(pid);
    sockets.push(idle.sockets);
    const { clientPort } = cluster.members[0]!;
    const clients: Socket[] = [];
    for (let at = 0; at < 100; at++) clients.push(connect(clientPort, '127.0.0.1'));
    await sleep(1000);
    console.log(
      `cluster of ${size}: idle ${idle.sockets} sockets and ${idle.others} others; with 100 clients ${descriptors(pid).sockets} sockets`,
    );
    for (const socket of clients) socket.destroy();
  });
}
console.log(`${(sockets[1]! - sockets[0]!) / 2} sockets a peer`);
