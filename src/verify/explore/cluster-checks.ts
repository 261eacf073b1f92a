import type { Violation } from '../../trace/violation.ts';
import { checkStep, nextView } from '../properties/check-step.ts';
import { emptyHistory, type History } from '../properties/history.ts';
import type { ClusterView } from '../properties/property.ts';
import type { LocalSteps } from './local-steps.ts';
import { renamedHistory } from './rename.ts';
import { RenamedValues } from './renamed.ts';
import type { Permutation } from './symmetry.ts';
import { TupleMap } from './tuple-map.ts';

/** Checks steps of the cluster against the safety properties, each distinct one once. */
export class ClusterChecks {
  readonly histories: RenamedValues<History>;
  readonly #steps: LocalSteps;
  readonly #nodes: number;
  readonly #known: TupleMap;
  readonly #violations: Violation[] = [];

  constructor(nodes: number, steps: LocalSteps, permutations: readonly Permutation[]) {
    this.#nodes = nodes;
    this.#steps = steps;
    this.histories = new RenamedValues(permutations, renamedHistory);
    this.histories.idOf(emptyHistory);
    this.#known = new TupleMap(nodes + 2);
  }

  get bytes(): number {
    return this.histories.bytes + this.#known.bytes;
  }

  /** `key`: the views of the nodes, the history, and the plan. The history after that; `~number` of a violation. */
  check(key: Int32Array): number {
    if (key[this.#nodes + 1] === 0) return key[this.#nodes]!;
    const known = this.#known.get(key);
    if (known >= 0) return (known & 1) === 0 ? known >> 1 : ~(known >> 1);
    const found = this.#check(key);
    this.#known.set(key, found < 0 ? (~found << 1) | 1 : found << 1);
    return found;
  }

  violation(number: number): Violation {
    return this.#violations[number]!;
  }

  #check(key: Int32Array): number {
    const { views, plans } = this.#steps;
    const nodes = Array.from({ length: this.#nodes }, (_, at) => views.get(key[at]!));
    let before: ClusterView = { nodes, history: this.histories.get(key[this.#nodes]!) };
    for (const { step, view } of plans.get(key[this.#nodes + 1]!)) {
      const after = nextView(before, step, views.get(view));
      const violation = checkStep(before, step, after);
      if (violation !== null) return ~(this.#violations.push(violation) - 1);
      before = after;
    }
    return this.histories.idOf(before.history);
  }
}
