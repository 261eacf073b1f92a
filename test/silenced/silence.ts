import { type NamedTest, runMutatedTests } from '../mutants/generated/run-mutated-test.ts';
import type { SourceMutant } from '../mutants/generated/source-mutant.ts';
import { testsNear } from './tests-near.ts';

/** What became of the tests once a check was silenced. */
export interface Silenced {
  readonly check: SourceMutant;
  /** The test that went red; null: all stayed green, as none may. */
  readonly test: NamedTest | null;
  readonly seconds: number;
}

export interface SilenceOptions {
  /** The test that is likely to go red, and is run first; whether it does is seen each time. */
  readonly likely?: NamedTest | undefined;
  /** Of each test file. */
  readonly limitSeconds: number;
}

/** On a machine with other work a slow test takes its time: that is not what goes red here. */
const testTimeoutMs = 300_000;

/** Silences one check, and runs tests until one goes red: the likely one, then whatever loads the check's file, the nearest first. */
export const silence = async (
  check: SourceMutant,
  { likely, limitSeconds }: SilenceOptions,
): Promise<Silenced> => {
  const began = performance.now();
  const ended = (test: NamedTest | null): Silenced => ({
    check,
    test,
    seconds: (performance.now() - began) / 1000,
  });
  const first = likely === undefined ? [] : [{ files: [likely.file], names: [likely.name] }];
  for (const tests of [...first, ...testsNear(check.file).map((file) => ({ files: [file] }))]) {
    const { test } = await runMutatedTests(check, { ...tests, testTimeoutMs }, limitSeconds);
    if (test !== null && !test.hasTimedOut) return ended({ file: test.file, name: test.name });
  }
  return ended(null);
};
