import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../src/entry/client.ts';
import { Frames } from '../src/entry/client-frames.ts';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { quantile } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/*
 * Watches through a kill of the leader: so many watchers, each of keys of its own, and so many writes a second to all of these, three processes. Each watcher must be told of each write to its keys once,
 * in order. `all`: each watcher watches all keys.
 *
 *   npm run bench:watch [watchers] [writes a second] [seconds] [all]
 */
const watchers = Number(process.argv[2] ?? 1000);
const perSecond = Number(process.argv[3] ?? 1000);
const seconds = Number(process.argv[4] ?? 20);
const isAll = process.argv[5] === 'all';
if (watchers > 2000) {
  console.error('at most 2000 watchers: a node has 1000, and one of three is killed');
  process.exit(2);
}

const directory = temporaryDirectory();
const cluster = await ProcessCluster.start({ size: 3, dataDir: directory, flags: ['--log-level', 'warn'] });
const endpoints = cluster.endpoints.map((endpoint) => `http://${endpoint}`);
const frames = new Frames();
const writer = createClient({ endpoints, fetch: frames.fetch, timeoutMs: 30_000 });
/** One for each node to begin with: a node has at most 1000 watches. */
const readers = endpoints.map((_, at) =>
  createClient({ endpoints: [...endpoints.slice(at), ...endpoints.slice(0, at)] }),
);
await writer.put('begun', '');

const latencies: number[] = [];
/** Of each watcher, the last number that it was told of each key. */
const seen = Array.from({ length: watchers }, () => new Map<string, number>());
const wrong: string[] = [];
let told = 0;
const ending = new AbortController();

const watch = async (at: number): Promise<void> => {
  const watched = readers[at % readers.length]!.watch(
    { prefix: isAll ? 'w' : `w${at}/` },
    { signal: ending.signal },
  );
  begun.push(watched.begun);
  for await (const event of watched) {
    if (event.type !== 'put') continue;
    const [number, sentMs] = event.pair.text().split(' ').map(Number) as [number, number];
    const last = seen[at]!.get(event.key) ?? 0;
    if (number !== last + 1) wrong.push(`watcher ${at}, ${event.key}: ${number} after ${last}`);
    seen[at]!.set(event.key, number);
    told++;
    if (told % 10 === 0) latencies.push(performance.now() - sentMs);
  }
};

const begun: Promise<number>[] = [];
const watching = Array.from({ length: watchers }, (_, at) => watch(at));
await Promise.all(begun);

/** How often each key was written; a write to it begins when the one before has ended, so that their order is known. */
const written = new Map<string, number>();
const writing = new Set<Promise<void>>();
const lastOf = new Map<string, Promise<void>>();
const write = async (key: string, before: Promise<void> | undefined): Promise<void> => {
  await before;
  const number = (written.get(key) ?? 0) + 1;
  await writer.put(key, `${number} ${performance.now()} ${'v'.repeat(200)}`);
  written.set(key, number);
};
const startedMs = performance.now();
let sent = 0;
let killedMs = 0;
while (performance.now() < startedMs + seconds * 1000) {
  const due = ((performance.now() - startedMs) / 1000) * perSecond;
  for (; sent < due; sent++) {
    const key = `w${sent % watchers}/a`;
    const each = write(key, lastOf.get(key));
    lastOf.set(key, each);
    writing.add(each);
    const done = (): void => void writing.delete(each);
    each.then(done, done);
  }
  if (killedMs === 0 && performance.now() > startedMs + seconds * 500) {
    killedMs = performance.now();
    const leader = await cluster.leader();
    await cluster.end(leader, 'SIGKILL');
    void cluster.leader().then(() => cluster.start(leader));
  }
  await sleep(5);
}
const sentFor = (performance.now() - startedMs) / 1000;
await Promise.all(writing);
const writtenFor = (performance.now() - startedMs) / 1000;
const expected = isAll ? sent * watchers : sent;
const until = performance.now() + 60_000;
while (told < expected && performance.now() < until) await sleep(50);
const toldFor = (performance.now() - startedMs) / 1000;
ending.abort();
await Promise.all(watching);

latencies.sort((a, b) => a - b);
console.log(
  `${watchers} watchers${isAll ? ' of all keys' : ''}, ${sent} writes sent in ${sentFor.toFixed(1)} s, acknowledged in ${writtenFor.toFixed(1)} s; the leader was killed (kill -9) after ${((killedMs - startedMs) / 1000).toFixed(1)} s`,
);
console.log(
  `told: ${told} of ${expected} events, all after ${toldFor.toFixed(1)} s; ${wrong.length} out of order, missing or twice${wrong.length > 0 ? `, such as ${wrong[0]}` : ''}`,
);
console.log(
  `from the request to the event: p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(0)} ms, the outage included`,
);
for (const client of [writer, ...readers]) client.close();
frames.close();
await cluster.stop();
if (told !== expected || wrong.length > 0) process.exitCode = 1;
