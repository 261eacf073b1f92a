import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Violation } from '../../trace/violation.ts';
import { ClusterChecks } from './cluster-checks.ts';
import { type ExploreFigures, type ExploreOptions, type ScheduledEvent, sizeOf } from './cluster-event.ts';
import { LocalSteps } from './local-steps.ts';
import { type Permutation, permutationsWithin } from './symmetry.ts';

/** How an exploration ends by itself. */
export type ExploreEnd =
  /** Every state within the bounds was visited, and nothing is wrong. */
  | { readonly outcome: 'exhausted' }
  /** A property does not hold. */
  | {
      readonly outcome: 'violation';
      readonly violation: Violation;
      readonly schedule: readonly ScheduledEvent[];
      /** No shorter schedule leads there. */
      readonly isShortest: boolean;
    }
  /**
   * From the state that the schedule leads to, neither a leader nor a bound can be reached any more; with loss and duplicates: once all
   * messages under way are lost. A bag with less room than a node has peers can be the reason: no node can then ask all the others.
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

/** An exploration runs only as far as it is asked to, and can be stopped between any two states. */
export interface Exploration {
  readonly options: ExploreOptions;
  /** How it ended; null: it has not yet. */
  readonly end: ExploreEnd | null;
  /** `seconds` is left to the caller, who keeps the time. */
  readonly figures: Omit<ExploreFigures, 'seconds'> & { readonly frontier: number };
  /** A path to a state that was found, by its number from 0. */
  scheduleTo(state: number): readonly ScheduledEvent[];
  /** Looks at up to this many more states; returns how the exploration ended, or null if it has not. */
  advance(states: number): ExploreEnd | null;
  /** Everything needed to continue elsewhere, or later. This exploration can continue too. */
  save(): SavedExploration;
}

export interface ExplorerParts {
  /** Another chart, such as a broken one. */
  readonly machine?: typeof raftMachine;
  /** False: states that differ only in the names of nodes count as different. */
  readonly symmetry?: boolean;
  /** False: even what no rule will look at again is kept. The default for another chart, whose rules are not known. */
  readonly reductions?: boolean;
}

/** What is known of a cluster's nodes and of the properties of its steps; filled while it is explored. */
export interface Cluster {
  readonly options: ExploreOptions;
  /** The permutations under which the cluster stays the same. */
  readonly permutations: readonly Permutation[];
  readonly steps: LocalSteps;
  readonly checks: ClusterChecks;
}

export const clusterOf = (options: ExploreOptions, parts: ExplorerParts): Cluster => {
  const { machine, symmetry = true, reductions = machine === undefined } = parts;
  const all = permutationsWithin([options.nodes, options.spares]);
  const permutations = symmetry ? all : all.slice(0, 1);
  const steps = new LocalSteps(options, permutations, reductions, machine);
  const checks = new ClusterChecks(sizeOf(options), steps, permutations);
  return { options, permutations, steps, checks };
};
