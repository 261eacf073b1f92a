/**
 * What the timeouts of raft-node do to a cluster of three, or as many as `NODES` says, on a lossy or a far network, on virtual clocks:
 * `node bench/election-timeouts.ts [MINUTES] [NODES] [crashes [NETWORK]]`. Each row is one network and one choice: the defaults, or what the formula of docs/operations.md gives. Nothing else goes wrong, so each election after the first is one too many. With `crashes` the nodes crash
 * in turn, one every ten seconds for five, and a row also has how long there was no leader after it had crashed; `NETWORK` is how the
 * names of the networks begin that count.
 */
import { calmPlan, type Plan } from '../src/simulate/plan.ts';
import { runSimulation } from '../src/simulate/run-simulation.ts';
import { quantile } from './quantile.ts';

const minutes = Number(process.argv[2] ?? 30);
const nodes = Number(process.argv[3] ?? calmPlan.nodes);
const crashes = process.argv[4] === 'crashes';
const only = process.argv[5] ?? '';

interface Network {
  readonly name: string;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly dropRate: number;
}

const networks: readonly Network[] = [
  { name: 'near: 1-5 ms', minDelayMs: 1, maxDelayMs: 5, dropRate: 0 },
  { name: 'lossy: 1-5 ms, 15 % lost', minDelayMs: 1, maxDelayMs: 5, dropRate: 0.15 },
  { name: 'another region: 35-45 ms, 1 % lost', minDelayMs: 35, maxDelayMs: 45, dropRate: 0.01 },
  { name: '45-50 ms', minDelayMs: 45, maxDelayMs: 50, dropRate: 0 },
  { name: '95-100 ms', minDelayMs: 95, maxDelayMs: 100, dropRate: 0 },
  { name: 'far: 140-150 ms', minDelayMs: 140, maxDelayMs: 150, dropRate: 0 },
  { name: 'far and lossy: 140-150 ms, 15 % lost', minDelayMs: 140, maxDelayMs: 150, dropRate: 0.15 },
  { name: '230-240 ms', minDelayMs: 230, maxDelayMs: 240, dropRate: 0 },
  { name: '280-300 ms', minDelayMs: 280, maxDelayMs: 300, dropRate: 0 },
  { name: '280-300 ms, 15 % lost', minDelayMs: 280, maxDelayMs: 300, dropRate: 0.15 },
];

/** The formula. `roundTripMs` is the longest that is usual. */
const timeoutsFor = (roundTripMs: number, dropRate: number): Plan['settings'] => {
  const heartbeatIntervalMs = Math.max(50, Math.ceil(roundTripMs / 2));
  // So many heartbeats in a row are lost less than once in a million times.
  const lostInARow = dropRate === 0 ? 1 : Math.ceil(Math.log(1e-6) / Math.log(dropRate));
  const electionTimeoutMinMs = Math.max(
    3 * heartbeatIntervalMs,
    4 * roundTripMs,
    roundTripMs + (lostInARow + 1) * heartbeatIntervalMs,
  );
  return { heartbeatIntervalMs, electionTimeoutMinMs, electionTimeoutMaxMs: 2 * electionTimeoutMinMs };
};

/** Each node once in as many times ten seconds. */
const crashesInTurn = (): Plan['faults'] =>
  Array.from({ length: minutes * 6 - 1 }, (_, at) => {
    const fromMs = (at + 1) * 10_000;
    return { kind: 'crash', fromMs, toMs: fromMs + 5000, nodes: [(at % nodes) + 1], effects: 0 };
  });

const measure = async ({ name, ...network }: Network, settings: Plan['settings']): Promise<void> => {
  const leaders = new Set<number>();
  const outagesMs: number[] = [];
  let crashedAtMs: number | null = null;
  let since = 0;
  let ledMs = 0;
  const plan = {
    ...calmPlan,
    nodes,
    faults: crashes ? crashesInTurn() : [],
    durationMs: minutes * 60_000,
    network: { ...calmPlan.network, ...network },
    clients: { sessions: 8, operationsPerSecond: 5, keys: 5 },
    settings,
  };
  const { violation, endMs, figures } = await runSimulation(plan, {
    endsWithFaults: true,
    onEvent: (event) => {
      if (event.type !== 'chart' && event.type !== 'crashed') return;
      if (leaders.size > 0) ledMs += event.atMs - since;
      since = event.atMs;
      if (event.type === 'crashed') {
        if (leaders.delete(event.node)) crashedAtMs = event.atMs;
      } else if (event.after.state.startsWith('leader')) {
        leaders.add(event.node);
        if (crashedAtMs !== null) outagesMs.push(event.atMs - crashedAtMs);
        crashedAtMs = null;
      } else leaders.delete(event.node);
    },
  });
  if (violation !== null) throw new Error(violation.message);
  const { heartbeatIntervalMs, electionTimeoutMinMs, electionTimeoutMaxMs } = settings;
  console.log(
    [
      name.padEnd(38),
      `--heartbeat-interval ${heartbeatIntervalMs} --election-timeout ${electionTimeoutMinMs}-${electionTimeoutMaxMs}`.padEnd(
        56,
      ),
      `${((figures.terms / endMs) * 3_600_000).toFixed(0).padStart(6)} terms an hour`,
      `${((ledMs / endMs) * 100).toFixed(2).padStart(6)} % led`,
      ...(crashes ? [outages(outagesMs)] : []),
    ].join('  '),
  );
};

const outages = (timesMs: readonly number[]): string => {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return `${sorted.length} leaders crashed: the next one after ${quantile(sorted, 0.5).toFixed(0)} ms in the median, ${quantile(sorted, 1).toFixed(0)} at most`;
};

for (const network of networks.filter(({ name }) => name.startsWith(only))) {
  await measure(network, calmPlan.settings);
  await measure(network, timeoutsFor(2 * network.maxDelayMs, network.dropRate));
}
