import type { Plan } from '../../src/simulate/plan.ts';
import type { Replacements } from '../../src/simulate/simulated-node.ts';

/** A bug that a real implementation had, put into ours. */
export interface Mutant {
  /** Its row in the catalogue of known bugs, with a letter where a row has several. */
  readonly row: string;
  /** What is wrong. */
  readonly title: string;
  /** The broken parts. */
  readonly patch: Replacements;
  /** The plan for a seed. */
  readonly plan: (seed: number) => Plan;
  /** A seed with which it is found. */
  readonly seed: number;
  /** The property that catches it. */
  readonly property: string;
  /** Deliveries, timeouts and faults to which the failure must shrink; `defaultMaxWeight` if absent. */
  readonly maxWeight?: number;
}

export const defaultMaxWeight = 60;
