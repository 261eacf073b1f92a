import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KvHttpClient } from '../test/processes/kv-http-client.ts';
import { fetchStatus, ProcessCluster } from '../test/processes/process-cluster.ts';
import { LeaderSeeker } from '../test/processes/writing-load.ts';
import { quantile } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/**
 * Usage: `node bench/compaction.ts [puts] [keys] [program] [puts a request]`; the program is `src/cli/raft-node.ts`, whose types Node strips at each start, or `dist/src/cli/raft-node.js`, which is what
 * people install. Two of three nodes take puts of 100 bytes on 64 connections and compact their logs, as they do without flags; then
 * the third one, which was down all the time, catches up; then all are killed and start again. Prints what they need of disk and memory, and how long each takes. Linux.
 */
const puts = Number(process.argv[2] ?? 1_000_000);
const keys = Number(process.argv[3] ?? 10_000);
const program = process.argv[4] ?? 'src/cli/raft-node.ts';
/** More than one: they go in transactions of version 2, 128 puts at most. */
const putsARequest = Number(process.argv[5] ?? 1);
const connections = 64;
const value = 'x'.repeat(100);

const dataDir = temporaryDirectory();
/** When a snapshot was being taken, by node. */
const saving: { readonly id: number; readonly fromMs: number; readonly toMs: number }[] = [];
/** What the nodes logged, and when, since all were started again; null: they were not yet. */
let restart: { readonly atMs: number; readonly steps: { id: number; msg: string; ms: number }[] } | null =
  null;
const cluster = await ProcessCluster.reserve({
  size: 3,
  dataDir,
  program,
  onLog: (id, { msg, ms, time }) => {
    const now = performance.now();
    if (msg === 'snapshot saved') saving.push({ id, fromMs: now - Number(ms), toMs: now });
    restart?.steps.push({ id, msg: String(msg), ms: Number(time) - restart.atMs });
  },
});
const client = new KvHttpClient(connections);
const seeker = new LeaderSeeker(client, cluster.endpoints);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** The value below which `at` (0 to 1) of the times lie. */
const share = (times: readonly number[], at: number) =>
  quantile(
    times.toSorted((a, b) => a - b),
    at,
  );
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
/** Infinite or none: nothing was measured. */
const ms = (time: number) =>
  !Number.isFinite(time) ? '–' : `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

const diskBytes = (id: number): number => {
  const directory = cluster.dataDirOf(id);
  try {
    return readdirSync(directory).reduce(
      (sum, name) => sum + statSync(join(directory, name)).blocks * 512,
      0,
    );
  } catch {
    // A file that is removed meanwhile.
    return 0;
  }
};
const residentBytes = (id: number): number => {
  const [, kib = 0] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${cluster.pid(id)}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
};
const most = { disk: new Map<number, number>(), resident: new Map<number, number>() };
const running = new Set([1, 2]);
const sampler = setInterval(() => {
  for (const id of running) {
    most.disk.set(id, Math.max(most.disk.get(id) ?? 0, diskBytes(id)));
    most.resident.set(id, Math.max(most.resident.get(id) ?? 0, residentBytes(id)));
  }
}, 250);

for (const id of running) cluster.start(id);
const leader = await cluster.leader();
const endpoint = cluster.endpoints[leader - 1]!;

/** How long the leader's event loop was late at most, by when it was looked at: its metric begins anew each time. */
const lags: { readonly fromMs: number; readonly toMs: number; readonly ms: number }[] = [];
let isLoading = true;
const lagSampler = (async () => {
  for (let fromMs = performance.now(); isLoading; ) {
    await sleep(500);
    const text = await (await fetch(`http://${endpoint}/metrics`)).text();
    const [, seconds = Number.NaN] = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text) ?? [];
    const toMs = performance.now();
    lags.push({ fromMs, toMs, ms: Number(seconds) * 1000 });
    fromMs = toMs;
  }
})();

const putRequest = (nth: number) => {
  if (putsARequest === 1) return ['PUT', `/v1/kv/k${nth % keys}`, value] as const;
  const success = Array.from({ length: putsARequest }, (_, at) => ({
    type: 'put',
    key: `k${(nth * putsARequest + at) % keys}`,
    value_text: value,
  }));
  return ['POST', '/v2/txn', JSON.stringify({ compare: [], success, failure: [] })] as const;
};

const requests = Math.ceil(puts / putsARequest);
const atMs = new Float64Array(requests);
const tookMs = new Float64Array(requests);
let next = 0;
const startedMs = performance.now();
await Promise.all(
  Array.from({ length: connections }, async () => {
    for (let nth = next++; nth < requests; nth = next++) {
      const [method, path, body] = putRequest(nth);
      const sentMs = performance.now();
      const { status } = await client.send(method, endpoint, path, body);
      if (status !== 200) throw new Error(`put ${nth} was answered ${status}`);
      atMs[nth] = sentMs;
      tookMs[nth] = performance.now() - sentMs;
    }
  }),
);
const seconds = (performance.now() - startedMs) / 1000;
isLoading = false;
await lagSampler;
const own = saving.filter(({ id }) => id === leader);
const isSaving = (from: number, to: number) => own.some(({ fromMs, toMs }) => from < toMs && to > fromMs);
const during: number[] = [];
const otherwise: number[] = [];
for (let nth = 0; nth < requests; nth++) {
  const [from, took] = [atMs[nth]!, tookMs[nth]!];
  (isSaving(from, from + took) ? during : otherwise).push(took);
}
console.log(
  `${puts} puts on ${keys} keys in ${seconds.toFixed(1)} s, ${Math.round(puts / seconds)} a second`,
);
console.log(
  `snapshots of the leader: ${own.length}, ${ms(
    share(
      own.map(({ fromMs, toMs }) => toMs - fromMs),
      0.5,
    ),
  )} in the median, ${ms(Math.max(...own.map(({ fromMs, toMs }) => toMs - fromMs)))} at most`,
);
const latest = (isOf: boolean) =>
  ms(Math.max(...lags.filter(({ fromMs, toMs }) => isSaving(fromMs, toMs) === isOf).map((lag) => lag.ms)));
console.log(
  `its event loop was late by at most ${latest(true)} in half seconds with a snapshot, ${latest(false)} in others`,
);
console.log(
  `request p99 while the leader takes a snapshot ${ms(share(during, 0.99))} (${during.length} requests), otherwise ${ms(share(otherwise, 0.99))}: ratio ${during.length === 0 ? '–' : (share(during, 0.99) / share(otherwise, 0.99)).toFixed(2)}`,
);

/** Until node `id` has applied what the leader has committed. */
const caughtUp = async (id: number): Promise<number> => {
  const begun = performance.now();
  const { commitIndex } = (await fetchStatus(cluster.members[leader - 1]!.clientPort))!;
  for (;;) {
    const status = await fetchStatus(cluster.members[id - 1]!.clientPort).catch(() => null);
    if (status != null && status.lastApplied >= commitIndex) return performance.now() - begun;
    await sleep(5);
  }
};
cluster.start(3);
running.add(3);
console.log(
  `the node that was down all the time has caught up ${ms(await caughtUp(3))} after its process began`,
);

const printed = [1, 2, 3].map(
  (id) => `node${id} ${mib(most.disk.get(id) ?? 0)} on disk, ${mib(most.resident.get(id) ?? 0)} resident`,
);
console.log(`at most: ${printed.join('; ')}`);
running.clear();
for (const { id } of cluster.members) await cluster.end(id, 'SIGKILL');
restart = { atMs: Date.now(), steps: [] };
const restartedMs = performance.now();
for (const { id } of cluster.members) cluster.start(id);
await seeker.insist('PUT', '/v1/kv/after', '1');
console.log(
  `from the start of all nodes to the first acknowledged write: ${ms(performance.now() - restartedMs)}`,
);
const { steps } = restart;
const stepOf = (id: number, msg: string) =>
  ms(steps.find((step) => step.id === id && step.msg === msg)?.ms ?? Number.NaN);
for (const { id } of cluster.members) {
  console.log(
    `  node${id}: program loaded ${stepOf(id, 'client API listens')}, log read ${stepOf(id, 'log recovered')}, runs ${stepOf(id, 'the node runs')}`,
  );
}
const elected = steps.findLast(({ msg }) => msg === 'candidate becomes leader');
console.log(`  a leader ${ms(elected?.ms ?? Number.NaN)}; what follows until the write is applying`);
clearInterval(sampler);
client.close();
await cluster.stop();
