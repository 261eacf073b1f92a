import type { Written } from './written.ts';

/** A chart as plain data: what the walker reads from a machine, and all that a renderer knows of it. */
export interface ChartModel {
  readonly id: string;
  readonly root: StateModel;
  /** The initial context, or the function that makes it; null for none. */
  readonly context: Written | null;
  /** As the chart writes it; null for none. */
  readonly version: string | null;
  /** What is bound to the chart's names. */
  readonly bound: Bound;
  /** Names in the order of their first use in the chart. */
  readonly events: readonly string[];
  readonly guards: readonly string[];
  readonly actions: readonly string[];
  readonly delays: readonly string[];
}

/** What is bound to names, each by its name. A name of the chart that is not among them is provided where the chart is run. */
export interface Bound {
  readonly guards: Readonly<Record<string, GuardModel>>;
  readonly actions: Readonly<Record<string, ActionModel>>;
  readonly delays: Readonly<Record<string, Written>>;
  readonly actors: Readonly<Record<string, ActorModel>>;
}

export type StateType = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

export interface StateModel {
  /** The path from the root, joined by dots, such as `lamp.lit.dim`, or the id that the chart gives. */
  readonly id: string;
  readonly key: string;
  /** Keys from the root, which itself has none. */
  readonly path: readonly string[];
  readonly parent: string | null;
  readonly type: StateType;
  readonly history: 'shallow' | 'deep' | null;
  readonly description: string | null;
  /** `meta.rule`: where the rule stands. */
  readonly rule: string | null;
  readonly tags: readonly string[];
  readonly entry: readonly ActionModel[];
  readonly exit: readonly ActionModel[];
  readonly invokes: readonly InvokeModel[];
  /**
   * Ids of the states that are entered with this one: of a compound state one below it, of a parallel state all regions. Of a history state, those
   * that are entered while there is nothing to remember, which is its `target`, or else what its parent starts in.
   */
  readonly initial: readonly string[];
  /** What the way into `initial` does. */
  readonly initialActions: readonly ActionModel[];
  /** Of a final state, or of the root: what is handed on when it is done; null for nothing. */
  readonly output: Written | null;
  /** `meta`, less its `rule`; null for nothing else. */
  readonly meta: Written | null;
  /** Eventless ones first, then each trigger with its branches in order. */
  readonly transitions: readonly TransitionModel[];
  readonly states: readonly StateModel[];
}

export interface ActionModel {
  /** The name that the chart uses; `raise(x)` or `inline assign` where it uses none. */
  readonly name: string;
  /** The event that the action raises: a name, `dynamic` when computed, null for an action that raises none. */
  readonly raises: string | null;
  readonly params: Written | null;
  /** What it does, where the chart writes that instead of a name; null for a name. */
  readonly own: OwnAction | null;
}

/** An action of XState's own, or a function. */
export interface OwnAction {
  /** `function` for any that XState did not make. */
  readonly kind:
    | 'assign'
    | 'raise'
    | 'sendTo'
    | 'emit'
    | 'log'
    | 'cancel'
    | 'spawnChild'
    | 'stopChild'
    | 'enqueueActions'
    | 'function';
  /**
   * What it was made with, by XState's own words, such as `to`, `event`, `delay` and `id` of a `sendTo`; those that were left out are
   * missing. The one part of a function is its `source`.
   */
  readonly parts: Readonly<Record<string, Written>>;
}

/** What a guard asks. */
export type GuardModel =
  | { readonly kind: 'named'; readonly name: string; readonly params: Written | null }
  | { readonly kind: 'and' | 'or' | 'not'; readonly guards: readonly GuardModel[] }
  | { readonly kind: 'stateIn'; readonly state: Written }
  | { readonly kind: 'function'; readonly source: Written };

export interface InvokeModel {
  readonly id: string;
  /** The name that the chart uses; `inline actor` and the like where it uses none. */
  readonly source: string;
  readonly systemId: string | null;
  readonly input: Written | null;
  /** The actor itself, where the chart writes it instead of a name; null for a name. */
  readonly own: ActorModel | null;
}

/** What an actor runs. */
export type ActorModel =
  /** A machine inside one of itself is not read again: its chart is null. */
  | { readonly kind: 'machine'; readonly id: string; readonly chart: ChartModel | null }
  /** `source` is the function that it was made of. `other`: of no creator of XState's. */
  | { readonly kind: LogicKind | 'other'; readonly source: Written };

/** What `fromPromise` and the like make; `transition` is a reducer. */
export type LogicKind = 'promise' | 'callback' | 'observable' | 'transition';

/** How a transition comes about. */
export type TriggerKind = 'always' | 'event' | 'after' | 'done' | 'invoke';

export interface TransitionModel {
  /** Unique and the same in every rendering: `source/trigger/branch`. */
  readonly id: string;
  readonly source: string;
  readonly kind: TriggerKind;
  /** The event as written, the delay of an `after`, the id of what is done; empty for `always`. */
  readonly trigger: string;
  /** The event type as XState matches it. */
  readonly eventType: string;
  /** Of what an actor tells: its id where the chart gives one, otherwise what it runs. Null for any other event. */
  readonly actor: string | null;
  /** Position among the branches of this trigger, from 0 on. */
  readonly branch: number;
  readonly branches: number;
  /** In words: its name, `not(isDark)`, `inline guard`. */
  readonly guard: string | null;
  /** The same by its parts. */
  readonly asks: GuardModel | null;
  readonly actions: readonly ActionModel[];
  /** `meta`, less its `rule`; null for nothing else. */
  readonly meta: Written | null;
  /** Ids; none for a transition that stays. */
  readonly targets: readonly string[];
  readonly reenter: boolean;
  readonly description: string | null;
  readonly rule: string | null;
  /** What the guard asks: two branches with one question get one answer. Null where nobody can tell, as of a function without a name. */
  readonly question: string | null;
}

/** A state and all below it, in document order. */
export const statesBelow = (state: StateModel): readonly StateModel[] => [
  state,
  ...state.states.flatMap(statesBelow),
];

/** All transitions of a chart, in document order. */
export const transitionsOf = (chart: ChartModel): readonly TransitionModel[] =>
  statesBelow(chart.root).flatMap((state) => state.transitions);

/** The state with this id; a missing one is our own bug, since every id comes from the same walk. */
export const stateOf = (chart: ChartModel, id: string): StateModel => {
  const state = statesBelow(chart.root).find((each) => each.id === id);
  if (state === undefined) throw new Error(`expected a state of ${chart.id}, got ${id}`);
  return state;
};

/** The states below `state` that a state value names, those around others first: `{ lit: { lamp: 'dim' } }` is three of them. */
export const statesNamedBy = <State extends { readonly key: string; readonly states: readonly State[] }>(
  state: State,
  value: unknown,
): readonly State[] => {
  const inside: readonly (readonly [key: string, below: unknown])[] =
    typeof value === 'string' ? [[value, {}]] : Object.entries(value ?? {});
  return inside.flatMap(([key, below]) => {
    const child = state.states.find((each) => each.key === key);
    return child === undefined ? [] : [child, ...statesNamedBy(child, below)];
  });
};

/** The state just below the root that holds `id`; null for the root itself. */
export const topStateOf = (chart: ChartModel, id: string): StateModel | null =>
  chart.root.states.find((top) => statesBelow(top).some((state) => state.id === id)) ?? null;

/** True if the transition leads from one top-level state to another, or from the root to a certain one. */
export const changesTopState = (chart: ChartModel, transition: TransitionModel): boolean =>
  transition.targets.some((target) => topStateOf(chart, target) !== topStateOf(chart, transition.source));

/** True for a deliberate nothing: it goes nowhere, and all that it does is called `ignore`. */
export const isIgnored = (transition: TransitionModel): boolean =>
  transition.targets.length === 0 && transition.actions.every(({ name }) => name === 'ignore');
