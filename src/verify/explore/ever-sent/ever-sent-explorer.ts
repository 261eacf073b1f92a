import { assert } from '../../../raft/assert.ts';
import type { Violation } from '../../../trace/violation.ts';
import { Budget } from '../budget.ts';
import { type ExploreFigures, type ExploreOptions, type ScheduledEvent, sizeOf } from '../cluster-event.ts';
import type { Cluster, Exploration, ExploreEnd, SavedExploration } from '../exploration.ts';
import type { StateFields } from '../packing.ts';
import { scheduledEvent } from '../schedule-of.ts';
import { EverSentSearch, type Order } from './ever-sent-search.ts';
import { everSentWayTo, withoutIdle } from './ever-sent-way.ts';
import { stuckStates } from './stuck.ts';

/** The searches for a better path to a violation, each with a limit on states: half a minute's work at most. */
export type BetterWay = readonly [order: Order, states: number];
const defaultWays: readonly BetterWay[] = [
  ['shortest', 40_000],
  ['fewest changes', 300_000],
];
/** Of this many stuck states, the one with the shortest path is reported. */
const maxStuckTold = 50;

interface SavedHeader {
  readonly nodes: readonly string[];
  readonly messages: readonly string[];
  readonly histories: readonly string[];
  readonly edges: number;
  readonly cut: number;
}

/**
 * Exhausts a cluster whose network loses and repeats any number of messages at will. As every message may arrive at any later
 * time, again and again or never, it is enough to know which were ever sent; and a state can do everything that the same one with fewer
 * messages can.
 */
export class EverSentExplorer implements Exploration {
  readonly options: ExploreOptions;
  readonly #cluster: Cluster;
  readonly #search: EverSentSearch;
  readonly #betterWays: readonly BetterWay[];
  #cut = 0;
  #end: ExploreEnd | null = null;

  constructor(cluster: Cluster, saved?: SavedExploration, betterWays = defaultWays) {
    this.#betterWays = betterWays;
    this.options = cluster.options;
    this.#cluster = cluster;
    this.#search = new EverSentSearch(cluster, 'deep');
    if (saved === undefined) this.#search.start(this.#start());
    else this.#restore(saved);
  }

  get end(): ExploreEnd | null {
    return this.#end;
  }

  get figures(): Omit<ExploreFigures, 'seconds'> & { readonly frontier: number } {
    const { steps, checks } = this.#cluster;
    const { states, edges, frontier } = this.#search;
    return {
      states: states.count,
      edges,
      depth: null,
      cut: this.#cut,
      dropped: 0,
      localStates: steps.nodes.size,
      localSteps: steps.count,
      bytes: states.bytes + steps.bytes + checks.bytes,
      frontier,
    };
  }

  scheduleTo(state: number): readonly ScheduledEvent[] {
    return withoutIdle(everSentWayTo(this.#cluster, this.#search, state).way);
  }

  advance(states: number): ExploreEnd | null {
    for (let left = states; left > 0 && this.#end === null; left--) {
      if (this.#search.frontier === 0) {
        this.#end = this.#endOfSpace();
        continue;
      }
      if (this.#search.advance() !== null) this.#end = this.#violated();
      if (this.#search.successors.isCut) this.#cut++;
    }
    return this.#end;
  }

  save(): SavedExploration {
    const { steps, checks } = this.#cluster;
    const header: SavedHeader = {
      nodes: steps.nodes.texts(),
      messages: steps.messages.texts(),
      histories: checks.histories.texts(),
      edges: this.#search.edges,
      cut: this.#cut,
    };
    return { header, arrays: { ...this.#search.save(), ...steps.known() } };
  }

  #start(): StateFields {
    const nodes = sizeOf(this.options);
    const state = new Int32Array(nodes + 2);
    for (let at = 0; at < nodes; at++) state[at] = this.#cluster.steps.start(at);
    state[nodes + 1] = new Budget(this.options).full;
    return state;
  }

  /** The path is a shortest one, if that is found soon; otherwise one with few changes, or the one that the deep search found. */
  #violated(): ExploreEnd {
    for (const [order, limit] of this.#betterWays) {
      const search = new EverSentSearch(this.#cluster, order);
      search.start(this.#start());
      while (search.frontier > 0 && search.states.count < limit) {
        if (search.advance() !== null) return this.#violationIn(search, order === 'shortest');
      }
    }
    return this.#violationIn(this.#search, false);
  }

  /** The state that `search` looked at last violates a property: the violation, in the node names that its schedule uses. */
  #violationIn(search: EverSentSearch, isShortest: boolean): ExploreEnd {
    const { permutations, steps } = this.#cluster;
    const { successors } = search;
    const { way, names } = everSentWayTo(this.#cluster, search, search.number);
    const under = permutations.findIndex((permutation) =>
      permutation.every((to, from) => to === names[from]),
    );
    search.states.read(search.number, search.state, search.bag);
    const { state, bag } = search.states.renamed(search.state, search.bag, under);
    const violation: Violation | null = successors.of(state, bag, () => {});
    assert(violation !== null, 'nodes that differ only in name violate the same properties', search.number);
    const { now } = successors;
    const told = scheduledEvent(
      now,
      (id) => steps.messages.get(id),
      (id) => id,
      now.outcome?.crash ?? null,
    );
    const schedule = withoutIdle([...way, { told, sent: null }]);
    return { outcome: 'violation', violation, schedule, isShortest };
  }

  #endOfSpace(): ExploreEnd {
    const stuck = stuckStates(this.#cluster, this.#search);
    if (stuck.length === 0) return { outcome: 'exhausted' };
    const [schedule] = stuck
      .slice(0, maxStuckTold)
      .map((state) => this.scheduleTo(state))
      .sort((a, b) => a.length - b.length);
    return { outcome: 'stuck', schedule: schedule!, isShortest: false };
  }

  #restore({ header, arrays }: SavedExploration): void {
    const { nodes, messages, histories, edges, cut } = header as SavedHeader;
    const { steps, checks } = this.#cluster;
    steps.restore(nodes, messages, arrays.delivered as Int32Array, arrays.own as Int32Array);
    checks.histories.restore(histories);
    this.#search.origin.set(this.#start());
    this.#search.restore(arrays, edges);
    this.#cut = cut;
  }
}
