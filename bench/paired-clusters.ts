import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessCluster, type ProcessClusterOptions } from '../test/processes/process-cluster.ts';
import { nodeLoad } from './node-load.ts';
import { median } from './quantile.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { hasProgram, type LoadRequests, runWrk, writeScript } from './wrk.ts';

const connections = Number(process.env.CONNECTIONS ?? 64);
const rounds = Number(process.env.ROUNDS ?? 15);
const seconds = Number(process.env.SECONDS ?? 4);

const load: LoadRequests = {
  method: 'PUT',
  headers: {},
  requests: Array.from({ length: 1000 }, (_, at) => ({ path: `/v1/kv/key${at}`, body: 'v'.repeat(256) })),
};

/** How a cluster differs from a plain one. */
export type Variant = Partial<
  Pick<ProcessClusterOptions, 'flags' | 'flagsOf' | 'traces' | 'program' | 'reach'>
>;

interface Round {
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds of processor time for 1000 requests. */
  readonly cpu: number;
  readonly errors: number;
}

/**
 * Prints writes per second of two clusters of three processes that differ in one thing, in pairs of rounds, and what processor time their nodes take for 1000 writes:
 * that differs less where other programs run beside them. `then` is given the second one before both are stopped.
 */
export const comparePaired = async (
  without: Variant,
  withIt: Variant,
  then: (cluster: ProcessCluster) => void | Promise<void>,
): Promise<void> => {
  const directory = temporaryDirectory();
  const script = join(directory, 'put.lua');
  writeScript(script, load);
  const hasWrk = await hasProgram('wrk');
  const started = async (name: string, { flags = [], ...variant }: Variant) => {
    const dataDir = join(directory, name);
    mkdirSync(dataDir);
    const cluster = await ProcessCluster.start({
      size: 3,
      dataDir,
      flags: ['--log-level', 'warn', ...flags],
      ...variant,
    });
    return { cluster, scheme: variant.reach?.tls ? 'https://' : '', rounds: [] as Round[] };
  };
  const measure = async ({
    cluster,
    scheme,
  }: {
    cluster: ProcessCluster;
    scheme: string;
  }): Promise<Round> => {
    const leader = `${scheme}${cluster.endpoints[(await cluster.leader()) - 1]}`;
    const before = processorMs(cluster);
    const { requestsPerSecond, errors } = hasWrk
      ? await runWrk(leader, script, connections, seconds)
      : await nodeLoad(leader, load, connections, seconds);
    const cpu = (processorMs(cluster) - before) / ((requestsPerSecond * seconds) / 1000);
    return { rate: requestsPerSecond, cpu, errors };
  };
  const sides = [await started('without', without), await started('with', withIt)] as const;

  console.log(
    `two clusters of three durable processes, 256-byte values, ${connections} connections, ${rounds} pairs of ${seconds} s; load by ${hasWrk ? 'wrk' : 'node:http'}`,
  );
  // Both start cold.
  for (const side of sides) await measure(side);
  let disturbed = 0;
  while (sides[0].rounds.length < rounds && disturbed <= rounds) {
    // Who is first changes, so that a machine that warms up or cools down favours neither.
    const isEven = sides[0].rounds.length % 2 === 0;
    const pair = new Map<object, Round>();
    for (const side of isEven ? sides : sides.toReversed()) pair.set(side, await measure(side));
    // To refuse is quick: where a leader was deposed meanwhile, neither figure is one of writes.
    if ([...pair.values()].some(({ errors }) => errors > 0)) disturbed += 1;
    else for (const side of sides) side.rounds.push(pair.get(side)!);
  }
  if (disturbed > 0) console.log(`${disturbed} pairs more are not counted: some requests failed in them`);
  const [plain, changed] = sides;
  for (const [name, side] of [
    ['without:', plain],
    ['with:   ', changed],
  ] as const) {
    console.log(
      `${name} ${median(side.rounds.map(({ rate }) => rate)).toFixed(0)} writes/s, ` +
        `${median(side.rounds.map(({ cpu }) => cpu)).toFixed(1)} ms of processor time for 1000 writes, medians`,
    );
  }
  for (const [what, key] of [
    ['writes/s', 'rate'],
    ['processor time', 'cpu'],
  ] as const) {
    const ratios = plain.rounds.map((each, at) => changed.rounds[at]![key] / each[key]);
    console.log(
      `${what}, with / without = ${median(ratios).toFixed(3)}, median of ${ratios.length} pairs (${ratios.map((each) => each.toFixed(2)).join(' ')})`,
    );
  }
  await then(changed.cluster);
  for (const { cluster } of sides) await cluster.stop();
  rmSync(directory, { recursive: true, force: true });
};

/** Of Linux's USER_HZ, which is 100 on every machine that Node.js runs on. */
const tickMs = 10;

/** What the nodes of `cluster` have taken so far, in user and kernel mode. */
export const processorMs = (cluster: ProcessCluster): number =>
  cluster.founders.reduce((sum, { id }) => {
    const stat = readFileSync(`/proc/${cluster.pid(id)}/stat`, 'utf8');
    // The name of the program, in parentheses, may have spaces in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) * tickMs;
  }, 0);
