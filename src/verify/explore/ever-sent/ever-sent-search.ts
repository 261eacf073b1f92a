import type { Violation } from '../../../trace/violation.ts';
import { Budget } from '../budget.ts';
import { Canonical } from '../canonical.ts';
import { sizeOf } from '../cluster-event.ts';
import type { Cluster } from '../exploration.ts';
import type { StateFields } from '../packing.ts';
import { Bits } from './bits.ts';
import { EverSentStates } from './ever-sent-states.ts';
import { EverSentSuccessors } from './ever-sent-successors.ts';
import { type Before, type OnQuiet, Saturation } from './saturation.ts';

/**
 * `deep`: the newest state first, with all messages that its nodes can send: it reaches states with many messages early, and these cover
 * the others. `fewest changes`: the same, breadth first: it reaches a violation after as few changes of nodes as possible.
 * `shortest`: breadth first, event by event: it reaches a violation by a shortest path.
 */
export type Order = 'deep' | 'fewest changes' | 'shortest';

/** A search through the states of a cluster in which no message ever leaves the network. */
export class EverSentSearch {
  readonly order: Order;
  readonly states: EverSentStates;
  readonly successors: EverSentSuccessors;
  /** The state it began with. */
  readonly origin: StateFields;
  /** The state that was looked at last. */
  readonly state: StateFields;
  readonly bag = new Bits();
  readonly #saturation: Saturation;
  /** States to look at: in a deep search their numbers, otherwise all from `#next` on. */
  readonly #stack: number[] = [];
  #next = 0;
  #number = 0;
  #edges = 0;

  constructor({ options, permutations, steps, checks }: Cluster, order: Order) {
    const nodes = sizeOf(options);
    const budget = new Budget(options);
    const canonical = new Canonical(options, 0, steps, checks, permutations);
    this.order = order;
    this.states = new EverSentStates(nodes + 2, canonical, steps.messages, order === 'deep');
    this.successors = new EverSentSuccessors(nodes, steps, checks, budget);
    this.origin = new Int32Array(nodes + 2);
    this.state = new Int32Array(nodes + 2);
    this.#saturation = new Saturation(nodes, steps, checks, budget);
  }

  get edges(): number {
    return this.#edges;
  }

  /** Found and not looked at yet. */
  get frontier(): number {
    return this.order === 'deep' ? this.#stack.length : this.states.count - this.#next;
  }

  /** The number of the state that was looked at last. */
  get number(): number {
    return this.#number;
  }

  /** Begins at a state, with no message under way. */
  start(state: StateFields): void {
    const bag = new Bits();
    this.origin.set(state);
    this.saturate(state, bag);
    this.#add(state, bag);
  }

  /** Looks at one more state; returns the violation that comes next, if one does. The frontier must not be empty. */
  advance(): Violation | null {
    this.#number = this.#stack.pop() ?? this.#next++;
    if (this.states.isCovered(this.#number)) {
      this.successors.isCut = false;
      return null;
    }
    this.states.read(this.#number, this.state, this.bag);
    return this.successors.of(this.state, this.bag, this.#reached);
  }

  /** Adds what the nodes can send as they are, unless every event counts. */
  saturate(state: StateFields, bag: Bits, before?: Before, onQuiet?: OnQuiet): void {
    if (this.order !== 'shortest') this.#saturation.of(state, bag, before, onQuiet);
  }

  /** For a file: everything but `edges`, of which a long search has more than fit into 32 bits. */
  save(): Readonly<Record<string, Int32Array | Uint32Array>> {
    const next = Int32Array.of(this.#next);
    return { ...this.states.save(), stack: Int32Array.from(this.#stack), next };
  }

  /** Continues from what `save` wrote. */
  restore(saved: Readonly<Record<string, Int32Array | Uint32Array>>, edges: number): void {
    this.states.restore(saved);
    this.#stack.length = 0;
    for (const number of saved.stack!) this.#stack.push(number);
    this.#next = saved.next![0]!;
    this.#edges = edges;
  }

  readonly #reached = (next: StateFields, bag: Bits): void => {
    this.#edges++;
    this.saturate(next, bag, { bag: this.bag, node: this.successors.now.node });
    this.#add(next, bag);
  };

  #add(state: StateFields, bag: Bits): void {
    const number = this.states.count;
    if (this.states.add(state, bag, this.#number) && this.order === 'deep') this.#stack.push(number);
  }
}
