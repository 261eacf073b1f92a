import type { SourceMutant } from './source-mutant.ts';

/** Who looks for the mutants, in this order; the tests, of the rules, of the chart and the stories, only for what the others have not found. */
export const checkers = ['paths', 'explorer', 'tests'] as const;
export type Checker = (typeof checkers)[number];

/** What a worker is asked. */
export interface CheckRequest {
  readonly mutant: SourceMutant;
  readonly checker: Exclude<Checker, 'tests'>;
  /** A file with the generated paths of the clean chart. */
  readonly pathsFile: string;
}

/** What one checker makes of one mutant. */
export interface Verdict {
  /**
   * `out of time`: it had to be ended. The explorer then knows nothing; a path or a test that never ends has found the mutant. `failed`: the
   * checker itself threw, and knows nothing.
   */
  readonly outcome: 'killed' | 'survived' | 'out of time' | 'out of memory' | 'failed';
  /** What gave it away, in words; empty if nothing did. */
  readonly how: string;
  readonly seconds: number;
}

/** Whether the checker found the mutant. */
export const isKilled = (checker: Checker, { outcome }: Verdict): boolean =>
  outcome === 'killed' ||
  (checker !== 'explorer' && (outcome === 'out of time' || outcome === 'out of memory'));
