import { type Budget, free } from '../budget.ts';
import type { ClusterChecks } from '../cluster-checks.ts';
import type { LocalStep, LocalSteps, Outcome } from '../local-steps.ts';
import type { StateFields } from '../packing.ts';
import type { Happening } from '../successors.ts';
import { Bits } from './bits.ts';
import { EverSentSteps } from './ever-sent-steps.ts';

/** Called with an event that changed no node, and the new messages it sent. */
export type OnQuiet = (now: Happening, sent: readonly number[]) => void;

/** A saturated state, by its messages, and which of its nodes has changed since. */
export interface Before {
  readonly bag: Bits;
  readonly node: number;
}

/**
 * Lets everything happen that changes no node and uses up no budget but sends something, until nothing new is sent. No behaviour is lost: what can happen without a
 * message can happen with it as well, since it may never arrive. None is added: each of these events can happen.
 */
export class Saturation {
  readonly #nodes: number;
  readonly #local: LocalSteps;
  readonly #steps: EverSentSteps;
  /** Messages that have been delivered, with everything that follows from them. */
  readonly #done = new Bits();

  constructor(nodes: number, local: LocalSteps, checks: ClusterChecks, budget: Budget) {
    this.#nodes = nodes;
    this.#local = local;
    this.#steps = new EverSentSteps(nodes, local, checks, budget);
  }

  /**
   * Adds to `bag` whatever the nodes of `state` can send as they are. `before`: the saturated state that this one comes from by a change
   * of one node; what the others can send on its messages has been sent.
   */
  of(state: StateFields, bag: Bits, before?: Before, onQuiet?: OnQuiet): void {
    this.#steps.look(state);
    this.#done.clear();
    before?.bag.each((message) => {
      if (this.#local.addresseeOf(message) !== before.node) this.#done.add(message);
      return true;
    });
    const take = ({ outcomes, cost }: LocalStep): boolean => {
      if (cost !== free) return true;
      for (const outcome of outcomes) this.#take(state, bag, outcome, onQuiet);
      return true;
    };
    for (let node = 0; node < this.#nodes; node++) {
      if (before === undefined || before.node === node) this.#steps.own(node, take);
    }
    for (let hasNew = true; hasNew; ) {
      hasNew = false;
      bag.each((message) => {
        if (this.#done.has(message)) return true;
        this.#done.add(message);
        hasNew = true;
        return take(this.#steps.deliver(message));
      });
    }
  }

  #take(state: StateFields, bag: Bits, outcome: Outcome, onQuiet: OnQuiet | undefined): void {
    const { now } = this.#steps;
    if (outcome.crash !== null || outcome.next !== state[now.node]) return;
    if (outcome.error !== null || !this.#sendsNew(state, bag, outcome)) return;
    // What violates a property, or is history, is found when the state is looked at.
    if (this.#steps.historyAfter(outcome) !== state[this.#nodes]) return;
    now.outcome = outcome;
    const sent = outcome.sent.filter((message) => this.#isNew(state, bag, message));
    for (const message of sent) bag.add(message);
    onQuiet?.(now, [...sent]);
  }

  #sendsNew(state: StateFields, bag: Bits, { sent }: Outcome): boolean {
    for (let at = 0; at < sent.length; at++) if (this.#isNew(state, bag, sent[at]!)) return true;
    return false;
  }

  #isNew(state: StateFields, bag: Bits, message: number): boolean {
    return !bag.has(message) && !this.#local.isPast(state[this.#local.addresseeOf(message)]!, message);
  }
}
