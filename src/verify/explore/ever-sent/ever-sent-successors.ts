import type { Violation } from '../../../trace/violation.ts';
import { type Budget, free } from '../budget.ts';
import type { ClusterChecks } from '../cluster-checks.ts';
import type { LocalStep, LocalSteps, Outcome } from '../local-steps.ts';
import type { StateFields } from '../packing.ts';
import { type Happening, thrown } from '../successors.ts';
import { Bits } from './bits.ts';
import { EverSentSteps } from './ever-sent-steps.ts';

/** Called with each state that one event leads to; both arguments are valid only until it returns. */
export type EverSentVisit = (next: StateFields, bag: Bits) => void;

/** Enumerates what can come next where no message ever leaves the network, and checks it against the properties. */
export class EverSentSuccessors {
  /** Whether a bound ruled out some successors of the state enumerated last. */
  isCut = false;
  #violation: Violation | null = null;
  readonly #nodes: number;
  readonly #budget: Budget;
  readonly #local: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #steps: EverSentSteps;
  readonly #next: StateFields;
  readonly #bag = new Bits();

  constructor(nodes: number, local: LocalSteps, checks: ClusterChecks, budget: Budget) {
    this.#budget = budget;
    this.#nodes = nodes;
    this.#local = local;
    this.#checks = checks;
    this.#steps = new EverSentSteps(nodes, local, checks, budget);
    this.#next = new Int32Array(nodes + 2);
  }

  /** The event being reported. */
  get now(): Happening {
    return this.#steps.now;
  }

  /** Calls `visit` with every successor that differs from this state. Stops at a violation, which it returns. */
  of(state: StateFields, bag: Bits, visit: EverSentVisit): Violation | null {
    this.isCut = false;
    this.#violation = null;
    this.#steps.look(state);
    const take = (step: LocalStep): boolean => {
      this.#take(state, bag, step, visit);
      return this.#violation === null;
    };
    bag.each((message) => take(this.#steps.deliver(message)));
    for (let node = 0; node < this.#nodes && this.#violation === null; node++) this.#steps.own(node, take);
    return this.#violation;
  }

  #take(state: StateFields, bag: Bits, { isCut, outcomes }: LocalStep, visit: EverSentVisit): void {
    const { now } = this;
    if (isCut) this.isCut = true;
    for (const outcome of outcomes) {
      if (outcome.crash !== null && !this.#budget.mayCrash(state[this.#nodes + 1]!)) continue;
      now.outcome = outcome;
      const history = this.#steps.historyAfter(outcome);
      if (history < 0 || outcome.error !== null) {
        this.#violation =
          history < 0 ? this.#checks.violation(~history) : thrown(now.node + 1, outcome.error!);
        return;
      }
      if (this.#fill(state, bag, outcome, history)) visit(this.#next, this.#bag);
    }
  }

  /** Writes the next state; returns whether it differs. */
  #fill(state: StateFields, bag: Bits, outcome: Outcome, history: number): boolean {
    const next = this.#next;
    const { node, step } = this.now;
    const { cost } = step!;
    let isOther =
      outcome.next !== state[node] ||
      history !== state[this.#nodes] ||
      outcome.crash !== null ||
      cost !== free;
    if (!isOther && outcome.sent.length === 0) return false;
    next.set(state);
    next[node] = outcome.next;
    next[this.#nodes] = history;
    next[this.#nodes + 1] = this.#budget.after(state[this.#nodes + 1]!, cost, outcome.crash !== null);
    this.#bag.copyFrom(bag);
    if (outcome.next !== state[node]) {
      bag.each((message) => {
        if (this.#local.addresseeOf(message) === node && this.#isPast(message)) this.#bag.delete(message);
        return true;
      });
    }
    for (const message of outcome.sent) {
      if (bag.has(message) || this.#isPast(message)) continue;
      this.#bag.add(message);
      isOther = true;
    }
    return isOther;
  }

  #isPast(message: number): boolean {
    return this.#local.isPast(this.#next[this.#local.addresseeOf(message)]!, message);
  }
}
