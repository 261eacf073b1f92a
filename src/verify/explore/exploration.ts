import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Violation } from '../../trace/violation.ts';
import { ClusterChecks } from './cluster-checks.ts';
import type { ExploreFigures, ExploreOptions, ScheduledEvent } from './cluster-event.ts';
import { LocalSteps } from './local-steps.ts';
import { type Permutation, permutationsOf } from './symmetry.ts';

/** How an exploration ends by itself. */
export type ExploreEnd =
  /** Every state within the bounds was seen, and nothing is wrong. */
  | { readonly outcome: 'exhausted' }
  /** A property does not hold. */
  | {
      readonly outcome: 'violation';
      readonly violation: Violation;
      readonly schedule: readonly ScheduledEvent[];
      /** No shorter way leads there. */
      readonly isShortest: boolean;
    }
  /**
   * From where the schedule leads neither a leader nor a bound can be reached any more; where messages are lost and repeated: once all
   * that are under way are lost. A bag with less room than a node has peers can be the reason: nobody is ever asked by all.
   */
  | {
      readonly outcome: 'stuck';
      readonly schedule: readonly ScheduledEvent[];
      readonly isShortest: boolean;
    };

/** An exploration that was stopped. */
export interface SavedExploration {
  /** Plain JSON. */
  readonly header: unknown;
  readonly arrays: Readonly<Record<string, Int32Array | Uint32Array>>;
}

/** An exploration goes on as long as it is told to, and can be stopped between any two states. */
export interface Exploration {
  readonly options: ExploreOptions;
  /** How it ended; null: it has not. */
  readonly end: ExploreEnd | null;
  /** `seconds` is for whoever keeps the time. */
  readonly figures: Omit<ExploreFigures, 'seconds'> & { readonly frontier: number };
  /** A way to a state that was found, by its number from 0 on. */
  scheduleTo(state: number): readonly ScheduledEvent[];
  /** Looks at up to so many more states; how it ended, or null if it has not. */
  advance(states: number): ExploreEnd | null;
  /** All that is needed to go on elsewhere, or later. It can go on as well. */
  save(): SavedExploration;
}

export interface ExplorerParts {
  /** Another chart, such as a broken one. */
  readonly machine?: typeof raftMachine;
  /** False: states that differ in the names of nodes alone are different. */
  readonly symmetry?: boolean;
  /** False: nothing is left out that no rule will look at again. So by default with another chart, whose rules are not known. */
  readonly reductions?: boolean;
}

/** What is known of a cluster's nodes and of the properties of its steps; filled while it is explored. */
export interface Cluster {
  readonly options: ExploreOptions;
  /** Under which the cluster stays the same. */
  readonly permutations: readonly Permutation[];
  readonly steps: LocalSteps;
  readonly checks: ClusterChecks;
}

export const clusterOf = (options: ExploreOptions, parts: ExplorerParts): Cluster => {
  const { machine, symmetry = true, reductions = machine === undefined } = parts;
  const all = permutationsOf(options.nodes);
  const permutations = symmetry ? all : all.slice(0, 1);
  const steps = new LocalSteps(options, permutations, reductions, machine);
  const checks = new ClusterChecks(options.nodes, steps, permutations);
  return { options, permutations, steps, checks };
};
