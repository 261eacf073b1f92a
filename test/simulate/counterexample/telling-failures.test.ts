import { beforeEach, expect, it } from 'vitest';
import { brokenRules } from '../../../src/simulate/broken/broken-rules.ts';
import { TellingFailures } from '../../../src/simulate/counterexample/telling-failures.ts';
import { calmPlan, type Plan } from '../../../src/simulate/plan.ts';
import { failureOf } from '../../../src/simulate/shrink.ts';

const broken = brokenRules.find(({ name }) => name === 'vote-before-fsync')!;
const plan: Plan = { ...calmPlan, durationMs: 2000 };
const failure = (await failureOf(plan, {
  maxEvents: Number.POSITIVE_INFINITY,
  targetWeight: 0,
  simulation: broken.replacements,
}))!;

let telling: TellingFailures;
beforeEach(() => {
  telling = new TellingFailures(broken);
});

it('a failure is told up to the directive that violates the property', async () => {
  const endMs = failure.result.endMs + 20;
  const later = { kind: 'pause', fromMs: endMs - 5, toMs: endMs, node: 1 } as const;
  const told = { ...failure, plan: { ...plan, faults: [later] }, result: { ...failure.result, endMs } };
  expect(await telling.take(told)).toBe(true);
  expect(telling.storyOf(told)).not.toContain('pause');
  expect(telling.storyOf(told)).toMatch(/\nat .*\n$/);
});

it('a failure whose story violates something else, or nothing, is not taken, and the reason is kept', async () => {
  const violation = { ...failure.violation, property: 'Election Safety' };
  expect(await telling.take({ ...failure, violation })).toBe(false);
  expect(telling.reason).toBe('as a story it violates Durable Before Promised');
  expect([telling.misfits, telling.weight]).toEqual([1, null]);
  const unbroken = new TellingFailures(null);
  expect(await unbroken.take(failure)).toBe(false);
  expect(unbroken.reason).toBe('as a story it violates nothing');
});

it('the weight is that of the lightest failure that was taken', async () => {
  for (const weight of [7, 5, 6]) await telling.take({ ...failure, weight });
  expect(telling.weight).toBe(5);
});
