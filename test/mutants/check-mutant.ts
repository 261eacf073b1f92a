import { runSimulation } from '../../src/simulate/run-simulation.ts';
import { defaultShrinkOptions, type Failure, shrink } from '../../src/simulate/shrink.ts';
import { defaultMaxWeight, type Mutant } from './mutant.ts';

/** What the simulator makes of one mutant. */
export interface Finding {
  /** What it breaks; null: it was not found. */
  readonly property: string | null;
  readonly message: string | null;
  /** Virtual events until it was found. */
  readonly events: number;
  /** Of real time. */
  readonly milliseconds: number;
  /** What the clean build breaks under the same plan: null, or the plan is wrong. */
  readonly cleanViolation: string | null;
}

/** Runs the mutant under its plan and seed, and the clean build under the same. */
export const findMutant = async ({ patch, plan, seed }: Mutant): Promise<Finding> => {
  const began = performance.now();
  const { violation, figures } = await runSimulation(plan(seed), patch);
  const milliseconds = performance.now() - began;
  const clean = await runSimulation(plan(seed));
  return {
    property: violation?.property ?? null,
    message: violation?.message ?? null,
    events: figures.events,
    milliseconds,
    cleanViolation: clean.violation?.message ?? null,
  };
};

/** Whether the mutant was found as expected, on a plan that the clean build passes. */
export const isFound = (mutant: Mutant, { property, cleanViolation }: Finding): boolean =>
  property === mutant.property && cleanViolation === null;

/** The failure, made as small as the mutant's bound or as can be. */
export const shrinkMutant = ({
  patch,
  plan,
  seed,
  maxWeight = defaultMaxWeight,
}: Mutant): Promise<Failure | null> =>
  shrink(plan(seed), {
    ...defaultShrinkOptions,
    targetWeight: maxWeight,
    simulation: patch,
  });
