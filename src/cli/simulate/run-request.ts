import { defaultPlan, generatePlan, type Profile, withLeaseReads } from '../../simulate/generate-plan.ts';
import { checkedPlan } from '../../simulate/parse-plan.ts';
import type { Plan, WorkloadName } from '../../simulate/plan.ts';
import type { Fault } from '../../trace/fault.ts';

/** What the command line asks for, as plain data that can be sent to the workers. */
export interface RunRequest {
  /** Without its seed and drawn faults. */
  readonly base: Plan;
  readonly profile: Profile;
  /** The whole plan, from a file: no fault is drawn, the seed is its own. */
  readonly isWhole: boolean;
  readonly leaseReads: boolean;
}

export interface PlanFlags {
  readonly nodes?: number;
  readonly duration?: number;
  readonly dropRate?: number;
  readonly duplicateRate?: number;
  readonly reorderRate?: number;
  readonly delay?: { readonly min: number; readonly max: number };
  readonly sync?: { readonly min: number; readonly max: number };
  readonly sessions?: number;
  readonly rate?: number;
  readonly keys?: number;
  readonly workload?: WorkloadName;
  readonly reads?: number;
  readonly transfers?: number;
  readonly changes?: number;
  readonly spares?: number;
  readonly leaseReads?: boolean;
  readonly faults: Profile;
  readonly partitions?: readonly Fault[];
  readonly crashes?: readonly Fault[];
  readonly pauses?: readonly Fault[];
}

/** Faults that are given replace those of their kind that would be drawn. Throws `UnusablePlan`. */
export const requestOf = (flags: PlanFlags): RunRequest => {
  const { network, disk, clients } = defaultPlan;
  const { partitions, crashes, pauses, delay, sync } = flags;
  const changesPerSecond = flags.changes ?? defaultPlan.requests!.changesPerSecond!;
  const base = checkedPlan({
    ...defaultPlan,
    nodes: flags.nodes ?? defaultPlan.nodes,
    // Nobody adds any where nobody changes the members.
    spares: flags.spares ?? (changesPerSecond > 0 ? defaultPlan.spares! : 0),
    durationMs: flags.duration ?? defaultPlan.durationMs,
    network: {
      minDelayMs: delay?.min ?? network.minDelayMs,
      maxDelayMs: delay?.max ?? network.maxDelayMs,
      dropRate: flags.dropRate ?? network.dropRate,
      duplicateRate: flags.duplicateRate ?? network.duplicateRate,
      reorderRate: flags.reorderRate ?? network.reorderRate,
    },
    disk: { minSyncMs: sync?.min ?? disk.minSyncMs, maxSyncMs: sync?.max ?? disk.maxSyncMs },
    clients: {
      sessions: flags.sessions ?? clients.sessions,
      operationsPerSecond: flags.rate ?? clients.operationsPerSecond,
      keys: flags.keys ?? clients.keys,
      // A plan that says nothing stays as it always was.
      ...(flags.workload === undefined || flags.workload === 'kv' ? {} : { workload: flags.workload }),
    },
    requests: {
      readsPerSecond: flags.reads ?? defaultPlan.requests!.readsPerSecond,
      transfersPerSecond: flags.transfers ?? defaultPlan.requests!.transfersPerSecond,
      changesPerSecond,
    },
    faults: [...(partitions ?? []), ...(crashes ?? []), ...(pauses ?? [])],
  });
  const profile = {
    ...flags.faults,
    ...(partitions === undefined ? {} : { partition: 0 }),
    ...(crashes === undefined ? {} : { crash: 0, crashAll: 0 }),
    ...(pauses === undefined ? {} : { pause: 0 }),
  };
  return { base, profile, isWhole: false, leaseReads: flags.leaseReads ?? false };
};

export const planOf = ({ base, profile, isWhole, leaseReads }: RunRequest, seed: number): Plan => {
  if (isWhole) return base;
  const plan = generatePlan({ ...base, seed }, profile);
  return leaseReads ? withLeaseReads(plan) : plan;
};
