import { type StateModel, statesBelow, type TransitionModel } from '../../read/model.ts';
import type { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import { childrenOf } from '../structure.ts';

export const unreachableState: Rule = {
  name: 'unreachable-state',
  severity: 'error',
  description: 'A state that is never entered: nothing that can happen leads to it.',
  check: (facts) =>
    facts.states
      .filter((state) => !facts.canBeEntered(state))
      // What is inside such a state goes without saying.
      .filter(({ parent }) => parent === null || facts.canBeEntered(facts.state(parent)))
      .map((state) => ({ state: state.id, message: unreachableText(facts, state) })),
};

const unreachableText = (facts: Facts, state: StateModel): string => {
  const inside = statesBelow(state).map(({ id }) => id);
  const outside = facts.transitions.filter(
    ({ source, targets }) => !inside.includes(source) && targets.some((target) => inside.includes(target)),
  );
  const what = state.type === 'history' ? 'The history state' : 'State';
  const name = facts.name(state.id);
  if (outside.length === 0) {
    const others = inside.length > 1 ? `, nor to one of the ${inside.length - 1} states inside it` : '';
    return `${what} ${name} is never entered: no transition from outside leads to it${others}, and it is not initial. Add a transition to it, or remove it.`;
  }
  const [first] = outside;
  const from = facts.name(first!.source);
  const reason = facts.canBeEntered(facts.state(first!.source))
    ? `${first!.id} can never be taken`
    : `${from} is never entered itself`;
  return `${what} ${name} is never entered: only ${outside.length === 1 ? from : `${from} and others`} would lead to it, and ${reason}. Mend that, or remove ${name}.`;
};

export const deadEnd: Rule = {
  name: 'dead-end',
  severity: 'warning',
  description: 'A state that cannot be left, in which nothing happens any more, and which is not final.',
  check: (facts) =>
    facts.states.filter((state) => isDeadEnd(facts, state)).map((state) => deadEndAt(facts, state)),
};

const deadEndAt = (facts: Facts, { id }: StateModel): Problem => ({
  state: id,
  message: `State ${facts.name(id)} cannot be left and does nothing: no transition of it or of a state around it leads out. Write type: 'final' if it is an end, or add a way out.`,
});

const isDeadEnd = (facts: Facts, state: StateModel): boolean => {
  const { type, parent, transitions, invokes } = state;
  if (type !== 'atomic' || parent === null || !facts.canBeEntered(state)) return false;
  const outer = facts.state(parent);
  // A lonely state has nowhere to go, and a region of one state is always on.
  if (outer.type === 'parallel' || childrenOf(outer).length === 1) return false;
  // What still listens or runs is not at its end.
  if (invokes.length > 0 || transitions.length > 0) return false;
  return !facts.transitions.some((each) => facts.canBeTaken(each) && leadsOut(facts, each, state));
};

/** Whether a transition of a state around this one, or of another region, moves the chart out of it, and not only in again. */
const leadsOut = (facts: Facts, transition: TransitionModel, state: StateModel): boolean => {
  const { source, targets } = transition;
  const isAround = facts.isWithin(state.id, source);
  const shared = facts.around(state).find((each) => facts.isWithin(source, each.id))!;
  if (!isAround && shared.type !== 'parallel') return false;
  return facts.exits(transition, state) && targets.some((target) => target !== state.id);
};
