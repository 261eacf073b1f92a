import type { StateModel, TransitionModel } from '../read/model.ts';
import { type ScxmlIndex, unsayable } from './scxml-index.ts';

/*
 * States for which SCXML has no words, since an interpreter would do something else than XState. Each throws `NotSayable` for one of them.
 */

/** SCXML says of the state around a final state's own that it is done, never of one further out. */
export const refuseUnlikeDone = ({ id, type, states, transitions, parent }: StateModel): void => {
  const waits = parent !== null && transitions.some(({ kind }) => kind === 'done');
  if (type === 'parallel' && waits && states.some((region) => region.type === 'parallel'))
    throw unsayable('the end of a state with regions one of which has regions itself', id);
};

/** XState does what the way into a region does only if the state around is entered by itself; SCXML also with another region. */
export const refuseSkippedInitial = (index: ScxmlIndex, { id, parent }: StateModel): void => {
  if (parent === null) return;
  const around = index.stateOf(parent);
  const isAimedInside = index.states
    .flatMap(({ type, initial, transitions }) => [
      ...transitions.flatMap(({ targets }) => targets),
      ...(type === 'history' ? initial : []),
    ])
    .some((target) => index.isBelow(target, around.id));
  if (around.type === 'parallel' && isAimedInside)
    throw unsayable(
      'actions on the way into a region while a transition leads to a state beside or inside it',
      id,
    );
};

/** What XState remembers it enters without the actions on the way into it, and so it does where a history leads at first. */
export const refuseHistory = (index: ScxmlIndex, state: StateModel, parent: StateModel): void => {
  const skipped = (each: StateModel): boolean => each.type === 'compound' && each.initialActions.length > 0;
  const remembered = state.history === 'shallow' ? parent.states.filter(skipped) : [];
  const first = state.initial.map((id) => index.stateOf(id)).filter(skipped);
  const [at] = [...remembered, ...first];
  if (at !== undefined)
    throw unsayable(
      `a history that leads into ${at.id}, which has actions on the way into its first state`,
      state.id,
    );
};

/** A final state of SCXML only ends; and the end of a region is an event of its own there, which a wildcard would take. */
export const refuseFinal = (index: ScxmlIndex, state: StateModel): void => {
  if (state.transitions.length > 0 || state.invokes.length > 0)
    throw unsayable('transitions or actors of a final state', state.id);
  const isAnyEnd = ({ trigger }: TransitionModel): boolean => trigger === '*';
  if (isRegion(index, state) && index.states.some(({ transitions }) => transitions.some(isAnyEnd)))
    throw unsayable('a region that is a final state, whose end a wildcard takes', state.id);
};

export const isRegion = (index: ScxmlIndex, { parent }: StateModel): boolean =>
  parent !== null && index.stateOf(parent).type === 'parallel';
