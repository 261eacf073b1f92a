import { Dice } from '../../src/simulate/dice.ts';
import { generatePlan, noFaults, type Profile } from '../../src/simulate/generate-plan.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import type { Fault } from '../../src/trace/fault.ts';

/** A network that loses, repeats and overtakes far more than the default. */
const badNetwork = { minDelayMs: 1, maxDelayMs: 20, dropRate: 0.1, duplicateRate: 0.1, reorderRate: 0.1 };

const base: Plan = {
  ...calmPlan,
  nodes: 3,
  durationMs: 10_000,
  disk: { minSyncMs: 0.1, maxSyncMs: 5 },
  clients: { sessions: 3, operationsPerSecond: 10, keys: 2 },
};

const planOf =
  (changes: Partial<Plan>, profile: Partial<Profile>) =>
  (seed: number): Plan =>
    generatePlan({ ...base, ...changes, seed }, { ...noFaults, ...profile });

/** Nodes lose power all the time, between any two effects. */
export const crashes = planOf({}, { crash: 0.7, crashAll: 3 });

/** One node and its disk. */
export const aloneCrashing = planOf({ nodes: 1 }, { crash: 1 });

/** Disks that fail a sync now and then, and nodes that lose power. */
export const failingSyncs = planOf({}, { crash: 1, failedSync: 1 });

/** Leaders are cut off and come back, on a network that repeats and overtakes. */
export const partitions = planOf({ network: badNetwork }, { partition: 1, crash: 3 });

/** Five nodes, elections without end, and answers that come twice. */
export const repeatedAnswers = planOf(
  { nodes: 5, network: { ...badNetwork, dropRate: 0.2, duplicateRate: 0.5 } },
  { partition: 1, crash: 2 },
);

/** Answers that come an election later, disks on which a campaign takes its time. */
export const lateAnswers = planOf(
  {
    network: { minDelayMs: 5, maxDelayMs: 50, dropRate: 0.15, duplicateRate: 0, reorderRate: 0.4 },
    disk: { minSyncMs: 1, maxSyncMs: 60 },
  },
  { crash: 2 },
);

/**
 * Three nodes, of which one after the other is cut off for about as long as an election takes on this slow network. Entries travel one by
 * one, or a leader's first message would bring its own entry along with those of earlier terms.
 */
export const fallingLeaders = (seed: number): Plan => {
  const stream = new Dice(seed, 'fallingLeaders').stream(1);
  const faults: Fault[] = [];
  const durationMs = 20_000;
  for (let fromMs = 0; fromMs < durationMs; ) {
    const toMs = fromMs + stream.between(150, 900);
    const alone = stream.between(1, 3);
    const groups = [[alone], [1, 2, 3].filter((id) => id !== alone)];
    faults.push({ kind: 'partition', fromMs, toMs, groups, oneWay: false });
    fromMs = toMs;
  }
  return {
    ...base,
    seed,
    durationMs,
    network: { ...calmPlan.network, minDelayMs: 10, maxDelayMs: 90 },
    clients: { ...base.clients, operationsPerSecond: 3 },
    settings: { ...calmPlan.settings, maxEntriesPerMessage: 1 },
    faults,
  };
};

/** Three nodes, one of which is cut off for good in the middle of some election. */
export const oneGone = planOf(
  {
    durationMs: 6000,
    network: { minDelayMs: 5, maxDelayMs: 40, dropRate: 0.25, duplicateRate: 0, reorderRate: 0.1 },
    faults: [{ kind: 'partition', fromMs: 3000, toMs: 6000, groups: [[1, 2]], oneWay: false, lasts: true }],
  },
  { crash: 0.8, partition: 0.8 },
);

/** Two nodes, both of which every leader needs. */
export const twoNodes = planOf(
  { nodes: 2, network: badNetwork },
  { partition: 1, slowLink: 0.5, hold: 0.5, crash: 1.5 },
);

/** Four nodes; in the end nodes 1 and 3 to 4 reach each other over node 2 alone. */
export const bridge = (seed: number): Plan => ({
  ...base,
  seed,
  nodes: 4,
  durationMs: 4000,
  faults: [
    {
      kind: 'partition',
      fromMs: 2000,
      toMs: 4000,
      groups: [
        [1, 2],
        [2, 3, 4],
      ],
      oneWay: false,
      lasts: true,
    },
  ],
});
