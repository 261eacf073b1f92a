import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Etcd3 } from 'etcd3';
import { freePorts } from '../test/processes/free-ports.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { loops } from './client-load.ts';
import { putLoad } from './put-load.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import type { LoadFigures } from './wrk.ts';

/*
 * What a write costs the leader and a follower: kilobytes allocated on the heap of JavaScript, and processor time, by function and by part. Three processes, 256-byte values.
 *
 *   npm run bench:profile [connections] [seconds] [http|etcd]
 *
 * `etcd`: by the npm package etcd3, on the etcd API.
 */
const connections = Number(process.argv[2] ?? 64);
const seconds = Number(process.argv[3] ?? 10);
const isEtcd = process.argv[4] === 'etcd';
const directory = temporaryDirectory();
const profiles = join(directory, 'profiles');
mkdirSync(profiles);
process.env.BENCH_PROFILES = profiles;
const ports = await freePorts(3);
const probe = fileURLToPath(new URL('profile-probe.ts', import.meta.url));
const cluster = await ProcessCluster.start({
  size: 3,
  dataDir: directory,
  flags: ['--log-level', 'warn'],
  flagsOf: (id) => (isEtcd ? ['--listen-etcd', `127.0.0.1:${ports[id - 1]}`] : []),
  nodeOptions: ['--import', probe],
});
const leader = await cluster.leader();
const endpoint = isEtcd ? `http://127.0.0.1:${ports[leader - 1]}` : cluster.endpoints[leader - 1]!;

/** As `put`, by a client of etcd's. */
const etcdPut = async (host: string, count: number, forSeconds: number): Promise<LoadFigures> => {
  const client = new Etcd3({ hosts: host });
  const value = 'v'.repeat(256);
  const { perSecond, ...latencies } = await loops(count, forSeconds, (loop, at) =>
    client
      .put(`key${(loop * 7919 + at) % 10_000}`)
      .value(value)
      .exec(),
  );
  client.close();
  return { requestsPerSecond: perSecond, errors: 0, ...latencies };
};
const put = isEtcd ? etcdPut : await putLoad(directory);

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface HeapNode {
  readonly callFrame: Frame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

interface ProcessorNode {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

interface Profiles {
  readonly heap: { readonly head: HeapNode };
  readonly processor: {
    readonly nodes: readonly ProcessorNode[];
    readonly samples: readonly number[];
    readonly timeDeltas: readonly number[];
  };
}

/** `stepRole machines/raft.machine.ts:120`. */
const placeOf = ({ functionName, url, lineNumber }: Frame): string => {
  const file = url.replace(/^.*\/(?=src\/|machines\/|node_modules\/)/, '').replace(/^node_modules\//, '');
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}`}`;
};

/** What of the node a frame belongs to, by its file; those that match nothing belong to whoever called them. */
const parts: readonly (readonly [RegExp, string])[] = [
  [/\/src\/store\/etcd\//, 'etcd API'],
  [/\/@grpc\/|\/protobufjs\//, 'gRPC'],
  [/node:internal\/http2/, 'HTTP/2 of Node.js'],
  [/node:_http|node:internal\/http/, 'HTTP of Node.js'],
  [/\/src\/store\/(?:http|frames)\//, 'client API'],
  [/\/src\/store\/(?:kv|sessions)\//, 'applying'],
  [/\/src\/store\/metrics\/|\/prom-client\//, 'metrics'],
  [/\/machines\/|\/src\/raft\/|\/xstate\//, 'charts and rules'],
  [/\/src\/adapters\/storage\//, 'log'],
  [/\/src\/adapters\/(?:transport|codec)\/|\/msgpackr\//, 'links to peers'],
  [/\/src\/node\//, 'node'],
];

/** By id of a node of the profile, the part that its time counts for. */
const partsOf = (nodes: readonly ProcessorNode[]): ReadonlyMap<number, string> => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<number, string>();
  const visit = ({ id, callFrame, children = [] }: ProcessorNode, caller: string): void => {
    const own = parts.find(([file]) => file.test(callFrame.url))?.[1] ?? caller;
    found.set(id, callFrame.functionName === '(garbage collector)' ? 'garbage collector' : own);
    for (const child of children) visit(byId.get(child)!, own);
  };
  visit(nodes[0]!, 'other');
  return found;
};

const topTen = (sums: ReadonlyMap<string, number>, all: number, text: (part: number) => string): void => {
  for (const [place, sum] of [...sums].toSorted(([, a], [, b]) => b - a).slice(0, 10))
    console.log(`  ${text(sum).padStart(10)}  ${((sum / all) * 100).toFixed(1).padStart(5)} %  ${place}`);
};

const report = (who: string, pid: number, writes: number): void => {
  const { heap, processor }: Profiles = JSON.parse(readFileSync(join(profiles, `${pid}.json`), 'utf8'));
  const allocated = new Map<string, number>();
  const add = (node: HeapNode): void => {
    const place = placeOf(node.callFrame);
    allocated.set(place, (allocated.get(place) ?? 0) + node.selfSize);
    node.children.forEach(add);
  };
  add(heap.head);
  const bytes = [...allocated.values()].reduce((sum, each) => sum + each, 0);
  console.log(`\n${who}: ${(bytes / writes / 1000).toFixed(1)} kB allocated for each write`);
  topTen(allocated, bytes, (part) => `${(part / writes).toFixed(0)} B`);

  const frames = new Map(processor.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const partById = partsOf(processor.nodes);
  const spent = new Map<string, number>();
  const spentByPart = new Map<string, number>();
  processor.samples.forEach((id, at) => {
    const place = frames.get(id)!;
    // The last one is the profiler's own.
    if (['(idle)', '(program)'].includes(place) || place.includes('node:inspector')) return;
    const part = partById.get(id)!;
    spent.set(place, (spent.get(place) ?? 0) + processor.timeDeltas[at]!);
    spentByPart.set(part, (spentByPart.get(part) ?? 0) + processor.timeDeltas[at]!);
  });
  const us = [...spent.values()].reduce((sum, each) => sum + each, 0);
  console.log(`${who}: ${(us / writes).toFixed(1)} µs of JavaScript and collection for each write`);
  topTen(spent, us, (part) => `${(part / writes).toFixed(2)} µs`);
  console.log(`${who}: the same by part`);
  topTen(spentByPart, us, (part) => `${(part / writes).toFixed(2)} µs`);
};

await put(endpoint, connections, 5);
const observed = [leader, (leader % 3) + 1].map((id) => cluster.pid(id));
for (const pid of observed) process.kill(pid, 'SIGUSR2');
await sleep(500);
const figures = await put(endpoint, connections, seconds);
for (const pid of observed) process.kill(pid, 'SIGUSR2');
await sleep(3000);
const writes = Math.round(figures.requestsPerSecond * seconds);
console.log(
  `${writes} puts by ${connections} connections: ${figures.requestsPerSecond.toFixed(0)}/s while sampled, p50 ${figures.p50Ms.toFixed(2)} ms, p99 ${figures.p99Ms.toFixed(2)} ms`,
);
report('leader', observed[0]!, writes);
report('follower', observed[1]!, writes);
await cluster.stop();
