import { type GuardModel, type StateModel, statesNamedBy, type TransitionModel } from '../read/model.ts';
import { routeType } from '../read/xstate-internals.ts';
import { callAt, callOf, expressionOf } from './scxml-calls.ts';
import { overlap, type ScxmlEvents } from './scxml-events.ts';
import { type ScxmlIndex, transitionsInOrder, unsayable } from './scxml-index.ts';
import { scxmlId } from './scxml-names.ts';
import { quoted } from './xml-text.ts';

/** Conditions of transitions in ECMAScript. */
export class ScxmlGuards {
  readonly #index: ScxmlIndex;
  readonly #events: ScxmlEvents;

  constructor(index: ScxmlIndex, events: ScxmlEvents) {
    this.#index = index;
    this.#events = events;
  }

  /** What must hold for SCXML to take a transition just when XState does; null for nothing. */
  conditionOf(transition: TransitionModel): string | null {
    const conditions = [
      this.#events.exactness(this.#events.descriptorsOf(transition)),
      this.#guardOf(transition),
      this.#untakenBelow(transition),
      this.#isRunning(transition),
    ].filter((condition) => condition !== null);
    return conditions.length === 0 ? null : conditions.join(' && ');
  }

  #guardOf({ id, asks, trigger, targets }: TransitionModel): string | null {
    if (asks === null) return null;
    // A way that leads to a state by its `route`: XState asks for the state by a function of its own.
    const route = trigger === routeType ? `_event.data.to === ${quoted(`#${targets[0]}`)}` : null;
    if (route === null) return this.#expression(asks, `${id}/guard`);
    if (asks.kind !== 'and') return route;
    return `${route} && ${this.#expression(asks.guards[1]!, `${id}/guard/1`)}`;
  }

  #expression(guard: GuardModel, place: string, within: readonly string[] = []): string {
    switch (guard.kind) {
      case 'function':
        return callAt(place);
      case 'stateIn':
        return this.#isIn(guard, place);
      case 'named': {
        const { name, params } = guard;
        const bound = this.#index.chart.bound.guards[name];
        if (bound !== undefined && bound.kind !== 'function' && !within.includes(name))
          return this.#expression(bound, `guards/${name}`, [...within, name]);
        return callOf('guards', name, params === null ? null : expressionOf(params, `${place}/params`));
      }
      case 'not':
        return `!${this.#expression(guard.guards[0]!, `${place}/0`, within)}`;
      default: {
        const inner = guard.guards.map((each, at) => this.#expression(each, `${place}/${at}`, within));
        if (inner.length === 0) return String(guard.kind === 'and');
        return `(${inner.join(guard.kind === 'and' ? ' && ' : ' || ')})`;
      }
    }
  }

  #isIn({ state }: Extract<GuardModel, { kind: 'stateIn' }>, place: string): string {
    const { root } = this.#index.chart;
    const value: unknown = 'json' in state && state.json !== null ? JSON.parse(state.json) : null;
    const named =
      typeof value === 'string' && value.startsWith('#') ? this.#byReference(value) : below(root, value);
    if (named === null) throw unsayable(`a stateIn of ${state.text}, which is no state`, place);
    return `(${named.map(({ id }) => `In(${quoted(scxmlId(id))})`).join(' && ')})`;
  }

  /** By `#id`. */
  #byReference(reference: string): readonly StateModel[] | null {
    const found = this.#index.states.find(({ id }) => `#${id}` === reference);
    return found === undefined ? null : [found];
  }

  /**
   * XState asks a state with regions only if no region takes the event; SCXML asks it for each region that does not. So it must not be
   * taken while any transition in a region is.
   */
  #untakenBelow(transition: TransitionModel): string | null {
    if (transition.kind === 'always') return null;
    const source = this.#index.stateOf(transition.source);
    const mine = this.#events.descriptorsOf(transition);
    const taken = insideRegions(source).flatMap((state) =>
      transitionsInOrder(state).flatMap((other) => {
        if (other.kind === 'always') return [];
        const event = overlap(mine, this.#events.descriptorsOf(other));
        if (event === null) return [];
        const conditions = [`In(${quoted(scxmlId(state.id))})`, event, this.#guardOf(other) ?? 'true'];
        return [conditions.filter((each) => each !== 'true').join(' && ')];
      }),
    );
    return taken.length === 0 ? null : `!(${[...new Set(taken)].join(' || ')})`;
  }

  /** XState stops at once when all regions of the root are done; the eventless transitions of a region would still be taken here. */
  #isRunning({ kind, source }: TransitionModel): string | null {
    const { root } = this.#index.chart;
    if (kind !== 'always' || root.type !== 'parallel' || source === root.id) return null;
    const done = this.isDone(root);
    return done === null ? null : `!${done}`;
  }

  /** True once a state is in its final states; null for one that never is. */
  isDone(state: StateModel): string | null {
    switch (state.type) {
      case 'final':
        return `In(${quoted(scxmlId(state.id))})`;
      case 'compound': {
        const ends = state.states.filter(({ type }) => type === 'final').map((end) => this.isDone(end));
        return ends.length === 0 ? null : `(${ends.join(' || ')})`;
      }
      case 'parallel': {
        const regions = state.states
          .filter(({ type }) => type !== 'history')
          .map((region) => this.isDone(region));
        return regions.includes(null) || regions.length === 0 ? null : `(${regions.join(' && ')})`;
      }
      default:
        return null;
    }
  }
}

/** The states of a state value; null for one that names none. */
const below = (root: StateModel, value: unknown): readonly StateModel[] | null => {
  const plain = typeof value === 'string' ? valueAlong(value) : value;
  const named = statesNamedBy(root, plain);
  return named.length > 0 && named.length === sizeOf(plain) ? named : null;
};

/** `lit.dim` is `{ lit: 'dim' }`. */
const valueAlong = (path: string): unknown =>
  path
    .split(/(?<!\\)\./)
    .map((key) => key.replaceAll('\\.', '.'))
    .reduceRight<unknown>((inside, key) => (inside === null ? key : { [key]: inside }), null);

const sizeOf = (value: unknown): number =>
  typeof value === 'string'
    ? 1
    : Object.values(value ?? {}).reduce<number>((size, inside) => size + 1 + sizeOf(inside), 0);

/** All states inside a region of this state, or of one below it. */
const insideRegions = (state: StateModel): readonly StateModel[] =>
  state.type === 'parallel' ? state.states.flatMap(withAllBelow) : state.states.flatMap(insideRegions);

const withAllBelow = (state: StateModel): readonly StateModel[] => [
  state,
  ...state.states.flatMap(withAllBelow),
];
