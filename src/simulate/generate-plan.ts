import { defaultSettings } from '../raft/context.ts';
import type { NodeId } from '../raft/types.ts';
import type { Fault, FaultKind } from '../trace/fault.ts';
import { Dice, type Stream } from './dice.ts';
import { calmPlan, nodesOf, type Plan } from './plan.ts';

/** How often each kind of fault begins, in virtual seconds on average; 0: never. */
export type Profile = Readonly<Record<FaultKind | 'crashAll', number>>;

/** The default: every kind of fault, with enough calm in between for something to happen that can go wrong. */
export const defaultProfile: Profile = {
  partition: 6,
  hold: 15,
  slowLink: 12,
  disconnect: 12,
  crash: 6,
  crashAll: 30,
  pause: 10,
  skew: 20,
  slowDisk: 15,
  failedSync: 25,
  fullDisk: 40,
  bitFlip: 40,
  // Asked for by name: --faults default,lostDisk=20s,olderDisk=20s.
  lostDisk: 0,
  olderDisk: 0,
};

export const noFaults: Profile = {
  partition: 0,
  hold: 0,
  slowLink: 0,
  disconnect: 0,
  crash: 0,
  crashAll: 0,
  pause: 0,
  skew: 0,
  slowDisk: 0,
  failedSync: 0,
  fullDisk: 0,
  bitFlip: 0,
  lostDisk: 0,
  olderDisk: 0,
};

/** What a plan starts from, before its faults are drawn. */
export const defaultPlan: Plan = {
  ...calmPlan,
  nodes: 5,
  spares: 2,
  durationMs: 60_000,
  network: { minDelayMs: 1, maxDelayMs: 15, dropRate: 0.02, duplicateRate: 0.01, reorderRate: 0.02 },
  disk: { minSyncMs: 0.1, maxSyncMs: 3 },
  clients: { sessions: 8, operationsPerSecond: 20, keys: 5 },
  requests: { readsPerSecond: 10, transfersPerSecond: 0.2, changesPerSecond: 0.5 },
  snapshots: { entries: 40, trailingEntries: 10, chunkBytes: 256 },
};

/** `base` with the faults that its seed draws. Each kind is drawn independently: leaving one out moves no other. */
export const generatePlan = (base: Plan, profile: Profile = defaultProfile): Plan => {
  const dice = new Dice(base.seed, 'faults');
  const faults: Fault[] = [...base.faults];
  for (const [at, kind] of (Object.keys(profile) as (keyof Profile)[]).entries()) {
    const everySeconds = profile[kind];
    if (everySeconds === 0) continue;
    const stream = dice.stream(at);
    for (let fromMs = stream.exponential(everySeconds * 1000); fromMs < base.durationMs; ) {
      const fault = drawFault(kind, Math.round(fromMs), base, stream);
      if (fault !== null) faults.push(fault);
      fromMs += stream.exponential(everySeconds * 1000);
    }
  }
  faults.sort((a, b) => a.fromMs - b.fromMs);
  return { ...base, faults };
};

/**
 * The same with lease reads, and a clock in each node that is as wrong as the settings allow for. Faults that make clocks run
 * faster or slower than that are left out: then leases promise nothing.
 */
export const withLeaseReads = (plan: Plan): Plan => {
  const { maxClockDrift = defaultSettings.maxClockDrift } = plan.settings;
  const dice = new Dice(plan.seed, 'clocks');
  return {
    ...plan,
    settings: { ...plan.settings, leaseReads: true },
    clockRates: nodesOf(plan).map((id) => 1 + (2 * dice.at(id) - 1) * maxClockDrift),
    faults: plan.faults.filter(({ kind }) => kind !== 'skew'),
  };
};

const drawFault = (kind: keyof Profile, fromMs: number, plan: Plan, stream: Stream): Fault | null => {
  const ids = nodesOf(plan);
  const lasting = (min: number, max: number) => ({ fromMs, toMs: fromMs + stream.between(min, max) });
  const node = stream.pick(ids);
  const others = ids.filter((id) => id !== node);
  switch (kind) {
    case 'crash':
      return {
        kind,
        ...lasting(50, 3000),
        nodes: [node],
        effects: stream.chance(0.7) ? stream.between(1, 12) : 0,
      };
    case 'crashAll':
      return {
        kind: 'crash',
        ...lasting(50, 1000),
        nodes: ids,
        effects: stream.chance(0.5) ? stream.between(1, 12) : 0,
      };
    case 'pause':
      return { kind, ...lasting(50, 2000), node };
    case 'skew':
      return { kind, ...lasting(1000, 10_000), node, rate: stream.pick([0.5, 0.8, 0.9, 1.1, 1.25, 2]) };
    case 'slowDisk':
      return { kind, ...lasting(500, 4000), node, addMs: stream.pick([5, 20, 100, 500]) };
    case 'failedSync':
      return { kind, ...lasting(100, 1500), node };
    case 'fullDisk':
      return { kind, ...lasting(1000, 6000), node };
    case 'bitFlip':
      return { kind, ...lasting(500, 3000), node, at: stream.fraction(), bit: stream.between(0, 7) };
    case 'lostDisk':
    case 'olderDisk':
      return { kind, ...lasting(1000, 8000), node };
  }
  // The others take two.
  const [other] = others;
  if (other === undefined) return null;
  const to = stream.pick(others);
  switch (kind) {
    case 'partition':
      return { kind, ...lasting(200, 5000), groups: drawGroups(ids, stream), oneWay: stream.chance(0.3) };
    case 'hold':
      return { kind, ...lasting(100, 1500), from: node, to };
    case 'slowLink':
      return { kind, ...lasting(500, 5000), from: node, to, addMs: stream.pick([20, 50, 150, 400]) };
    case 'disconnect':
      return { kind, fromMs, toMs: fromMs, nodes: [node, to] };
  }
};

/** Two groups nearly always, now and then three. */
const drawGroups = (ids: readonly NodeId[], stream: Stream): readonly (readonly NodeId[])[] => {
  const count = stream.chance(0.15) ? 3 : 2;
  const groups: NodeId[][] = Array.from({ length: count }, () => []);
  for (const id of ids) stream.pick(groups).push(id);
  const [first, ...others] = groups.filter((group) => group.length > 0);
  if (others.length > 0) return [first!, ...others];
  return [ids.slice(0, 1), ids.slice(1)];
};
