import { describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { Dice } from '../../../src/simulate/dice.ts';
import { corrupted } from './corruption.ts';
import { judged, traced } from './traced-runs.ts';

describe('the trace of a simulated run', () => {
  it.each([
    { seed: 1, durationMs: 4000 },
    { seed: 2, durationMs: 4000, nodes: 3 },
    { seed: 13, durationMs: 4000 },
    { seed: 4, durationMs: 4000, leaseReads: true },
    { seed: 19, durationMs: 4000, nodes: 7 },
    { seed: 2, durationMs: 6000, faults: 'default,lostDisk=2s,olderDisk=3s' },
  ])('is accepted, faults and crashes included: %j', async (run) => {
    const { rejection, steps } = judged(await traced(run));
    expect(rejection).toBeNull();
    expect(steps).toBeGreaterThan(500);
  });

  it('is rejected where the chart is another one', async () => {
    const lines = await traced({ seed: 1, durationMs: 2000 });
    const broken = raftMachine.provide({ guards: { isLogBehind: () => true } });
    const { rejection } = judged(lines, { machine: broken });
    expect(rejection?.nearest?.description).toMatch(/log/);
  });

  it('is rejected if a field that a rule reads is changed, an event is missing, or two are swapped', async () => {
    const traces = [
      await traced({ seed: 3, durationMs: 1500 }),
      await traced({ seed: 8, durationMs: 1500, nodes: 3 }),
    ];
    const stream = new Dice(1, 'corruption').stream(0);
    const chance = (below: number) => stream.between(0, below - 1);
    const kinds = ['field', 'drop', 'swap'] as const;
    const accepted: string[] = [];
    for (let at = 0; at < 120; at++) {
      const { text, lines } = corrupted(traces[at % traces.length]!, kinds[at % kinds.length]!, chance);
      if (judged(lines).rejection === null) accepted.push(text);
    }
    // The last step of a run can be missing without a sign of it.
    expect(accepted.filter((text) => text !== 'drops chart')).toEqual([]);
    expect(accepted.length).toBeLessThanOrEqual(1);
  });
});
