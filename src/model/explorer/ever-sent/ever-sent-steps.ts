import type { ClusterChecks } from '../cluster-checks.ts';
import type { LocalStep, LocalSteps, Outcome } from '../local-steps.ts';
import type { StateFields } from '../packing.ts';
import type { Happening } from '../successors.ts';
import type { Bits } from './bits.ts';

/** All that can happen to the nodes of one state at a time, where no message ever leaves the network. */
export class EverSentSteps {
  /** What is just being told of. */
  readonly now: Happening = {
    message: -1,
    again: false,
    node: -1,
    step: null,
    outcome: null,
    kept: 0,
    fresh: new Int32Array(0),
    freshCount: 0,
  };
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #nodes: number;
  readonly #key: Int32Array;

  constructor(nodes: number, steps: LocalSteps, checks: ClusterChecks) {
    this.#nodes = nodes;
    this.#steps = steps;
    this.#checks = checks;
    this.#key = new Int32Array(nodes + 2);
  }

  /** Calls `take` with each step until it returns false. What `take` adds to `bag` arrives as well, or does so the next time. */
  each(state: StateFields, bag: Bits, take: (step: LocalStep) => boolean): void {
    const { now } = this;
    for (let at = 0; at < this.#nodes; at++) this.#key[at] = this.#steps.viewOf(state[at]!);
    this.#key[this.#nodes] = state[this.#nodes]!;
    now.again = true;
    const isDone = !bag.each((message) => {
      now.message = message;
      now.node = this.#steps.addresseeOf(message);
      now.step = this.#steps.deliver(state[now.node]!, message);
      return take(now.step);
    });
    if (isDone) return;
    now.message = -1;
    now.again = false;
    for (now.node = 0; now.node < this.#nodes; now.node++) {
      for (const step of this.#steps.own(state[now.node]!)) {
        now.step = step;
        if (!take(step)) return;
      }
    }
  }

  /** The history after an outcome of the step that is being told of; `~number` of a violation. */
  historyAfter(outcome: Outcome): number {
    this.#key[this.#nodes + 1] = outcome.plan;
    return this.#checks.check(this.#key);
  }
}
