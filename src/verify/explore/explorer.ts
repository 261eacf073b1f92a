import { Budget } from './budget.ts';
import type { ClusterChecks } from './cluster-checks.ts';
import { type ExploreFigures, type ExploreOptions, type ScheduledEvent, sizeOf } from './cluster-event.ts';
import {
  clusterOf,
  type Exploration,
  type ExploreEnd,
  type ExplorerParts,
  type SavedExploration,
} from './exploration.ts';
import type { LocalSteps } from './local-steps.ts';
import type { StateFields, Widths } from './packing.ts';
import { scheduledEvent } from './schedule-of.ts';
import { firstStuck, type Search, wayTo } from './search.ts';
import { States } from './states.ts';
import { Successors } from './successors.ts';
import type { Permutation } from './symmetry.ts';

interface SavedHeader {
  readonly nodes: readonly string[];
  readonly messages: readonly string[];
  readonly histories: readonly string[];
  readonly widths: Widths;
  readonly expanded: number;
  readonly levelEnd: number;
  readonly depth: number;
  readonly edges: number;
  readonly cut: number;
  readonly dropped: number;
}

/** Exhausts a cluster breadth first: one chart per node, a bag of messages, disks, and the history that the properties need. */
export class Explorer implements Exploration {
  readonly options: ExploreOptions;
  readonly #permutations: readonly Permutation[];
  readonly #steps: LocalSteps;
  readonly #checks: ClusterChecks;
  readonly #successors: Successors;
  readonly #states: States;
  readonly #state: StateFields;
  /** The state whose successors are being looked at. */
  #expanding = 0;
  #expanded = 0;
  /** Where the states of the next depth begin. */
  #levelEnd = 1;
  #depth = 0;
  #edges = 0;
  #cut = 0;
  #end: ExploreEnd | null = null;

  /**
   * `saved`: continues what an explorer with the same options and chart has saved; `symmetry` and `reductions` must be as they were.
   */
  constructor(options: ExploreOptions, parts: ExplorerParts = {}, saved?: SavedExploration) {
    const nodes = sizeOf(options);
    const { permutations, steps, checks } = clusterOf(options, parts);
    this.options = options;
    this.#permutations = permutations;
    this.#steps = steps;
    this.#checks = checks;
    this.#successors = new Successors(options, this.#steps, this.#checks);
    this.#state = new Int32Array(nodes + 2 + options.messages);
    if (saved !== undefined) {
      this.#states = this.#restored(saved);
      return;
    }
    this.#states = new States(options, this.#steps, this.#checks, this.#permutations);
    for (let at = 0; at < nodes; at++) this.#state[at] = this.#steps.start(at);
    this.#state[nodes + 1] = new Budget(options).full;
    this.#states.add(this.#state, 0);
  }

  get end(): ExploreEnd | null {
    return this.#end;
  }

  get figures(): Omit<ExploreFigures, 'seconds'> & { readonly frontier: number } {
    return {
      states: this.#states.count,
      edges: this.#edges,
      depth: this.#depth,
      cut: this.#cut,
      dropped: this.#successors.dropped,
      localStates: this.#steps.nodes.size,
      localSteps: this.#steps.count,
      bytes: this.#states.bytes + this.#steps.bytes + this.#checks.bytes,
      frontier: this.#states.count - this.#expanded,
    };
  }

  /** A shortest path to a state that was found, by its number from 0. */
  scheduleTo(state: number): readonly ScheduledEvent[] {
    return wayTo(this.#search, state).schedule;
  }

  advance(states: number): ExploreEnd | null {
    for (let left = states; left > 0 && this.#end === null; left--) {
      if (this.#expanded < this.#states.count) this.#expandNext();
      else this.#end = this.#endOfSpace();
    }
    return this.#end;
  }

  save(): SavedExploration {
    const header: SavedHeader = {
      nodes: this.#steps.nodes.texts(),
      messages: this.#steps.messages.texts(),
      histories: this.#checks.histories.texts(),
      widths: this.#states.widths,
      expanded: this.#expanded,
      levelEnd: this.#levelEnd,
      depth: this.#depth,
      edges: this.#edges,
      cut: this.#cut,
      dropped: this.#successors.dropped,
    };
    const { delivered, own } = this.#steps.known();
    return { header, arrays: { states: this.#states.toWords(), delivered, own } };
  }

  #expandNext(): void {
    const number = this.#expanded;
    if (number === this.#levelEnd) {
      this.#depth++;
      this.#levelEnd = this.#states.count;
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
    this.#states.markUp(number);
  }

  readonly #reached = (next: StateFields): void => {
    this.#edges++;
    const found = this.#states.add(next, this.#expanding);
    if (found < 0) {
      for (let at = 0; at < sizeOf(this.options); at++) {
        if (!this.#steps.leads(next[at]!)) continue;
        this.#states.markUp(~found);
        return;
      }
    } else if (this.#states.isMarked(found)) {
      this.#states.markUp(this.#expanding);
    }
  };

  #endOfSpace(): ExploreEnd {
    const stuck = firstStuck(this.#search);
    return stuck < 0
      ? { outcome: 'exhausted' }
      : { outcome: 'stuck', schedule: wayTo(this.#search, stuck).schedule, isShortest: true };
  }

  /** A step from state `number` violates a property: the violation, in the node names that its schedule uses. */
  #violated(number: number): ExploreEnd {
    const { schedule, names } = wayTo(this.#search, number);
    this.#load(number);
    const at = this.#permutations.findIndex((permutation) =>
      permutation.every((to, from) => to === names[from]),
    );
    const state = this.#states.renamed(this.#state, at);
    const violation = this.#successors.of(state, () => {})!;
    const event = scheduledEvent(
      this.#successors.now,
      (id) => this.#steps.messages.get(id),
      (id) => id,
      this.#successors.now.outcome?.crash ?? null,
    );
    return { outcome: 'violation', violation, schedule: [...schedule, event], isShortest: true };
  }

  get #search(): Search {
    return {
      permutations: this.#permutations,
      steps: this.#steps,
      successors: this.#successors,
      states: this.#states,
      state: this.#state,
    };
  }

  #load(number: number): void {
    this.#states.read(number, this.#state);
  }

  #restored({ header, arrays }: SavedExploration): States {
    const saved = header as SavedHeader;
    this.#steps.restore(
      saved.nodes,
      saved.messages,
      arrays.delivered as Int32Array,
      arrays.own as Int32Array,
    );
    this.#checks.histories.restore(saved.histories);
    this.#expanded = saved.expanded;
    this.#levelEnd = saved.levelEnd;
    this.#depth = saved.depth;
    this.#edges = saved.edges;
    this.#cut = saved.cut;
    this.#successors.dropped = saved.dropped;
    const { widths } = saved;
    const words = arrays.states as Uint32Array;
    return new States(this.options, this.#steps, this.#checks, this.#permutations, { widths, words });
  }
}
