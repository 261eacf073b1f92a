import { expect, it } from 'vitest';
import { judgeDisk } from '../../src/node/judge-disk.ts';
import { withGuards } from '../../src/simulate/broken/broken-chart.ts';
import { defaultPlan, generatePlan, noFaults } from '../../src/simulate/generate-plan.ts';
import type { Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import type { TimedEvent } from '../../src/trace/events.ts';

/** Nodes lose their disks, and get copies of them, among crashes and partitions. */
const planOf = (seed: number, nodes = 5) =>
  generatePlan(
    { ...defaultPlan, seed, nodes, durationMs: 15_000, spares: 0 },
    { ...noFaults, lostDisk: 4, olderDisk: 4, crash: 4, partition: 8 },
  );

it('nodes on lost and rolled-back disks are refused, and everything holds (field bugs F1, F3)', async () => {
  let exchanged = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const refused = new Set<number>();
    const onEvent = (event: TimedEvent) => {
      if (event.type === 'faultBegins' && /Disk$/.test(event.fault.kind)) refused.add(event.atMs);
    };
    const { violation } = await runSimulation(planOf(seed, seed % 2 === 0 ? 5 : 3), { onEvent });
    expect(violation, `seed ${seed}`).toBeNull();
    exchanged += refused.size;
  }
  expect(exchanged).toBeGreaterThan(20);
}, 120_000);

it('a node that believes every disk hears one that lost what it acknowledged, and is caught', async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= 5; seed++) {
    const { violation } = await runSimulation(planOf(seed), { judgeDisk: () => ({ verdict: 'accepted' }) });
    found.push(violation?.property ?? 'nothing');
  }
  expect(found).toContain('Lost Disks Are Not Heard');
}, 120_000);

it('the faults that are drawn by default stay as they were', () => {
  const { faults } = generatePlan({ ...defaultPlan, seed: 1 });
  expect(faults.filter(({ kind }) => kind === 'lostDisk' || kind === 'olderDisk')).toEqual([]);
});

/** The same, in a cluster whose members change and whose clients let other disks take the place of those that were lost. */
const replacing = (seed: number, nodes = 3) =>
  generatePlan(
    {
      ...defaultPlan,
      seed,
      nodes,
      durationMs: 20_000,
      requests: { readsPerSecond: 5, transfersPerSecond: 0.2, changesPerSecond: 8 },
    },
    { ...noFaults, lostDisk: 3, crash: 5, partition: 6 },
  );

it('disks take the place of those that were lost while members change, and no vote or acknowledgement of the old one counts beside them', async () => {
  let replaced = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const { violation, figures } = await runSimulation(replacing(seed, seed % 2 === 0 ? 5 : 3));
    expect(violation, `seed ${seed}`).toBeNull();
    replaced += figures.requests.disksReplaced;
  }
  expect(replaced).toBeGreaterThan(10);
}, 240_000);

/** Node 1 gets an older copy of its disk while node 5 waits, which is added then and has met nobody. */
const copiedBeforeOneIsAdded: Plan = {
  ...defaultPlan,
  seed: 87,
  nodes: 3,
  durationMs: 1675,
  network: { minDelayMs: 1, maxDelayMs: 15, dropRate: 0, duplicateRate: 0, reorderRate: 0 },
  clients: { sessions: 3, operationsPerSecond: 8, keys: 2, script: [] },
  faults: [
    { kind: 'olderDisk', fromMs: 95, toMs: 1674, node: 1 },
    { kind: 'partition', fromMs: 1459, toMs: 1674, groups: [[3], [1, 2, 4, 5]], oneWay: false },
  ],
  settings: { ...defaultPlan.settings, leaseReads: true },
  requests: { readsPerSecond: 0, transfersPerSecond: 0, changesPerSecond: 4 },
};

it('a node that joins later knows from the configurations that a disk is an older copy', async () => {
  expect((await runSimulation(copiedBeforeOneIsAdded)).violation).toBeNull();
  // What it knows may be what a configuration said.
  const believing: typeof judgeDisk = (peer, _known, said) => judgeDisk(peer, null, said);
  const { violation } = await runSimulation(copiedBeforeOneIsAdded, { judgeDisk: believing });
  expect(violation?.message).toMatch(
    /node1 runs on a disk that lacks what it has acknowledged; but node\d gets/,
  );
});

/** Nodes get older copies of their disks, while members come, go and come back. */
const copying = (seed: number, nodes: number) =>
  generatePlan(
    {
      ...defaultPlan,
      seed,
      nodes,
      spares: 3,
      durationMs: 15_000,
      network: { minDelayMs: 1, maxDelayMs: 15, dropRate: 0, duplicateRate: 0, reorderRate: 0 },
      clients: { sessions: 2, operationsPerSecond: 4, keys: 2 },
      requests: { readsPerSecond: 0, transfersPerSecond: 0.3, changesPerSecond: 4 },
    },
    { ...noFaults, olderDisk: 2, crash: 5 },
  );

it.each([
  [173, 3],
  [51, 2],
])(
  'a copy of the disk of a learner, or of a node that comes back, is not believed by members that have not met it (seed %i)',
  async (seed, nodes) => {
    expect((await runSimulation(copying(seed, nodes))).violation).toBeNull();
  },
);

it.each([113, 84, 5])(
  'no disk is exchanged for a copy while a member that does not know its run is on a copy itself (seed %i)',
  async (seed) => {
    expect((await runSimulation(copying(seed, 2))).violation).toBeNull();
  },
);

it('a voter whose disk is exchanged while it votes is found', async () => {
  const machine = withGuards({ putsVoterOnOtherDisk: () => false });
  const found: string[] = [];
  for (let seed = 15; seed <= 16; seed++) {
    const { violation } = await runSimulation(replacing(seed), { machine });
    found.push(violation?.message ?? 'nothing');
  }
  expect(found).toContainEqual(
    expect.stringMatching(/^Configuration Safety: .* node\d votes by entry \d+ as well, on another disk/),
  );
}, 120_000);
