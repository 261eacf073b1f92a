import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessCluster } from '../test/processes/process-cluster.ts';
import { nodeLoad } from './node-load.ts';
import { hasProgram, type LoadFigures, type LoadRequests, runWrk, writeScript } from './wrk.ts';

/** What `--trace-file` costs: writes per second of two clusters of three processes, one with traces, in pairs of rounds. */
const connections = Number(process.env.CONNECTIONS ?? 64);
const rounds = Number(process.env.ROUNDS ?? 15);
const seconds = Number(process.env.SECONDS ?? 4);

const load: LoadRequests = {
  method: 'PUT',
  headers: {},
  requests: Array.from({ length: 1000 }, (_, at) => ({ path: `/v1/kv/key${at}`, body: 'v'.repeat(256) })),
};

const directory = mkdtempSync(join(tmpdir(), 'raftchart-bench-'));
const script = join(directory, 'put.lua');
writeScript(script, load);
const hasWrk = await hasProgram('wrk');
const started = async (name: string, traces: boolean) => {
  const dataDir = join(directory, name);
  mkdirSync(dataDir);
  const cluster = await ProcessCluster.start({ size: 3, dataDir, traces, flags: ['--log-level', 'warn'] });
  return { cluster, leader: cluster.endpoints[(await cluster.leader()) - 1]! };
};
const plain = await started('plain', false);
const traced = await started('traced', true);
const measure = (leader: string): Promise<LoadFigures> =>
  hasWrk ? runWrk(leader, script, connections, seconds) : nodeLoad(leader, load, connections, seconds);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

console.log(
  `two clusters of three durable processes, 256-byte values, ${connections} connections, ${rounds} pairs of ${seconds} s; load by ${hasWrk ? 'wrk' : 'node:http'}`,
);
// Both start cold.
for (const { leader } of [plain, traced]) await measure(leader);
const without: number[] = [];
const withTrace: number[] = [];
for (let round = 0; round < rounds; round++) {
  // Who is first changes, so that a machine that warms up or cools down favours neither.
  for (const isTraced of round % 2 === 0 ? [false, true] : [true, false]) {
    const { requestsPerSecond } = await measure((isTraced ? traced : plain).leader);
    (isTraced ? withTrace : without).push(requestsPerSecond);
  }
}
const ratios = without.map((each, at) => withTrace[at]! / each);
console.log(`without: ${median(without).toFixed(0)} writes/s, median`);
console.log(`with:    ${median(withTrace).toFixed(0)} writes/s, median`);
console.log(
  `with / without = ${median(ratios).toFixed(3)}, median of ${rounds} pairs (${ratios.map((each) => each.toFixed(2)).join(' ')})`,
);
const written = traced.cluster.founders.map(({ id }) => statSync(traced.cluster.traceOf(id)).size);
const writes = withTrace.reduce((sum, each) => sum + each * seconds, 0);
console.log(
  `bytes of trace a write, each node: ${written.map((bytes) => (bytes / writes).toFixed(0)).join(', ')}`,
);
await plain.cluster.stop();
await traced.cluster.stop();
rmSync(directory, { recursive: true, force: true });
