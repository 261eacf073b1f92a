import type { Explanation } from './explained.ts';
import type { MutantKind, SourceMutant } from './source-mutant.ts';
import { type Checker, checkers, isKilled, type Verdict } from './verdict.ts';

/** One mutant and what the checkers that were asked made of it. */
export interface Result {
  readonly mutant: SourceMutant;
  readonly verdicts: Partial<Readonly<Record<Checker, Verdict>>>;
}

/** How many mutants of a kind there are, and who killed them. */
export interface Row {
  readonly kind: MutantKind | 'all';
  readonly mutants: number;
  readonly paths: number;
  readonly explorer: number;
  readonly tests: number;
  readonly found: number;
  readonly explained: number;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly survivors: readonly SourceMutant[];
  /** Survivors without an explanation. */
  readonly unexplained: readonly SourceMutant[];
  /** Explained mutants that are killed all the same. */
  readonly wronglyExplained: readonly string[];
  /** Explained mutants that are not among all that there are. */
  readonly unknown: readonly string[];
}

/** Sums up; `all` are the mutants that could have been asked for. */
export const reportOf = (
  results: readonly Result[],
  all: readonly SourceMutant[],
  explanations: readonly Explanation[],
): Report => {
  const explained = new Set(explanations.flatMap(({ mutants }) => mutants));
  const kinds = [...new Set(results.map(({ mutant }) => mutant.kind))];
  const survivors = results.filter((result) => !isFound(result)).map(({ mutant }) => mutant);
  const known = new Set(all.map(({ key }) => key));
  return {
    rows: [
      ...kinds.map((kind) =>
        rowOf(
          kind,
          results.filter(({ mutant }) => mutant.kind === kind),
          explained,
        ),
      ),
      rowOf('all', results, explained),
    ],
    survivors,
    unexplained: survivors.filter(({ key }) => !explained.has(key)),
    wronglyExplained: results
      .filter((result) => isFound(result) && explained.has(result.mutant.key))
      .map(({ mutant }) => mutant.key),
    unknown: [...explained].filter((key) => !known.has(key)),
  };
};

/** How many of the mutants are found; without equivalents, those that are explained and survive do not count. */
export const scoreOf = ({ mutants, found, explained }: Row): string => {
  const others = mutants - explained;
  const whole = `${found}/${mutants} (${percent(shareOf(found, mutants))})`;
  return `${whole}; without equivalents ${found}/${others} (${percent(shareOf(found, others))})`;
};

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Share of those that could be found, from 0 to 1. */
export const shareOf = (killed: number, mutants: number): number => (mutants === 0 ? 1 : killed / mutants);

const rowOf = (kind: Row['kind'], results: readonly Result[], explained: ReadonlySet<string>): Row => ({
  kind,
  mutants: results.length,
  paths: results.filter((result) => isFoundBy('paths', result)).length,
  explorer: results.filter((result) => isFoundBy('explorer', result)).length,
  tests: results.filter((result) => isFoundBy('tests', result)).length,
  found: results.filter(isFound).length,
  explained: results.filter((result) => !isFound(result) && explained.has(result.mutant.key)).length,
});

const isFoundBy = (checker: Checker, { verdicts }: Result): boolean => {
  const verdict = verdicts[checker];
  return verdict !== undefined && isKilled(checker, verdict);
};

/** Whether any checker has found the mutant. */
export const isFound = (result: Result): boolean => checkers.some((checker) => isFoundBy(checker, result));
