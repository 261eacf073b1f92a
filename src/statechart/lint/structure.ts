import { branchesFor } from '../read/event-match.ts';
import {
  type ChartModel,
  type StateModel,
  statesBelow,
  type TransitionModel,
  transitionsOf,
} from '../read/model.ts';
import { memo } from './memo.ts';

/** The form of a chart: which state is inside which, what transitions lead out of and into, and in which order they are asked. */
export class Structure {
  readonly chart: ChartModel;
  /** In document order. */
  readonly states: readonly StateModel[];
  readonly transitions: readonly TransitionModel[];
  /** What transitions are written for, `*` and `mouse.*` included. */
  readonly descriptors: readonly string[];
  readonly #byId: ReadonlyMap<string, StateModel>;
  readonly #around = new Map<string, readonly StateModel[]>();
  readonly #branches = new Map<string, readonly TransitionModel[]>();

  constructor(chart: ChartModel) {
    this.chart = chart;
    this.states = statesBelow(chart.root);
    this.transitions = transitionsOf(chart);
    this.descriptors = [...new Set(this.transitions.map(({ eventType }) => eventType))];
    this.#byId = new Map(this.states.map((state) => [state.id, state]));
  }

  /** Whether there is a state with this id. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** The state with this id; where two share one, the one that XState finds. */
  state(id: string): StateModel {
    const state = this.#byId.get(id);
    if (state === undefined) throw new Error(`expected a state of ${this.chart.id}, got ${id}`);
    return state;
  }

  /** The state and those around it, the root last. */
  around(state: StateModel): readonly StateModel[] {
    return memo(this.#around, state.id, () => [
      state,
      ...(state.parent === null ? [] : this.around(this.state(state.parent))),
    ]);
  }

  /** Whether `inner` is `outer` or a state in it. */
  isWithin(inner: string, outer: string): boolean {
    return this.around(this.state(inner)).some(({ id }) => id === outer);
  }

  /** The state as people know it: the path inside the chart. */
  name(id: string): string {
    const { path, parent } = this.state(id);
    const name = parent === null ? id : path.join('.');
    return /^[\p{L}\p{N}_.$-]+$/u.test(name) ? name : JSON.stringify(name);
  }

  /** The transitions of a state that are asked for an event of this type, in XState's order: exact ones, then the longest wildcard. */
  branchesFor(state: StateModel, type: string): readonly TransitionModel[] {
    return memo(this.#branches, `${state.id}\n${type}`, () => branchesFor(state, type));
  }

  /**
   * Whether another region has eventless transitions that move it: of two that exclude each other XState takes the first, and asks no
   * more once nothing has changed.
   */
  hasRivals(state: StateModel): boolean {
    const outer = this.around(state)
      .slice(1)
      .filter(({ type }) => type === 'parallel')
      .at(-1);
    return (
      outer !== undefined &&
      statesBelow(outer).some(
        (each) =>
          each.transitions.some(({ kind, targets }) => kind === 'always' && targets.length > 0) &&
          !this.isWithin(each.id, state.id) &&
          !this.isWithin(state.id, each.id),
      )
    );
  }

  /** Whether taking the transition exits `state`, or may do so, wherever its source stands. As XState finds the part of a chart that it moves. */
  exits({ source, targets, reenter }: TransitionModel, state: StateModel): boolean {
    const [first, ...others] = targets;
    if (first === undefined) return false;
    if (!reenter && targets.every((target) => this.isWithin(target, source)))
      return state.id !== source && this.isWithin(state.id, source);
    const domain = this.around(this.state(first))
      .slice(1)
      .find((outer) => [source, ...others].every((id) => id !== outer.id && this.isWithin(id, outer.id)));
    return domain === undefined || (state !== domain && this.isWithin(state.id, domain.id));
  }

  /** Whether taking the transition exits its own state. */
  leaves({ source, targets, reenter }: TransitionModel): boolean {
    return targets.length > 0 && (reenter || targets.some((target) => !this.isWithin(target, source)));
  }

  /** All states that are entered, or stay active, when this one is the target of a transition. */
  activeAfter(target: string): readonly StateModel[] {
    const active = new Set<StateModel>();
    this.#enter(this.state(target), active);
    return [...active];
  }

  /** Adds the state, those around it with their other regions, and what they start in. */
  #enter(state: StateModel, active: Set<StateModel>): void {
    if (active.has(state)) return;
    active.add(state);
    if (state.type === 'history' || state.type === 'compound' || state.type === 'parallel') {
      const isBegun = state.type === 'compound' && childrenOf(state).some((child) => active.has(child));
      if (!isBegun) for (const id of state.initial) this.#enter(this.state(id), active);
    }
    for (const outer of this.around(state).slice(1)) {
      if (active.has(outer)) continue;
      active.add(outer);
      if (outer.type === 'parallel') for (const region of childrenOf(outer)) this.#enter(region, active);
    }
  }
}

/** The states inside, less those that only remember. */
export const childrenOf = (state: StateModel): readonly StateModel[] =>
  state.states.filter(({ type }) => type !== 'history');
