import { readFileSync, writeFileSync } from 'node:fs';
import type { NamedTest } from '../mutants/generated/run-mutated-test.ts';
import type { SourceMutant } from '../mutants/generated/source-mutant.ts';
import type { Silenced } from './silence.ts';

const file = new URL('./likely-tests.json', import.meta.url);

/** By the keys of the checks: the test that went red when `run-silenced.ts --write` last silenced it. */
export type LikelyTests = Readonly<Record<string, NamedTest>>;

export const readLikelyTests = (): LikelyTests => JSON.parse(readFileSync(file, 'utf8')) as LikelyTests;

/** Keeps what was found of the checks that there are; forgets all others. */
export const writeLikelyTests = (checks: readonly SourceMutant[], results: readonly Silenced[]): void => {
  const known = readLikelyTests();
  const found = new Map(results.map(({ check, test }) => [check.key, test]));
  const tests = checks.flatMap(({ key }) => {
    const test = found.has(key) ? found.get(key) : known[key];
    return test === null || test === undefined ? [] : [[key, test] as const];
  });
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(tests), null, 2)}\n`);
};
