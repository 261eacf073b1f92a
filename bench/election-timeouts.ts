/**
 * What the timeouts of raft-node do to a cluster of three on a lossy or a far network, on virtual clocks: `node bench/election-timeouts.ts [MINUTES]`. Each row is one network
 * and one choice: the defaults, or what the formula of docs/operations.md gives. Nothing else goes wrong, so each election after the first is one too many.
 */
import { calmPlan, type Plan } from '../src/simulate/plan.ts';
import { runSimulation } from '../src/simulate/run-simulation.ts';

const minutes = Number(process.argv[2] ?? 30);

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

const measure = async ({ name, ...network }: Network, settings: Plan['settings']): Promise<void> => {
  const leaders = new Set<number>();
  let since = 0;
  let ledMs = 0;
  const plan = {
    ...calmPlan,
    durationMs: minutes * 60_000,
    network: { ...calmPlan.network, ...network },
    clients: { sessions: 8, operationsPerSecond: 5, keys: 5 },
    settings,
  };
  const { violation, endMs, figures } = await runSimulation(plan, {
    endsWithFaults: true,
    onEvent: (event) => {
      if (event.type !== 'chart') return;
      if (leaders.size > 0) ledMs += event.atMs - since;
      since = event.atMs;
      if (event.after.state.startsWith('leader')) leaders.add(event.node);
      else leaders.delete(event.node);
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
    ].join('  '),
  );
};

for (const network of networks) {
  await measure(network, calmPlan.settings);
  await measure(network, timeoutsFor(2 * network.maxDelayMs, network.dropRate));
}
