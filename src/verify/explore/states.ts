import { Budget } from './budget.ts';
import { Canonical } from './canonical.ts';
import type { ClusterChecks } from './cluster-checks.ts';
import { type ExploreOptions, sizeOf } from './cluster-event.ts';
import type { LocalSteps } from './local-steps.ts';
import { Packing, type StateFields, type Widths } from './packing.ts';
import { StateStore } from './state-store.ts';
import type { Permutation } from './symmetry.ts';

/** The states that were found: each stands for all those that differ only in the names of nodes. */
export class States {
  readonly #options: ExploreOptions;
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #canonical: Canonical;
  #packing: Packing;
  #store: StateStore;
  #packed: Uint32Array;

  constructor(
    options: ExploreOptions,
    steps: LocalSteps,
    checks: ClusterChecks,
    permutations: readonly Permutation[],
    saved?: { readonly widths: Widths; readonly words: Uint32Array },
  ) {
    const { messages } = options;
    const nodes = sizeOf(options);
    this.#options = options;
    this.#steps = steps;
    this.#checks = checks;
    this.#canonical = new Canonical(options, messages, steps, checks, permutations);
    const widths = saved?.widths ?? {
      node: 12,
      history: 8,
      budget: Math.max(1, bitsFor(new Budget(options).full)),
      message: 10,
    };
    this.#packing = new Packing(nodes, messages, widths);
    this.#store = StateStore.from(this.#packing.words, saved?.words ?? new Uint32Array(0));
    this.#packed = new Uint32Array(this.#packing.words);
  }

  get count(): number {
    return this.#store.count;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  get widths(): Widths {
    return this.#packing.widths;
  }

  /** Position of the permutation that maps the state last looked up to the one that stands for it. */
  get permutation(): number {
    return this.#canonical.permutation;
  }

  /** The number of the state that stands for this one; `~number` if it is new, as a child of `parent`. */
  add(state: StateFields, parent: number): number {
    const { node, message, history } = this.#packing.widths;
    if (
      this.#steps.nodes.size > 1 << node ||
      this.#steps.messages.size >= 1 << message ||
      this.#checks.histories.size > 1 << history
    ) {
      this.#widen();
    }
    this.#packing.pack(this.#canonical.of(state), this.#packed);
    return this.#store.add(this.#packed, parent);
  }

  read(number: number, state: StateFields): void {
    this.#store.read(number, this.#packed);
    this.#packing.unpack(this.#packed, state);
  }

  renamed(state: StateFields, permutation: number): StateFields {
    return this.#canonical.renamed(state, permutation);
  }

  parentOf(number: number): number {
    return this.#store.parentOf(number);
  }

  isMarked(number: number): boolean {
    return this.#store.isMarked(number);
  }

  /** Marks a state and every state it was reached through. */
  markUp(number: number): void {
    this.#store.markUp(number);
  }

  toWords(): Uint32Array {
    return this.#store.toWords();
  }

  /** There are more nodes, messages or histories than a state has bits for: repacks all states. */
  #widen(): void {
    const { messages } = this.#options;
    const nodes = sizeOf(this.#options);
    const old = this.#packing;
    const widths: Widths = {
      node: Math.max(old.widths.node, bitsFor(this.#steps.nodes.size) + 1),
      history: Math.max(old.widths.history, bitsFor(this.#checks.histories.size) + 1),
      budget: old.widths.budget,
      message: Math.max(old.widths.message, bitsFor(this.#steps.messages.size) + 1),
    };
    this.#packing = new Packing(nodes, messages, widths);
    const fields = new Int32Array(nodes + 2 + messages);
    this.#store = this.#store.repacked(this.#packing.words, (from, to) => {
      old.unpack(from, fields);
      this.#packing.pack(fields, to);
    });
    this.#packed = new Uint32Array(this.#packing.words);
  }
}

/** Bits that hold integers up to `value`. */
const bitsFor = (value: number): number => 32 - Math.clz32(value);
