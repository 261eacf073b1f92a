import * as v from 'valibot';
import { nodesOf, type Plan, workloadNames } from './plan.ts';

/** A plan that cannot be run; `message` is one line that names what is wrong. */
export class UnusablePlan extends Error {
  override readonly name = 'UnusablePlan';
}

const id = v.pipe(v.number(), v.integer(), v.minValue(1));
const ids = v.array(id);
const ms = v.pipe(v.number(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const rate = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const window = { fromMs: ms, toMs: ms };

const fault = v.variant('kind', [
  v.strictObject({
    ...window,
    kind: v.literal('partition'),
    groups: v.array(ids),
    oneWay: v.boolean(),
    lasts: v.exactOptional(v.boolean()),
  }),
  v.strictObject({ ...window, kind: v.literal('hold'), from: id, to: id }),
  v.strictObject({ ...window, kind: v.literal('slowLink'), from: id, to: id, addMs: ms }),
  v.strictObject({ ...window, kind: v.literal('disconnect'), nodes: v.tuple([id, id]) }),
  v.strictObject({ ...window, kind: v.literal('crash'), nodes: ids, effects: count }),
  v.strictObject({ ...window, kind: v.literal('pause'), node: id }),
  v.strictObject({ ...window, kind: v.literal('skew'), node: id, rate: v.pipe(v.number(), v.gtValue(0)) }),
  v.strictObject({ ...window, kind: v.literal('slowDisk'), node: id, addMs: ms }),
  v.strictObject({ ...window, kind: v.literal('failedSync'), node: id }),
  v.strictObject({ ...window, kind: v.literal('fullDisk'), node: id }),
  v.strictObject({
    ...window,
    kind: v.literal('bitFlip'),
    node: id,
    at: rate,
    bit: v.pipe(count, v.maxValue(7)),
  }),
  v.strictObject({ ...window, kind: v.literal('lostDisk'), node: id }),
  v.strictObject({ ...window, kind: v.literal('olderDisk'), node: id }),
]);

const messageFault = v.strictObject({
  from: id,
  to: id,
  nth: id,
  heartbeat: v.boolean(),
  kind: v.picklist(['drop', 'duplicate', 'delay']),
});

const clients = {
  sessions: v.pipe(count, v.maxValue(1000)),
  operationsPerSecond: v.pipe(v.number(), v.minValue(0)),
  keys: id,
  workload: v.exactOptional(v.picklist(workloadNames)),
};
const script = v.array(v.strictObject({ session: id, nth: id, atMs: ms }));

const schema = v.strictObject({
  seed: count,
  nodes: v.pipe(id, v.maxValue(99)),
  spares: v.exactOptional(v.pipe(count, v.maxValue(99))),
  durationMs: v.pipe(v.number(), v.gtValue(0)),
  network: v.strictObject({
    minDelayMs: ms,
    maxDelayMs: ms,
    dropRate: rate,
    duplicateRate: rate,
    reorderRate: rate,
  }),
  disk: v.strictObject({ minSyncMs: ms, maxSyncMs: ms }),
  clients: v.union([v.strictObject(clients), v.strictObject({ ...clients, script })]),
  requests: v.exactOptional(
    v.strictObject({
      readsPerSecond: v.pipe(v.number(), v.minValue(0)),
      transfersPerSecond: v.pipe(v.number(), v.minValue(0)),
      changesPerSecond: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
      script: v.exactOptional(
        v.array(v.strictObject({ kind: v.picklist(['read', 'transfer', 'change']), nth: id, atMs: ms })),
      ),
    }),
  ),
  snapshots: v.exactOptional(v.strictObject({ entries: id, trailingEntries: count, chunkBytes: id })),
  clockRates: v.exactOptional(v.array(v.pipe(v.number(), v.gtValue(0)))),
  faults: v.array(fault),
  messageFaults: v.array(messageFault),
  settings: v.strictObject({
    electionTimeoutMinMs: id,
    electionTimeoutMaxMs: id,
    heartbeatIntervalMs: id,
    maxEntriesPerMessage: v.exactOptional(id),
    leaseReads: v.exactOptional(v.boolean()),
    maxClockDrift: v.exactOptional(rate),
  }),
});

/** The plan in `text`, which is JSON as docs/simulator.md shows it. Throws `UnusablePlan`. */
export const parsePlan = (text: string): Plan => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UnusablePlan(`not JSON: ${(error as Error).message.replaceAll(/\s*\n\s*/g, ' ')}`);
  }
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UnusablePlan(`${v.getDotPath(issue) ?? 'the plan'}: ${issue.message}`);
  }
  return checkedPlan(parsed.output);
};

/** `plan` itself, if what it says fits together. Throws `UnusablePlan`. */
export const checkedPlan = (plan: Plan): Plan => {
  const { network, disk, settings, nodes, spares = 0 } = plan;
  if (nodes < 1 || nodes > 99) throw new UnusablePlan(`nodes: expected 1 to 99, got ${nodes}`);
  const all = nodesOf(plan).length;
  if (all > 99) throw new UnusablePlan(`spares: expected at most ${99 - nodes}, got ${spares}`);
  if (plan.clients.keys < 1) throw new UnusablePlan('clients: at least one key is needed');
  if (network.minDelayMs > network.maxDelayMs)
    throw new UnusablePlan('network: minDelayMs is above maxDelayMs');
  if (disk.minSyncMs > disk.maxSyncMs) throw new UnusablePlan('disk: minSyncMs is above maxSyncMs');
  if (settings.electionTimeoutMinMs > settings.electionTimeoutMaxMs) {
    throw new UnusablePlan('settings: electionTimeoutMinMs is above electionTimeoutMaxMs');
  }
  if (plan.clockRates !== undefined && plan.clockRates.length !== all) {
    throw new UnusablePlan(`clockRates: expected one for each of ${all} nodes`);
  }
  for (const [at, fault] of plan.faults.entries()) {
    if (fault.fromMs > fault.toMs) throw new UnusablePlan(`faults.${at}: it ends before it begins`);
    const stranger = nodesIn(fault).find((node) => node > all);
    if (stranger !== undefined)
      throw new UnusablePlan(`faults.${at}: there is no node ${stranger} of ${all}`);
  }
  return plan;
};

/** Every node that a fault names. */
export const nodesIn = (fault: Plan['faults'][number]): readonly number[] => {
  if ('groups' in fault) return fault.groups.flat();
  if ('nodes' in fault) return fault.nodes;
  return 'node' in fault ? [fault.node] : [fault.from, fault.to];
};
