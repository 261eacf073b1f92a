import { type BrokenRule, type Circumstance, circumstances } from '../broken/broken-rules.ts';
import { Dice } from '../dice.ts';
import { calmPlan, nodesOf, type Plan } from '../plan.ts';

/** With a rule broken on purpose, what shows that; otherwise some of it, another mixture with each seed. */
export const circumstancesOf = (broken: BrokenRule | null, seed: number): readonly Circumstance[] => {
  if (broken !== null) return broken.shownBy ?? [];
  const stream = new Dice(seed, 'search').stream(1);
  return circumstances.filter(() => stream.chance(0.3));
};

const secondsBySeed = [1, 2, 3, 4] as const;

/** A short run of a small cluster, before its faults are drawn. */
export const searchPlan = (seed: number, given: readonly Circumstance[]): Plan => {
  const has = (circumstance: Circumstance) => given.includes(circumstance);
  const plan: Plan = {
    ...calmPlan,
    seed,
    nodes: has('five voters') ? 5 : 3,
    spares: has('learners') ? 1 : 0,
    durationMs: secondsBySeed[seed % secondsBySeed.length]! * 1000,
    network: networkOf(has),
    disk: { minSyncMs: 0.5, maxSyncMs: 0.5 },
    clients: { sessions: 3, operationsPerSecond: has('five voters') ? 2 : 15, keys: 2 },
    requests: {
      readsPerSecond: has('lease reads') ? 100 : has('many reads') ? 40 : 0,
      transfersPerSecond: 0,
      changesPerSecond: has('learners') ? 4 : 0,
    },
    settings: {
      ...calmPlan.settings,
      ...(has('slow messages') ? { maxEntriesPerMessage: 1 } : {}),
      ...(has('lease reads') ? { leaseReads: true, maxClockDrift: drift } : {}),
    },
  };
  return has('lease reads') ? { ...plan, clockRates: clocksOf(plan) } : plan;
};

/** So wrong that the clocks of two nodes are soon far apart. */
const drift = 0.3;

/** One clock is as slow as may be, and the others as fast. */
const clocksOf = (plan: Plan): readonly number[] => {
  const ids = nodesOf(plan);
  return ids.map((id) => (id === 1 + (plan.seed % ids.length) ? 1 - drift : 1 + drift));
};

const networkOf = (has: (circumstance: Circumstance) => boolean): Plan['network'] => {
  const rates = has('repeated messages')
    ? { dropRate: 0.02, duplicateRate: 0.2, reorderRate: 0.1 }
    : { dropRate: 0, duplicateRate: 0, reorderRate: 0 };
  // Long enough that a leader may be gone before its first entry has arrived.
  const delays = has('slow messages')
    ? { minDelayMs: 10, maxDelayMs: 30 }
    : { minDelayMs: 1, maxDelayMs: 10 };
  return { ...delays, ...rates };
};
