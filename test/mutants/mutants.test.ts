import { describe, expect, it } from 'vitest';
import { findMutant, shrinkMutant } from './check-mutant.ts';
import { defaultMaxWeight } from './mutant.ts';
import { mutants } from './mutants.ts';

/** `npm run test:mutants` shrinks them all; here, those that take next to no time. */
const soonShrunk = ['1', '5', '6', '12b', '26a', '27', '29'];

describe('a bug that real implementations had, put into ours, is found', () => {
  it.each(mutants)('row $row: $title ($property)', async (mutant) => {
    const { property, message, cleanViolation } = await findMutant(mutant);
    expect(property, message ?? 'it was not found').toBe(mutant.property);
    expect(cleanViolation, 'the clean build under the same plan').toBeNull();
  });
});

describe('and its failure is shrunk to what a person can follow', () => {
  const chosen = mutants.filter(({ row }) => soonShrunk.includes(row));
  it.each(chosen)('row $row: $title', async (mutant) => {
    const failure = await shrinkMutant(mutant);
    expect(failure?.violation.property).toBe(mutant.property);
    expect(failure?.weight).toBeLessThanOrEqual(mutant.maxWeight ?? defaultMaxWeight);
  });
});
