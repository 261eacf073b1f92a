import type { ClusterChecks } from './cluster-checks.ts';
import { type ExploreOptions, sizeOf } from './cluster-event.ts';
import type { LocalSteps } from './local-steps.ts';
import type { StateFields } from './packing.ts';
import { type Permutation, SortingPermutations } from './symmetry.ts';

/** Finds the one state that stands for all those that differ only in the names of the nodes. */
export class Canonical {
  readonly #nodes: number;
  readonly #messages: number;
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #sorting: SortingPermutations;
  readonly #permutations: readonly Permutation[];
  readonly #classes: Int32Array;
  #best: StateFields;
  #image: StateFields;
  /** Position, in the list of permutations, of the one that led to the last state asked for. */
  permutation = 0;
  /** The positions of all that lead there; the first is `permutation`. */
  readonly ties: number[] = [];

  constructor(
    options: Pick<ExploreOptions, 'nodes' | 'spares'>,
    messages: number,
    steps: LocalSteps,
    checks: ClusterChecks,
    permutations: readonly Permutation[],
  ) {
    const nodes = sizeOf(options);
    this.#nodes = nodes;
    this.#messages = messages;
    this.#steps = steps;
    this.#checks = checks;
    this.#permutations = permutations;
    this.#sorting = new SortingPermutations([options.nodes, options.spares], permutations);
    this.#classes = new Int32Array(nodes);
    this.#best = new Int32Array(nodes + 2 + messages);
    this.#image = new Int32Array(nodes + 2 + messages);
  }

  /** The least image of `state`; valid until the next call. */
  of(state: StateFields): StateFields {
    const { nodes } = this.#steps;
    const classes = this.#classes;
    for (let at = 0; at < classes.length; at++) classes[at] = nodes.classOf(state[at]!);
    const candidates = this.#sorting.of(classes);
    const { ties } = this;
    this.permutation = candidates[0]!;
    ties.length = 0;
    ties.push(this.permutation);
    this.#rename(state, this.permutation, this.#best);
    for (let at = 1; at < candidates.length; at++) {
      this.#rename(state, candidates[at]!, this.#image);
      const order = compared(this.#image, this.#best);
      if (order > 0) continue;
      if (order < 0) {
        const image = this.#image;
        this.#image = this.#best;
        this.#best = image;
        this.permutation = candidates[at]!;
        ties.length = 0;
      }
      ties.push(candidates[at]!);
    }
    return this.#best;
  }

  /** The image of `state` under one permutation. */
  renamed(state: StateFields, permutation: number): StateFields {
    const image = new Int32Array(state.length);
    this.#rename(state, permutation, image);
    return image;
  }

  #rename(state: StateFields, permutation: number, to: StateFields): void {
    const { nodes, messages } = this.#steps;
    const count = this.#nodes;
    const places = this.#permutations[permutation]!;
    for (let at = 0; at < count; at++) to[places[at]!] = nodes.imageOf(state[at]!, permutation);
    to[count] = this.#checks.histories.imageOf(state[count]!, permutation);
    to[count + 1] = state[count + 1]!;
    const first = count + 2;
    const end = first + this.#messages;
    let at = first;
    for (; at < end && state[at] !== 0; at++) {
      const image = messages.imageOf(state[at]! - 1, permutation) + 1;
      let place = at;
      for (; place > first && to[place - 1]! > image; place--) to[place] = to[place - 1]!;
      to[place] = image;
    }
    for (; at < end; at++) to[at] = 0;
  }
}

/** Below 0: `a` is less; 0: they are the same. */
const compared = (a: StateFields, b: StateFields): number => {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return 0;
};
