import type { ClusterChecks } from '../cluster-checks.ts';
import type { LocalSteps, Outcome } from '../local-steps.ts';
import type { StateFields } from '../packing.ts';
import type { Happening } from '../successors.ts';
import type { Bits } from './bits.ts';
import { EverSentSteps } from './ever-sent-steps.ts';

/** Told of something that happened without a change of any node, and which messages are new by it. */
export type OnQuiet = (now: Happening, sent: readonly number[]) => void;

/**
 * Lets happen all that changes no node and sends something, until nothing new is sent. No behaviour is lost: what can happen without a
 * message can happen with it as well, since it may never arrive. None is added: each of these things can happen.
 */
export class Saturation {
  readonly #nodes: number;
  readonly #local: LocalSteps;
  readonly #steps: EverSentSteps;

  constructor(nodes: number, local: LocalSteps, checks: ClusterChecks) {
    this.#nodes = nodes;
    this.#local = local;
    this.#steps = new EverSentSteps(nodes, local, checks);
  }

  /** Adds to `bag` whatever the nodes of `state` can send as they are. */
  of(state: StateFields, bag: Bits, onQuiet?: OnQuiet): void {
    const { now } = this.#steps;
    for (let hasChanged = true; hasChanged; ) {
      hasChanged = false;
      this.#steps.each(state, bag, ({ outcomes }) => {
        for (const outcome of outcomes) {
          if (outcome.crash !== null || outcome.next !== state[now.node]) continue;
          if (outcome.error !== null || !this.#sendsNew(state, bag, outcome)) continue;
          // What violates a property is found when the state is looked at.
          if (this.#steps.historyAfter(outcome) !== state[this.#nodes]) continue;
          now.outcome = outcome;
          const sent = outcome.sent.filter((message) => this.#isNew(state, bag, message));
          for (const message of sent) bag.add(message);
          hasChanged = true;
          onQuiet?.(now, [...sent]);
        }
        return true;
      });
    }
  }

  #sendsNew(state: StateFields, bag: Bits, { sent }: Outcome): boolean {
    for (let at = 0; at < sent.length; at++) if (this.#isNew(state, bag, sent[at]!)) return true;
    return false;
  }

  #isNew(state: StateFields, bag: Bits, message: number): boolean {
    return !bag.has(message) && !this.#local.isPast(state[this.#local.addresseeOf(message)]!, message);
  }
}
