import { describe, expect, test } from 'vitest';
import { guards } from '../../machines/raft/guards.ts';
import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import { withDecision, withGuards } from '../../src/simulate/broken/broken-chart.ts';
import { defaultPlan, generatePlan, noFaults, withLeaseReads } from '../../src/simulate/generate-plan.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';

/** Leaders are cut off all the time, while clients read and ask for other leaders. */
const restless = (seed: number, changes: Partial<Plan> = {}): Plan =>
  withLeaseReads(
    generatePlan(
      {
        ...calmPlan,
        seed,
        durationMs: 5000,
        clients: { sessions: 4, operationsPerSecond: 60, keys: 1 },
        network: { ...calmPlan.network, minDelayMs: 0.2, maxDelayMs: 2 },
        requests: { readsPerSecond: 200, transfersPerSecond: 2 },
        ...changes,
      },
      { ...noFaults, partition: 0.7 },
    ),
  );

/** The property that a run of one of the first seeds breaks; null: none does. */
const brokenIn = async (
  seeds: number,
  planOf: (seed: number) => Plan,
  machine?: typeof raftMachine,
): Promise<string | null> => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation } = await runSimulation(planOf(seed), machine === undefined ? {} : { machine });
    if (violation !== null) return violation.property;
  }
  return null;
};

describe('reads without an entry in the log', () => {
  test('are linearizable on every node while leaders fall and hand over (thesis §6.4)', async () => {
    const requests = { readsPerSecond: 40, transfersPerSecond: 1 };
    const plan = generatePlan({ ...defaultPlan, nodes: 3, spares: 0, durationMs: 15_000, requests });
    const { violation, figures, history } = await runSimulation(plan);
    expect(violation).toBeNull();
    expect(figures.requests.reads).toBeGreaterThan(100);
    expect(figures.requests.transfersDone).toBeGreaterThan(0);
    expect(history.filter(({ process, type }) => type === 'ok' && Number(process) >= 1_000_000).length).toBe(
      figures.requests.reads,
    );
  });

  test('confirmed by a lease are linearizable on clocks that are no further apart than allowed (thesis §6.4.1)', async () => {
    const { violation, figures } = await runSimulation(restless(1));
    expect(violation).toBeNull();
    expect(figures.requests.readsAtOnce).toBeGreaterThan(10);
    expect(await brokenIn(6, restless)).toBeNull();
  });

  test('are not on a clock that is further off than that', async () => {
    const property = await brokenIn(8, (seed) => ({ ...restless(seed), clockRates: [0.3, 1, 1] }));
    expect(['Read Safety', 'Linearizability']).toContain(property);
  });
});

describe('the simulator finds', () => {
  test('a lease that is kept after the target was told to campaign (thesis §6.4.1)', async () => {
    const machine = withGuards({
      isLeaseHeld: ({ context, event }) =>
        guards.isLeaseHeld({ context: { ...context, hasHandedOver: false }, event }),
    });
    const planOf = (seed: number) => ({
      ...restless(seed, {
        clients: { sessions: 4, operationsPerSecond: 120, keys: 1 },
        network: { ...calmPlan.network, minDelayMs: 0.2, maxDelayMs: 15 },
        requests: { readsPerSecond: 600, transfersPerSecond: 30 },
      }),
      faults: [],
    });
    expect(await brokenIn(8, planOf, machine)).toBe('Read Safety');
    expect(await brokenIn(8, planOf)).toBeNull();
  });

  test('a lease that begins when the answer comes, not with the round (thesis §6.4.1)', async () => {
    const machine = withDecision('recordMatch', (context, _, right) =>
      typeof right.patch.leaseStartMs === 'number'
        ? { ...right, patch: { ...right.patch, leaseStartMs: context.nowMs } }
        : right,
    );
    // What node 1 is answered takes as long as an election, and now and then it is not heard itself.
    const slow = { kind: 'slowLink', fromMs: 0, toMs: 5000, to: 1, addMs: 150 } as const;
    const unheard = { kind: 'partition', groups: [[1], [2, 3]], oneWay: true } as const;
    const faults = [
      { ...slow, from: 2 },
      { ...slow, from: 3 },
      ...[1000, 2000, 3000, 4000].map((fromMs) => ({ ...unheard, fromMs, toMs: fromMs + 500 })),
    ];
    const planOf = (seed: number): Plan => ({ ...restless(seed), faults });
    expect(await brokenIn(12, planOf, machine)).toBe('Read Safety');
    expect(await brokenIn(12, planOf)).toBeNull();
  });

  test('a follower that restarts and votes at once, while the leader relies on its lease (thesis §6.4.1)', async () => {
    const machine = withGuards({ mayOweLease: () => false });
    // Node 1, whose clock is the fastest, leads. Node 3 does not hear it from 1500 ms on, and campaigns a second later. Meanwhile node 2,
    // which has just confirmed the lease, restarts, and does not hear node 1 any more either.
    const planOf = (seed: number): Plan => ({
      ...calmPlan,
      seed,
      durationMs: 3000,
      clients: { sessions: 1, operationsPerSecond: 0, keys: 1 },
      requests: { readsPerSecond: 200, transfersPerSecond: 0 },
      settings: {
        electionTimeoutMinMs: 1000,
        electionTimeoutMaxMs: 1050,
        heartbeatIntervalMs: 50,
        leaseReads: true,
      },
      clockRates: [1.09, 1, 1],
      faults: [
        {
          kind: 'partition',
          fromMs: 1500,
          toMs: 3000,
          groups: [
            [1, 2],
            [2, 3],
          ],
          oneWay: false,
        },
        { kind: 'crash', fromMs: 2200, toMs: 2210, nodes: [2], effects: 0 },
        { kind: 'partition', fromMs: 2200, toMs: 3000, groups: [[1], [2, 3]], oneWay: true },
      ],
    });
    expect(await brokenIn(1, planOf, machine)).toBe('Read Safety');
    expect(await brokenIn(3, planOf)).toBeNull();
  });
});
