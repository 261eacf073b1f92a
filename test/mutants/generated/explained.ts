/** Why neither the paths nor the explorer find some mutants. */
export interface Explanation {
  readonly reason: string;
  /**
   * The unit test that finds them: they show in what neither paths nor explorer look at. Without: they are equivalent, no input
   * that a node can have tells them from the clean build.
   */
  readonly test?: string;
  /** Keys of the mutants. */
  readonly mutants: readonly string[];
}

export const explained: readonly Explanation[] = [];
