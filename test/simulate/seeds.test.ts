import { describe, expect, it } from 'vitest';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { calmPlan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';

// More of them: `raftchart simulate --seeds 1..1000`.
const sizes = [1, 2, 3, 5, 7];

describe('simulated clusters', () => {
  it.each(sizes)(
    '%i nodes without faults acknowledge all but what their first election cost',
    async (nodes) => {
      const { violation, figures, recoveryMs } = await runSimulation({ ...calmPlan, nodes });
      expect(violation).toBeNull();
      expect(figures.acknowledged).toBeGreaterThan(100);
      expect(figures.terms).toBe(1);
      expect(recoveryMs).toBeLessThan(100);
    },
  );

  it('nodes 300 ms apart, one message in seven lost, keep the leader of their first election with the timeouts of docs/operations.md', async () => {
    const plan = {
      ...calmPlan,
      durationMs: 60_000,
      network: { ...calmPlan.network, minDelayMs: 280, maxDelayMs: 300, dropRate: 0.15 },
      settings: { heartbeatIntervalMs: 300, electionTimeoutMinMs: 3300, electionTimeoutMaxMs: 6600 },
    };
    const { violation, figures } = await runSimulation(plan, { endsWithFaults: true });
    expect(violation).toBeNull();
    expect(figures.terms).toBe(1);
  });

  it.each(sizes.flatMap((nodes) => [1, 2].map((seed) => ({ nodes, seed }))))(
    '$nodes nodes under the default faults keep every property, seed $seed',
    async ({ nodes, seed }) => {
      const plan = generatePlan({ ...defaultPlan, nodes, seed, durationMs: 10_000 });
      const { violation, figures } = await runSimulation(plan);
      expect(
        violation,
        `replay: npx raftchart simulate --seed ${seed} --nodes ${nodes} --duration 10s`,
      ).toBeNull();
      expect(figures.steps).toBeGreaterThan(1000);
    },
    60_000,
  );
});
