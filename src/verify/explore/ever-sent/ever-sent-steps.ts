import type { Budget } from '../budget.ts';
import type { ClusterChecks } from '../cluster-checks.ts';
import type { LocalStep, LocalSteps, Outcome } from '../local-steps.ts';
import type { StateFields } from '../packing.ts';
import { nothingYet } from '../successors.ts';

/** What can happen to the nodes of one state at a time, where no message ever leaves the network. */
export class EverSentSteps {
  /** The step being reported. */
  readonly now = nothingYet(0);
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #nodes: number;
  readonly #budget: Budget;
  readonly #key: Int32Array;
  #state: StateFields;

  constructor(nodes: number, steps: LocalSteps, checks: ClusterChecks, budget: Budget) {
    this.#budget = budget;
    this.#nodes = nodes;
    this.#steps = steps;
    this.#checks = checks;
    this.#key = new Int32Array(nodes + 2);
    this.#state = this.#key;
  }

  /** From now on the steps are those of this state. */
  look(state: StateFields): void {
    this.#state = state;
    for (let at = 0; at < this.#nodes; at++) this.#key[at] = this.#steps.viewOf(state[at]!);
    this.#key[this.#nodes] = state[this.#nodes]!;
  }

  /** What happens when `message` reaches its addressee. */
  deliver(message: number): LocalStep {
    const { now } = this;
    now.message = message;
    now.again = true;
    now.node = this.#steps.addresseeOf(message);
    now.step = this.#steps.deliver(this.#state[now.node]!, message);
    return now.step;
  }

  /** Calls `take` with whatever can happen to `node` without a message, until it returns false; returns whether it never did. */
  own(node: number, take: (step: LocalStep) => boolean): boolean {
    const { now } = this;
    now.message = -1;
    now.again = false;
    now.node = node;
    for (const step of this.#steps.own(this.#state[node]!)) {
      if (!this.#budget.allows(this.#state[this.#nodes + 1]!, step.cost)) continue;
      now.step = step;
      if (!take(step)) return false;
    }
    return true;
  }

  /** The history after an outcome of the step being reported, or `~number` of a violation. */
  historyAfter(outcome: Outcome): number {
    this.#key[this.#nodes + 1] = outcome.plan;
    return this.#checks.check(this.#key);
  }
}
