import type { StateModel, TransitionModel } from '../read/model.ts';
import { type ScxmlIndex, unsayable } from './scxml-index.ts';

/** Where a transition leads, as SCXML must be told so that it leaves and enters the states that XState does. */
export interface ScxmlTargets {
  /** Ids of XState; none for a transition that leaves nothing. */
  readonly targets: readonly string[];
  readonly isInternal: boolean;
}

/**
 * XState leaves what is inside the *domain* of a transition: its source if it leads to the source or below and does not re-enter,
 * otherwise the innermost state around source and targets, with regions or without. The domain of SCXML never has regions: it is the innermost
 * state without them around source and targets, or the source of an internal transition from a state without regions to states inside.
 */
export const scxmlTargets = (index: ScxmlIndex, transition: TransitionModel): ScxmlTargets => {
  const { id, kind, targets, reenter } = transition;
  const source = index.stateOf(transition.source);
  if (targets.length === 0) {
    if (kind === 'always') endsByItself(index, transition);
    return { targets, isInternal: false };
  }
  refuseInnerHistory(index, transition);
  const isHere = (target: string): boolean => target === source.id || index.isBelow(target, source.id);
  if (kind === 'always' && targets.every(isHere)) endsByItself(index, transition);
  if (reenter || !targets.every(isHere)) {
    const domain = innermostAround(index, [...targets, source.id]);
    if (domain?.type === 'parallel') refuseVisible(domain, index, id);
    if (!reenter && domain === null) refuseVisibleEntry(index.chart.root, id);
    return { targets, isInternal: false };
  }
  const isSelf = targets.includes(source.id);
  if (isSelf && targets.length > 1) throw unsayable('a transition to a state and to others inside it', id);
  if (source.type === 'parallel') {
    refuseVisible(source, index, id);
    return { targets, isInternal: false };
  }
  if (!isSelf) return { targets, isInternal: true };
  // To itself: its first state anew, itself neither left nor entered.
  return { targets: source.initial, isInternal: source.initial.length > 0 };
};

/** The innermost state that has all of these inside; null for none, as around the root. */
const innermostAround = (index: ScxmlIndex, ids: readonly string[]): StateModel | null =>
  index.ancestorsOf(ids[0]!).find(({ id }) => ids.every((each) => index.isBelow(each, id))) ?? null;

/** SCXML leaves and enters a state with regions that XState stays in: the same if nobody can tell. */
const refuseVisible = (state: StateModel, index: ScxmlIndex, place: string): void => {
  const { states, parent } = state;
  const isRegion = parent !== null && index.stateOf(parent).type === 'parallel';
  if (doesAnything(state) || isRegion || states.some(({ type }) => type === 'history'))
    throw unsayable(
      `a transition that starts the regions of ${state.id} anew and stays in ${state.id}, which has entry, exit, timers, actors or history of its own`,
      place,
    );
};

const doesAnything = ({ entry, exit, invokes, transitions }: StateModel): boolean =>
  entry.length + exit.length + invokes.length > 0 || transitions.some(({ kind }) => kind === 'after');

/** XState enters the root anew without leaving it. */
const refuseVisibleEntry = (root: StateModel, place: string): void => {
  if (doesAnything(root))
    throw unsayable(
      'a transition from below to the root, which has entry, exit, timers or actors of its own',
      place,
    );
};

/** From inside a state to a history of it: where that leads, and so what is left, is known only when it happens. */
const refuseInnerHistory = (index: ScxmlIndex, { id, source, targets }: TransitionModel): void => {
  for (const target of targets) {
    const { type, parent } = index.stateOf(target);
    if (type === 'history' && index.isBelow(source, parent!))
      throw unsayable('a transition to the history of a state from inside that state', id);
  }
};

/** XState takes an eventless transition that changes nothing once, SCXML for ever. One that assigns is taken by both until its guard says no. */
const endsByItself = (index: ScxmlIndex, { id, actions }: TransitionModel): void => {
  if (!actions.some((action) => index.ownOf(action)?.kind === 'assign'))
    throw unsayable('an eventless transition that stays where it is and assigns nothing', id);
};
