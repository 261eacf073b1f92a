import { deepEqual } from 'fast-equals';
import { branchesFor } from '../read/event-match.ts';
import {
  type ActionModel,
  type ChartModel,
  type StateModel,
  statesBelow,
  statesNamedBy,
  type TransitionModel,
} from '../read/model.ts';
import type { ActorEvent, ActorSnapshot } from './news.ts';

/**
 * The transition that led from one snapshot to the next, where these and the event leave only one; null where there is more than one that
 * could have, or none. Guards are not known: what counts is which branches come first, and where each would have led.
 */
export const toldTransition = (
  chart: ChartModel,
  before: ActorSnapshot,
  event: ActorEvent,
  after: ActorSnapshot,
): TransitionModel | null => {
  const states = [chart.root, ...statesNamedBy(chart.root, before.value)];
  const offers = offersIn(states, event.type);
  if (offers === null) return null;
  const isForced = offers.some(({ guard }) => guard === null);
  const possible = offers.filter((each) => couldLead(chart, each, states, before, after));
  const isIgnoredMaybe = !isForced && deepEqual(before.value, after.value) && isSameContext(before, after);
  return possible.length === 1 && !isIgnoredMaybe ? possible[0]! : null;
};

/** What the event may take, in the order in which it is tried; null where several regions may each take one. */
const offersIn = (states: readonly StateModel[], type: string): readonly TransitionModel[] | null => {
  // No event is of the empty type.
  if (type === '') return [];
  const takers = states
    .map((state) => ({ state, transitions: branchesFor(state, type) }))
    .filter(({ transitions }) => transitions.length > 0)
    .toReversed();
  const isChain = takers.every(({ state }, at) => at === 0 || isBelow(takers[at - 1]!.state, state));
  if (!isChain) return null;
  // Regions beside each other all see the event: one in which nothing matches lets it pass to the state around them.
  const all = takers.flatMap(({ transitions }) => transitions);
  const last = all.findIndex(({ guard }) => guard === null);
  return last < 0 ? all : all.slice(0, last + 1);
};

const isBelow = (inner: StateModel, { path }: StateModel): boolean =>
  path.every((key, at) => inner.path[at] === key);

/** False only where it is certain that the transition would have led elsewhere. */
const couldLead = (
  chart: ChartModel,
  transition: TransitionModel,
  states: readonly StateModel[],
  before: ActorSnapshot,
  after: ActorSnapshot,
): boolean => {
  const all = new Map(statesBelow(chart.root).map((state) => [state.id, state]));
  const entered = enteredBy(transition, all);
  if (entered === null) return true;
  const now = new Set([chart.root, ...statesNamedBy(chart.root, after.value)]);
  const isThere =
    transition.targets.length === 0
      ? deepEqual(before.value, after.value)
      : entered.every((state) => now.has(state));
  const doesNothing = transition.targets.length === 0 && transition.actions.length === 0;
  if (isThere) return !doesNothing || isSameContext(before, after);
  return movesOn(transition.targets.length === 0 ? states : entered, transition, all, now);
};

/** The states that a transition leads into; null where that depends on what was before. */
const enteredBy = (
  { targets }: TransitionModel,
  all: ReadonlyMap<string, StateModel>,
): readonly StateModel[] | null => {
  const found: StateModel[] = [];
  const enter = (id: string): boolean => {
    const state = all.get(id);
    if (state === undefined || state.type === 'history') return false;
    found.push(state);
    return state.initial.every(enter);
  };
  return targets.every(enter) ? found : null;
};

/** Whether what follows by itself, or by an event that an action may raise, could have led on from these states to where the actor is now. */
const movesOn = (
  here: readonly StateModel[],
  transition: TransitionModel,
  all: ReadonlyMap<string, StateModel>,
  now: ReadonlySet<StateModel>,
): boolean => {
  const around = new Set<StateModel>(here);
  for (const state of here) {
    for (let at = state.parent; at !== null; at = all.get(at)?.parent ?? null) {
      const outer = all.get(at);
      if (outer !== undefined) around.add(outer);
    }
  }
  const next = [...around].flatMap((state) => state.transitions);
  if (next.some(({ kind }) => kind === 'always' || kind === 'done')) return true;
  const actions = [
    ...transition.actions,
    ...here.flatMap(({ entry, initialActions }) => [...entry, ...initialActions]),
  ];
  if (actions.some(({ raises, own }) => raises !== null || own?.kind === 'enqueueActions')) return true;
  const isUnknown = actions.some(({ own }: ActionModel) => own === null);
  return (
    isUnknown &&
    next.some(({ targets }) => targets.some((target) => [...now].some(({ id }) => id === target)))
  );
};

const isSameContext = (before: ActorSnapshot, after: ActorSnapshot): boolean =>
  deepEqual(before.context, after.context);
