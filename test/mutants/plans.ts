import { generatePlan, noFaults, type Profile } from '../../src/sim/generate-plan.ts';
import { calmPlan, type Plan } from '../../src/sim/plan.ts';

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

/** Answers that come an election later. */
export const lateAnswers = planOf(
  { network: badNetwork },
  { partition: 1.5, slowLink: 0.5, hold: 0.5, crash: 2 },
);

/** Leaders that fall one after the other, each with an entry that few others have; entries travel one by one. */
export const fallingLeaders = planOf(
  {
    network: { ...calmPlan.network, dropRate: 0.2 },
    clients: { ...base.clients, operationsPerSecond: 2 },
    settings: { ...calmPlan.settings, maxEntriesPerMessage: 1 },
  },
  { crash: 0.4, partition: 1 },
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
