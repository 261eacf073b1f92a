import type { Violation } from '../../trace/violation.ts';
import { violation } from '../properties/property.ts';
import { Budget, free } from './budget.ts';
import type { ClusterChecks } from './cluster-checks.ts';
import { type ExploreOptions, sizeOf } from './cluster-event.ts';
import type { LocalStep, LocalSteps, Outcome } from './local-steps.ts';
import type { StateFields } from './packing.ts';

/** Called with each state that one event leads to. `next` is valid only until it returns. */
export type Visit = (next: StateFields) => void;

/** The event being reported. */
export interface Happening {
  /** The message that arrives or is lost; −1: none. */
  message: number;
  /** The message stays under way. */
  again: boolean;
  /** The node that it happens to; −1: the network alone. */
  node: number;
  step: LocalStep | null;
  outcome: Outcome | null;
  /** Messages lost because the bag was full, as bits: positions among those that are new to it. */
  kept: number;
  fresh: Int32Array;
  freshCount: number;
}

/** `room`: how many new messages one event can send. */
export const nothingYet = (room: number): Happening => ({
  message: -1,
  again: false,
  node: -1,
  step: null,
  outcome: null,
  kept: 0,
  fresh: new Int32Array(room),
  freshCount: 0,
});

/** Enumerates what can happen next in a cluster. Allocates nothing once the steps of its nodes are known. */
export class Successors {
  readonly now = nothingYet(64);
  /** Whether a bound ruled out some successors of the state enumerated last. */
  isCut = false;
  /** Messages that full bags lost so far. */
  dropped = 0;
  #violation: Violation | null = null;
  readonly #options: ExploreOptions;
  readonly #budget: Budget;
  readonly #nodes: number;
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  /** The key of a check: the views of the nodes, the history, and the plan. */
  readonly #key: Int32Array;
  readonly #next: StateFields;
  /** Messages that stay under way while an event happens, ascending. */
  readonly #bag: Int32Array;
  #bagCount = 0;
  /** Those of them that still matter when it is over. */
  readonly #kept: Int32Array;
  #keptCount = 0;
  readonly #subsets: (readonly number[] | undefined)[] = [];

  constructor(options: ExploreOptions, steps: LocalSteps, checks: ClusterChecks) {
    this.#options = options;
    this.#budget = new Budget(options);
    this.#nodes = sizeOf(options);
    this.#steps = steps;
    this.#checks = checks;
    this.#key = new Int32Array(this.#nodes + 2);
    this.#next = new Int32Array(this.#nodes + 2 + options.messages);
    this.#bag = new Int32Array(options.messages);
    this.#kept = new Int32Array(options.messages);
  }

  /** Calls `visit` with every successor of `state`. Stops at a violation, which it returns. */
  of(state: StateFields, visit: Visit): Violation | null {
    const { now } = this;
    const count = this.#nodes;
    this.isCut = false;
    this.#violation = null;
    for (let at = 0; at < count; at++) this.#key[at] = this.#steps.viewOf(state[at]!);
    this.#key[count] = state[count]!;
    for (let at = count + 2; at < state.length && state[at] !== 0; at++) {
      now.message = state[at]! - 1;
      now.node = this.#steps.addresseeOf(now.message);
      const step = this.#steps.deliver(state[now.node]!, now.message);
      now.again = false;
      this.#take(state, step, at, visit);
      if (this.#violation !== null) return this.#violation;
      now.again = this.#options.duplicates;
      if (now.again) this.#take(state, step, -1, visit);
      if (this.#violation !== null) return this.#violation;
      if (this.#options.loss) this.#lose(state, at, visit);
    }
    now.message = -1;
    now.again = false;
    for (now.node = 0; now.node < count; now.node++) {
      const steps = this.#steps.own(state[now.node]!);
      for (let at = 0; at < steps.length; at++) {
        if (this.#budget.allows(state[count + 1]!, steps[at]!.cost)) this.#take(state, steps[at]!, -1, visit);
      }
      if (this.#violation !== null) return this.#violation;
    }
    return null;
  }

  #lose(state: StateFields, gone: number, visit: Visit): void {
    const { now } = this;
    const next = this.#next;
    now.step = null;
    now.outcome = null;
    now.freshCount = 0;
    for (let at = 0; at < gone; at++) next[at] = state[at]!;
    for (let at = gone + 1; at < state.length; at++) next[at - 1] = state[at]!;
    next[state.length - 1] = 0;
    visit(next);
  }

  /** All ends of one event; `gone`: the position of the message that it takes from the bag, or −1. */
  #take(state: StateFields, step: LocalStep, gone: number, visit: Visit): void {
    if (this.#violation !== null) return;
    if (step.isCut) this.isCut = true;
    const mayCrash = this.#budget.mayCrash(state[this.#nodes + 1]!);
    this.#bagCount = 0;
    for (let at = this.#nodes + 2; at < state.length && state[at] !== 0; at++) {
      if (at !== gone) this.#bag[this.#bagCount++] = state[at]!;
    }
    this.now.step = step;
    for (let at = 0; at < step.outcomes.length && this.#violation === null; at++) {
      const outcome = step.outcomes[at]!;
      if (outcome.crash !== null && !mayCrash) continue;
      this.#end(state, outcome, gone, visit);
    }
  }

  #end(state: StateFields, outcome: Outcome, gone: number, visit: Visit): void {
    const { now } = this;
    const count = this.#nodes;
    const checks = this.#checks;
    now.outcome = outcome;
    now.freshCount = 0;
    this.#key[count + 1] = outcome.plan;
    const history = checks.check(this.#key);
    if (history < 0 || outcome.error !== null) {
      this.#violation = history < 0 ? checks.violation(~history) : thrown(now.node + 1, outcome.error!);
      return;
    }
    this.#keep(state, outcome.next);
    const { fresh } = now;
    const { sent } = outcome;
    for (let at = 0; at < sent.length; at++) {
      const message = sent[at]!;
      if (this.#isUnderWay(message + 1)) continue;
      if (this.#steps.isPast(state[this.#steps.addresseeOf(message)]!, message)) continue;
      fresh[now.freshCount++] = message + 1;
    }
    const isSame =
      outcome.next === state[now.node] &&
      history === state[count] &&
      outcome.crash === null &&
      now.step?.cost === free;
    if (isSame && now.freshCount === 0 && gone < 0) return;
    const room = this.#kept.length - this.#keptCount;
    const next = this.#next;
    if (now.freshCount <= room) {
      now.kept = (1 << now.freshCount) - 1;
      this.#fill(state, outcome, history);
      visit(next);
      return;
    }
    const subsets = this.#subsetsOf(now.freshCount, room);
    for (let at = 0; at < subsets.length; at++) {
      now.kept = subsets[at]!;
      this.dropped += now.freshCount - room;
      // Everything new may be lost, and then nothing may have changed at all.
      if (isSame && now.kept === 0 && gone < 0) continue;
      this.#fill(state, outcome, history);
      visit(next);
    }
  }

  #fill(state: StateFields, outcome: Outcome, history: number): void {
    const { now } = this;
    const count = this.#nodes;
    const next = this.#next;
    for (let at = 0; at < count; at++) next[at] = state[at]!;
    next[now.node] = outcome.next;
    next[count] = history;
    next[count + 1] = this.#budget.after(state[count + 1]!, now.step!.cost, outcome.crash !== null);
    const first = count + 2;
    let end = first;
    for (let at = 0; at < this.#keptCount; at++) next[end++] = this.#kept[at]!;
    for (let at = 0; at < now.freshCount; at++) {
      if ((now.kept & (1 << at)) === 0) continue;
      const message = now.fresh[at]!;
      let place = end++;
      for (; place > first && next[place - 1]! > message; place--) next[place] = next[place - 1]!;
      next[place] = message;
    }
    for (; end < next.length; end++) next[end] = 0;
  }

  /** Drops from the bag what the node will ignore from now on. */
  #keep(state: StateFields, node: number): void {
    this.#keptCount = 0;
    const hasChanged = node !== state[this.now.node];
    for (let at = 0; at < this.#bagCount; at++) {
      const message = this.#bag[at]!;
      const matters =
        !hasChanged ||
        this.#steps.addresseeOf(message - 1) !== this.now.node ||
        !this.#steps.isPast(node, message - 1);
      if (matters) this.#kept[this.#keptCount++] = message;
    }
  }

  #isUnderWay(message: number): boolean {
    for (let at = 0; at < this.#keptCount; at++) if (this.#kept[at] === message) return true;
    return false;
  }

  /** All ways to choose `size` of `count`, as bits. */
  #subsetsOf(count: number, size: number): readonly number[] {
    const at = count * 32 + size;
    this.#subsets[at] ??= Array.from({ length: 1 << count }, (_, bits) => bits).filter(
      (bits) => ones(bits) === size,
    );
    return this.#subsets[at];
  }
}

const ones = (bits: number): number => (bits === 0 ? 0 : (bits & 1) + ones(bits >>> 1));

/** A chart that throws has failed an assertion (`src/raft/invariants.ts`). Worded like a node that stops in the simulator. */
export const thrown = (node: number, error: Error): Violation =>
  violation('Node Keeps Running', 'its disk did nothing wrong', `node${node} stopped: ${error.message}`);
