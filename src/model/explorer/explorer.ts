import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { Violation } from '../../properties/view.ts';
import { Canonical } from './canonical.ts';
import { ClusterChecks } from './cluster-checks.ts';
import type { ExploreFigures, ExploreOptions, ScheduledEvent } from './cluster-event.ts';
import { LocalSteps } from './local-steps.ts';
import { Packing, type StateFields, type Widths } from './packing.ts';
import { scheduledEvent } from './schedule-of.ts';
import { StateStore } from './state-store.ts';
import { Successors } from './successors.ts';
import { composed, inverse, type Permutation, permutationsOf, renamingOf } from './symmetry.ts';

/** How an exploration ends by itself. */
export type ExploreEnd =
  /** Every state within the bounds was seen, and nothing is wrong. */
  | { readonly outcome: 'exhausted' }
  /** A property does not hold. The schedule is a shortest one. */
  | {
      readonly outcome: 'violation';
      readonly violation: Violation;
      readonly schedule: readonly ScheduledEvent[];
    }
  /** From where the schedule leads neither a leader nor a bound can be reached any more. It is a shortest one. */
  | { readonly outcome: 'stuck'; readonly schedule: readonly ScheduledEvent[] };

export interface ExplorerParts {
  /** Another chart, such as a broken one. */
  readonly machine?: typeof raftMachine;
  /** False: states that differ in the names of nodes alone are different. */
  readonly symmetry?: boolean;
  /** False: nothing is left out that no rule will look at again. So by default with another chart, whose rules are not known. */
  readonly reductions?: boolean;
}

/**
 * Exhausts a cluster breadth first: as many charts as there are nodes, a bag of messages, disks, and the history that the properties need.
 * It goes on as long as it is told to, and can be stopped between any two states.
 */
export class Explorer {
  readonly options: ExploreOptions;
  readonly #permutations: readonly Permutation[];
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #canonical: Canonical;
  readonly #successors: Successors;
  #packing: Packing;
  #store: StateStore;
  #packed: Uint32Array;
  readonly #state: StateFields;
  /** The state whose successors are looked at. */
  #expanding = 0;
  #expanded = 0;
  /** Where the states of the next depth begin. */
  #levelEnd = 1;
  #depth = 0;
  #edges = 0;
  #cut = 0;
  #end: ExploreEnd | null = null;

  constructor(options: ExploreOptions, { machine, symmetry = true, reductions = machine === undefined }: ExplorerParts = {}) {
    const { nodes, messages } = options;
    this.options = options;
    const all = permutationsOf(nodes);
    this.#permutations = symmetry ? all : all.slice(0, 1);
    this.#steps = new LocalSteps(options, this.#permutations, reductions, machine);
    this.#checks = new ClusterChecks(nodes, this.#steps, this.#permutations);
    this.#canonical = new Canonical(nodes, messages, this.#steps, this.#checks, this.#permutations);
    this.#successors = new Successors(options, this.#steps, this.#checks);
    this.#state = new Int32Array(nodes + 2 + messages);
    const crashes = Math.max(1, bitsFor(options.crashes));
    this.#packing = new Packing(nodes, messages, { node: 12, history: 8, crashes, message: 10 });
    this.#store = new StateStore(this.#packing.words);
    this.#packed = new Uint32Array(this.#packing.words);
    for (let at = 0; at < nodes; at++) this.#state[at] = this.#steps.start(at);
    this.#state[nodes + 1] = options.crashes;
    this.#packing.pack(this.#canonical.of(this.#state), this.#packed);
    this.#store.add(this.#packed, 0);
  }

  /** How it ended; null: it has not. */
  get end(): ExploreEnd | null {
    return this.#end;
  }

  /** `seconds` is for whoever keeps the time. */
  get figures(): Omit<ExploreFigures, 'seconds'> & { readonly frontier: number } {
    return {
      states: this.#store.count,
      edges: this.#edges,
      depth: this.#depth,
      cut: this.#cut,
      dropped: this.#successors.dropped,
      localStates: this.#steps.nodes.size,
      localSteps: this.#steps.count,
      bytes: this.#store.bytes + this.#steps.bytes + this.#checks.bytes,
      frontier: this.#store.count - this.#expanded,
    };
  }

  /** Looks at up to so many more states; how it ended, or null if it has not. */
  advance(states: number): ExploreEnd | null {
    for (let left = states; left > 0 && this.#end === null; left--) {
      if (this.#expanded < this.#store.count) this.#expandNext();
      else this.#end = this.#findStuck();
    }
    return this.#end;
  }

  #expandNext(): void {
    const number = this.#expanded;
    if (number === this.#levelEnd) {
      this.#depth++;
      this.#levelEnd = this.#store.count;
    }
    this.#expanding = number;
    this.#load(number);
    const violation = this.#successors.of(this.#state, this.#reached);
    if (violation !== null) {
      this.#end = this.#violated(number);
      return;
    }
    this.#expanded++;
    if (!this.#successors.isCut) return;
    this.#cut++;
    this.#store.markUp(number);
  }

  readonly #reached = (next: StateFields): void => {
    this.#edges++;
    const found = this.#store.add(this.#pack(this.#canonical.of(next)), this.#expanding);
    if (found < 0) {
      for (let at = 0; at < this.options.nodes; at++) {
        if (!this.#steps.leads(next[at]!)) continue;
        this.#store.markUp(~found);
        return;
      }
    } else if (this.#store.isMarked(found)) {
      this.#store.markUp(this.#expanding);
    }
  };

  /**
   * A state is marked once a leader or a bound is known to be reached from it. The search marks nearly all; what is left is looked at
   * again, the last states first, until nothing changes.
   */
  #findStuck(): ExploreEnd {
    const { dropped } = this.#successors;
    const store = this.#store;
    let isGood = false;
    const visit = (next: StateFields): void => {
      if (isGood) return;
      isGood = store.isMarked(store.add(this.#pack(this.#canonical.of(next)), 0));
    };
    let first = -1;
    for (let hasChanged = true; hasChanged; ) {
      hasChanged = false;
      first = -1;
      for (let number = store.count - 1; number >= 0; number--) {
        if (store.isMarked(number)) continue;
        isGood = false;
        this.#load(number);
        this.#successors.of(this.#state, visit);
        if (isGood) {
          hasChanged = true;
          store.markUp(number);
        } else {
          first = number;
        }
      }
    }
    this.#successors.dropped = dropped;
    return first < 0 ? { outcome: 'exhausted' } : { outcome: 'stuck', schedule: this.#wayTo(first).schedule };
  }

  /** A step of state `number` violates a property: what it is, told with the names that its schedule uses. */
  #violated(number: number): ExploreEnd {
    const { schedule, names } = this.#wayTo(number);
    this.#load(number);
    const at = this.#permutations.findIndex((permutation) =>
      permutation.every((to, from) => to === names[from]),
    );
    const state = this.#canonical.renamed(this.#state, at);
    const violation = this.#successors.of(state, () => {})!;
    const event = scheduledEvent(
      this.#successors.now,
      (id) => this.#steps.messages.get(id),
      (id) => id,
    );
    return { outcome: 'violation', violation, schedule: [...schedule, event] };
  }

  /** How state `number` was first reached, and where its nodes stand in that schedule: by position, the schedule's position. */
  #wayTo(number: number): { readonly schedule: readonly ScheduledEvent[]; readonly names: Permutation } {
    const { dropped } = this.#successors;
    const chain = [number];
    while (chain[0] !== 0) chain.unshift(this.#store.parentOf(chain[0]!));
    const schedule: ScheduledEvent[] = [];
    let names: Permutation = this.#permutations[0]!;
    for (let at = 1; at < chain.length; at++) {
      let found = false;
      this.#load(chain[at - 1]!);
      this.#successors.of(this.#state, (next) => {
        if (found) return;
        const canonical = this.#canonical.of(next);
        if (this.#store.add(this.#pack(canonical), 0) !== chain[at]) return;
        found = true;
        schedule.push(
          scheduledEvent(this.#successors.now, (id) => this.#steps.messages.get(id), renamingOf(names)),
        );
        names = composed(inverse(this.#permutations[this.#canonical.permutation]!), names);
      });
    }
    this.#successors.dropped = dropped;
    return { schedule, names };
  }

  #load(number: number): void {
    this.#store.read(number, this.#packed);
    this.#packing.unpack(this.#packed, this.#state);
  }

  #pack(state: StateFields): Uint32Array {
    const { widths } = this.#packing;
    if (
      this.#steps.nodes.size > 1 << widths.node ||
      this.#steps.messages.size >= 1 << widths.message ||
      this.#checks.histories.size > 1 << widths.history
    ) {
      this.#widen();
    }
    this.#packing.pack(state, this.#packed);
    return this.#packed;
  }

  /** There are more nodes, messages or histories than a state has bits for: packs all states anew. */
  #widen(): void {
    const { nodes, messages } = this.options;
    const old = this.#packing;
    const widths: Widths = {
      node: Math.max(old.widths.node, bitsFor(this.#steps.nodes.size) + 1),
      history: Math.max(old.widths.history, bitsFor(this.#checks.histories.size) + 1),
      crashes: old.widths.crashes,
      message: Math.max(old.widths.message, bitsFor(this.#steps.messages.size) + 1),
    };
    this.#packing = new Packing(nodes, messages, widths);
    const fields = new Int32Array(this.#state.length);
    this.#store = this.#store.repacked(this.#packing.words, (from, to) => {
      old.unpack(from, fields);
      this.#packing.pack(fields, to);
    });
    this.#packed = new Uint32Array(this.#packing.words);
  }
}

/** Bits that hold integers up to `value`. */
const bitsFor = (value: number): number => 32 - Math.clz32(value);
