import { expect, it } from 'vitest';
import { brokenRules } from '../../src/simulate/broken/broken-rules.ts';
import { calmPlan, type Plan } from '../../src/simulate/plan.ts';
import { runSimulation } from '../../src/simulate/run-simulation.ts';
import {
  type Failure,
  failureOf,
  reduceFailure,
  type ShrinkOptions,
  shrink,
} from '../../src/simulate/shrink.ts';

/** Nobody runs at first; the first vote violates a property, whatever clients ask. */
const plan: Plan = {
  ...calmPlan,
  spares: 1,
  durationMs: 1500,
  requests: { readsPerSecond: 30, transfersPerSecond: 5, changesPerSecond: 5 },
  faults: [{ kind: 'crash', fromMs: 0, toMs: 400, nodes: [1, 2, 3], effects: 0 }],
};
const simulation = brokenRules.find(({ name }) => name === 'vote-before-fsync')!.replacements;
const options: ShrinkOptions = { maxEvents: 30_000, targetWeight: 0, onlySafety: true, simulation };

it('a failure that counts only with a read is reduced to one read, and to no more time than that takes', async () => {
  const tried: Plan[] = [];
  let attempts = 0;
  const picky: ShrinkOptions = {
    ...options,
    fits: async ({ plan, asked }: Failure) => {
      tried.push(plan);
      return asked.some(({ request }) => request.type === 'read');
    },
    onAttempt: (events) => {
      attempts++;
      expect(events).toBeGreaterThan(0);
    },
  };
  const failure = (await failureOf(plan, picky))!;
  expect([tried.length, attempts]).toEqual([1, 1]);
  const smallest = await reduceFailure(failure, picky);
  const { faults, requests } = smallest.plan;
  expect(requests!.script).toEqual([{ kind: 'read', nth: expect.any(Number), atMs: expect.any(Number) }]);
  expect(faults).toEqual([]);
  expect(smallest.result.endMs).toBeLessThan(500);
  // The plan says it all.
  const again = await runSimulation(JSON.parse(JSON.stringify(smallest.plan)), {
    ...simulation,
    endsWithFaults: true,
  });
  expect(again.violation).toEqual(smallest.violation);
  // The list is without requests of a kind that is left out, and then its last one is tried alone.
  for (const { requests: listed } of tried.slice(2)) {
    const kinds = new Set(listed!.script!.map(({ kind }) => kind));
    for (const kind of ['read', 'transfer', 'change'] as const)
      if (listed![`${kind}sPerSecond`] === 0) expect(kinds).not.toContain(kind);
  }
  const lengths = tried.slice(2).map(({ requests: listed }) => listed!.script!.length);
  const anyLength: unknown = expect.any(Number);
  expect(lengths.slice(0, 4)).toEqual([anyLength, anyLength, anyLength, 1]);
}, 60_000);

it('short runs that are tried before a plan is taken apart draw their requests, though the plan lists some', async () => {
  const tried: Plan[] = [];
  const requests = { ...plan.requests!, script: [{ kind: 'read', nth: 1, atMs: 5 }] as const };
  const fits = async (each: Failure) => tried.push(each.plan) > 0;
  await shrink({ ...plan, requests }, { ...options, maxEvents: 3000, targetWeight: 1000, fits });
  const [first, fresh] = tried;
  expect(first!.requests!.script).toHaveLength(1);
  expect(fresh!.requests).toEqual({ ...plan.requests, script: undefined });
}, 60_000);
