import { describe, expect, it } from 'vitest';
import { logNotCompared } from '../../src/simulate/broken/broken-charts.ts';
import { defaultPlan, generatePlan } from '../../src/simulate/generate-plan.ts';
import { minimize } from '../../src/simulate/minimize.ts';
import { calmPlan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import { defaultShrinkOptions, shrink } from '../../src/simulate/shrink.ts';

/** Votes for whoever asks, as if logs did not matter. */
const machine = logNotCompared;

describe('shrinking', () => {
  it('finds the few items that matter among many', async () => {
    let calls = 0;
    const kept = await minimize(
      Array.from({ length: 100 }, (_, at) => at),
      async (items) => {
        calls++;
        return items.includes(17) && items.includes(71);
      },
    );
    expect(kept).toEqual([17, 71]);
    expect(calls).toBeLessThan(100);
  });

  it('leaves a plan that breaks nothing alone', async () => {
    expect(await shrink({ ...calmPlan, durationMs: 1000 })).toBeNull();
  });

  const plan = generatePlan({
    ...defaultPlan,
    seed: 12,
    nodes: 3,
    spares: 0,
    durationMs: 4000,
    requests: { readsPerSecond: 10, transfersPerSecond: 0.2 },
  });

  it('makes a failure of a chart with a broken guard small', async () => {
    const options = { ...defaultShrinkOptions, simulation: { machine } };
    const found = await shrink(plan, options);
    expect(found!.violation.property).toBe('Leader Completeness');
    expect(found!.weight).toBeLessThanOrEqual(60);
    // The plan says it all: it fails again, and the chart as it should be runs it without a violation.
    const replayed = await runSimulation(JSON.parse(JSON.stringify(found!.plan)), { machine });
    expect(replayed.violation).toEqual(found!.violation);
    expect((await runSimulation(found!.plan)).violation).toBeNull();
  }, 300_000);

  it('finds the same small failure each time, also where it runs out of attempts', async () => {
    const options = { maxEvents: 30_000, targetWeight: 1, simulation: { machine } };
    const [first, second] = [await shrink(plan, options), await shrink(plan, options)];
    expect(second!.plan).toEqual(first!.plan);
  }, 300_000);
});
