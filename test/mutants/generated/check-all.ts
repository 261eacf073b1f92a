import { checkInWorker } from './check-in-worker.ts';
import { isFound, type Result } from './report.ts';
import { checkByTests } from './run-mutated-test.ts';
import type { SourceMutant } from './source-mutant.ts';
import type { Checker, Verdict } from './verdict.ts';

export interface CheckAllOptions {
  readonly checkers: readonly Checker[];
  readonly pathsFile: string;
  /** Mutants that are checked at the same time, each in a thread. */
  readonly threads: number;
  /** Of each checker and mutant. */
  readonly limitSeconds: Readonly<Record<Checker, number>>;
  /** Called as mutants are done, in any order. */
  readonly onResult: (result: Result) => void;
}

/** Lets each checker look at each mutant. Results come in the order of the mutants. */
export const checkAll = async (
  mutants: readonly SourceMutant[],
  { checkers, pathsFile, threads, limitSeconds, onResult }: CheckAllOptions,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    while (next < mutants.length) {
      const at = next++;
      const mutant = mutants[at]!;
      const verdicts: Partial<Record<Checker, Verdict>> = {};
      for (const checker of checkers) {
        if (checker !== 'tests') {
          verdicts[checker] = await checkInWorker({ mutant, checker, pathsFile }, limitSeconds[checker]);
        } else if (!isFound({ mutant, verdicts })) {
          verdicts[checker] = await checkByTests(mutant, limitSeconds[checker]);
        }
      }
      results[at] = { mutant, verdicts };
      onResult(results[at]);
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return results;
};
