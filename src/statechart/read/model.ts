/** A chart as plain data: what the walker reads from a machine, and all that a renderer knows of it. */
export interface ChartModel {
  readonly id: string;
  readonly root: StateModel;
  /** Names in the order of their first use in the chart. */
  readonly events: readonly string[];
  readonly guards: readonly string[];
  readonly actions: readonly string[];
  readonly delays: readonly string[];
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
  /** Ids of the children that are entered with this state; several for a parallel state, the default of a history state. */
  readonly initial: readonly string[];
  /** Eventless ones first, then each trigger with its branches in order. */
  readonly transitions: readonly TransitionModel[];
  readonly states: readonly StateModel[];
}

export interface ActionModel {
  /** The name that the chart uses; `raise(x)` or `inline assign` where it uses none. */
  readonly name: string;
  /** The event that the action raises: a name, `dynamic` when computed, null for an action that raises none. */
  readonly raises: string | null;
  /** Static params as JSON, `computed`, or null. */
  readonly params: string | null;
}

export interface InvokeModel {
  readonly id: string;
  readonly source: string;
}

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
  /** Position among the branches of this trigger, from 0 on. */
  readonly branch: number;
  readonly branches: number;
  readonly guard: string | null;
  readonly actions: readonly ActionModel[];
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
export const statesNamedBy = (state: StateModel, value: unknown): readonly StateModel[] => {
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
