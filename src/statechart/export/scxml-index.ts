import { isWildcard } from '../read/event-match.ts';
import {
  type ActionModel,
  type ChartModel,
  type InvokeModel,
  type OwnAction,
  type StateModel,
  statesBelow,
  type TransitionModel,
} from '../read/model.ts';
import { NotSayable } from './not-sayable.ts';
import { scxmlId } from './scxml-names.ts';

/** A chart by the ids of its document: of states, of actors that run in it, of events on their way. All of them are unique in it. */
export class ScxmlIndex {
  readonly chart: ChartModel;
  readonly states: readonly StateModel[];
  readonly #byId = new Map<string, StateModel>();
  readonly #actors = new Map<
    string,
    { readonly state: string; readonly at: number; readonly id: string }[]
  >();
  readonly #sends = new Map<string, string[]>();
  readonly #written = new Map<string, number>();
  readonly #taken = new Set<string>();

  constructor(chart: ChartModel) {
    this.chart = chart;
    this.states = statesBelow(chart.root);
    for (const state of this.states) {
      if (this.#byId.has(state.id)) throw unsayable('two states with one id', state.id);
      this.#byId.set(state.id, state);
      this.#taken.add(scxmlId(state.id));
    }
    for (const { id, invokes } of this.states) {
      for (const [at, invoke] of invokes.entries()) {
        const actors = this.#actors.get(invoke.id) ?? [];
        this.#actors.set(invoke.id, [...actors, { state: id, at, id: this.#take(scxmlId(invoke.id)) }]);
      }
    }
    for (const { transitions } of this.states) {
      for (const { kind, eventType } of transitions)
        if (kind === 'after') this.#taken.add(scxmlId(eventType));
    }
    for (const id of this.states
      .flatMap((state) => actionsOf(state))
      .flatMap((action) => this.#sendIdOf(action)))
      this.#sends.set(id, [...(this.#sends.get(id) ?? []), this.#take(scxmlId(id))]);
  }

  /** The id asked for, or the same with a number behind it. */
  #take(wanted: string): string {
    let id = wanted;
    for (let number = 2; this.#taken.has(id); number++) id = `${wanted}_x${number}`;
    this.#taken.add(id);
    return id;
  }

  stateOf(id: string): StateModel {
    const state = this.#byId.get(id);
    if (state === undefined) throw new Error(`expected a state of ${this.chart.id}, got ${id}`);
    return state;
  }

  /** From the state around `id` up to the root. */
  ancestorsOf(id: string): readonly StateModel[] {
    const { parent } = this.stateOf(id);
    return parent === null ? [] : [this.stateOf(parent), ...this.ancestorsOf(parent)];
  }

  isBelow(id: string, ancestor: string): boolean {
    return this.ancestorsOf(id).some((each) => each.id === ancestor);
  }

  /** What an action does: of a name, what is bound to it. Null for a name without anything. */
  ownOf({ own, name }: ActionModel): OwnAction | null {
    return own ?? this.chart.bound.actions[name]?.own ?? null;
  }

  actorIdOf(state: StateModel, invoke: InvokeModel): string {
    const at = state.invokes.indexOf(invoke);
    return this.#actors.get(invoke.id)!.find((actor) => actor.state === state.id && actor.at === at)!.id;
  }

  /** The actors that XState calls `id`, each with its state; those of `state` alone if it has any. */
  actorsCalled(id: string, state: string | null): readonly { readonly state: string; readonly id: string }[] {
    const actors = this.#actors.get(id) ?? [];
    const own = actors.filter((actor) => actor.state === state);
    return own.length > 0 ? own : actors;
  }

  /** Of the next event that is sent under this id; each place that sends one has its own. */
  nextSendId(id: string): string {
    const number = this.#written.get(id) ?? 0;
    this.#written.set(id, number + 1);
    return this.#sends.get(id)![number]!;
  }

  /** All that are sent under this id. */
  sendIds(id: string): readonly string[] {
    return this.#sends.get(id) ?? [];
  }

  #sendIdOf(action: ActionModel): readonly string[] {
    const own = this.ownOf(action);
    if (own === null || !['raise', 'sendTo'].includes(own.kind)) return [];
    const id = textOf(own, 'id');
    return id === null || own.parts.delay === undefined ? [] : [id];
  }
}

/** Part of an action that is a text; null for none, or for one that is computed. */
export const textOf = (own: OwnAction, part: string): string | null => {
  const written = own.parts[part];
  if (written === undefined || written.kind === 'function' || written.json === null) return null;
  const value: unknown = JSON.parse(written.json);
  return typeof value === 'string' ? value : null;
};

/** In the order of the document. */
const actionsOf = (state: StateModel): readonly ActionModel[] => [
  ...state.entry,
  ...state.exit,
  ...initialActionsWritten(state),
  ...transitionsInOrder(state).flatMap(({ actions }) => actions),
];

/** Those of the way into a state are also those of a history of it that leads the same way. */
const initialActionsWritten = (state: StateModel): readonly ActionModel[] => [
  ...state.initialActions,
  ...state.states.filter((child) => followsInitial(child, state)).flatMap(() => state.initialActions),
];

/** True for a history state that leads where its parent starts, while there is nothing to remember. */
export const followsInitial = (history: StateModel, parent: StateModel): boolean =>
  history.type === 'history' && history.initial.join() === parent.initial.join();

/**
 * As XState asks them: eventless ones, exact events, then wildcards from the longest to the shortest. SCXML asks in the order of the
 * document.
 */
export const transitionsInOrder = (state: StateModel): readonly TransitionModel[] => {
  const length = ({ kind, eventType }: TransitionModel): number =>
    kind === 'always' || !isWildcard(eventType) ? Number.POSITIVE_INFINITY : eventType.length;
  // Two infinities make no number.
  return state.transitions.toSorted((a, b) => (length(a) === length(b) ? 0 : length(b) - length(a)));
};

export const unsayable = (feature: string, place: string): NotSayable =>
  new NotSayable('SCXML', feature, place);
