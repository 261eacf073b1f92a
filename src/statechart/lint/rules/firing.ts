import { isMatch, isWildcard, typesFor } from '../../read/event-match.ts';
import type { StateModel, TransitionModel } from '../../read/model.ts';
import type { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import { conjunction, mayHold, negation } from '../formula.ts';
import { childrenOf } from '../structure.ts';
import { branchText, eventText } from '../words.ts';

export const transitionNeverFires: Rule = {
  name: 'transition-never-fires',
  severity: 'error',
  description: 'A transition that can never be taken, because something else always comes first.',
  check: (facts) =>
    facts.transitions
      .filter((each) => facts.canBeEntered(facts.state(each.source)) && !facts.canBeTaken(each))
      .map((each) => ({
        state: each.source,
        transition: each.id,
        message: `${branchText(facts, each)} can never be taken: ${reasonFor(facts, each)}`,
      })),
};

const reasonFor = (facts: Facts, transition: TransitionModel): string => {
  const source = facts.state(transition.source);
  const name = facts.name(source.id);
  if (transition.kind === 'done') return doneReason(facts, transition);
  if (facts.formula(transition) === false)
    return 'its guard is false whatever happens. Mend the guard, or remove the branch.';
  const passed = facts.around(source).find((each) => facts.isPassedThrough(each));
  if (transition.kind !== 'always' && passed !== undefined) {
    return `an always transition without a guard leads out of ${facts.name(passed.id)} at once, before any event. Give it a guard, or remove this transition.`;
  }
  if (transition.kind !== 'always' && !facts.canRest(source))
    return `the machine never waits in ${name}: it has stopped by then, or always transitions lead on at once. Remove it.`;
  const type = typesFor(transition.eventType, facts.descriptors)[0]!;
  const branches = facts.branchesFor(source, type);
  const earlier = branches.slice(0, branches.indexOf(transition));
  return earlierReason(facts, transition, earlier) ?? insideReason(facts, source, type);
};

const doneReason = (facts: Facts, { trigger: id, source }: TransitionModel): string => {
  const done = facts.states.find((state) => state.id === id);
  if (done === undefined) return `there is no state ${id}. Name one that exists, or remove the transition.`;
  if (done.parent === null) return 'the machine has stopped once its root is done. Remove it.';
  const name = facts.name(id);
  if (done.type === 'parallel')
    return `${name} is never done, since not each of its regions can reach a final state. Add final states, or remove it.`;
  return done.type === 'compound' && facts.canBeEntered(facts.state(source))
    ? `${name} is never done, since no final state in it can be reached. Make one of its states final, or remove it.`
    : `${name} has no states inside, so it is never done. Use always, or invoke an actor and use its onDone.`;
};

/** Why the branches before this one leave nothing to it; null: not they alone. */
const earlierReason = (
  facts: Facts,
  transition: TransitionModel,
  earlier: readonly TransitionModel[],
): string | null => {
  const taker = earlier.find((each) => facts.formula(each) === true);
  if (taker !== undefined) {
    return `${branchText(facts, taker)} has no guard and takes every ${eventText(transition)} first. Move it behind this one, or give it a guard.`;
  }
  const own = facts.formula(transition);
  const twin = earlier.find((each) => !mayHold(conjunction([own, negation(facts.formula(each))])));
  if (twin !== undefined) {
    return `whenever its guard holds, that of ${branchText(facts, twin)} holds as well, which comes first. Swap them, or change a guard.`;
  }
  const others = earlier.map((each) => negation(facts.formula(each)));
  if (!mayHold(conjunction(others)))
    return `one of the ${earlier.length} branches before it always holds. Remove it, or change a guard.`;
  return mayHold(conjunction([own, ...others]))
    ? null
    : 'whenever its guard holds, an earlier branch holds as well. Change the order, or a guard.';
};

const insideReason = (facts: Facts, source: StateModel, type: string): string => {
  const takers = childrenOf(source).filter(
    (child) => facts.canBeEntered(child) && !mayHold(facts.refusal(child, type)),
  );
  const name = facts.name(source.id);
  const what = type === '' ? 'step' : 'such event';
  if (source.type === 'parallel' && takers.length > 0) {
    return `region ${facts.name(takers[0]!.id)} takes every ${what} first, and ${name} is asked only when no region does. Handle it there, or give that one a guard.`;
  }
  if (
    takers.length > 0 &&
    takers.length === childrenOf(source).filter((child) => facts.canBeEntered(child)).length
  ) {
    return `every state inside ${name} takes every ${what} first (${takers
      .map(({ key }) => key)
      .slice(0, 4)
      .join(', ')}${takers.length > 4 ? ', …' : ''}). Remove it, or let one of them leave the event alone.`;
  }
  return `whatever is active inside ${name} takes every ${what} for which it could be enabled. Remove it, or let the states inside leave the event alone.`;
};

export const wildcardHides: Rule = {
  name: 'wildcard-hides',
  severity: 'warning',
  description:
    'A wildcard that also takes the events of timers and actors which a state around it waits for.',
  check: (facts) =>
    facts.transitions
      .filter(({ kind, trigger, asks }) => kind === 'event' && isWildcard(trigger) && asks === null)
      .filter((each) => facts.canBeTaken(each))
      .flatMap((each) => hiddenBy(facts, each)),
};

const hiddenBy = (facts: Facts, wild: TransitionModel): readonly Problem[] => {
  const outer = facts.around(facts.state(wild.source)).slice(1);
  const hidden = outer
    .flatMap(({ transitions }) => transitions)
    .filter(
      (each) =>
        (each.kind === 'after' || each.kind === 'invoke') &&
        isMatch(wild.eventType, each.eventType) &&
        facts.canBeTaken(each),
    );
  const [first] = hidden;
  if (first === undefined) return [];
  const more = hidden.length > 1 ? ` and ${hidden.length - 1} more` : '';
  return [
    {
      state: wild.source,
      transition: wild.id,
      message: `${branchText(facts, wild)} also takes the events that XState sends itself, so while ${facts.name(wild.source)} is active, ${branchText(facts, first)}${more} is not taken. Name the events, or use a common prefix such as user.*.`,
    },
  ];
};

export const badWildcard: Rule = {
  name: 'bad-wildcard',
  severity: 'error',
  description: 'An event with a star that XState does not read as a wildcard.',
  check: (facts) =>
    facts.transitions
      .filter(({ kind, trigger, branch }) => kind === 'event' && branch === 0 && isMeantAsWildcard(trigger))
      .map((each) => ({
        state: each.source,
        transition: each.id,
        message: `State ${facts.name(each.source)} handles ${each.trigger}, which matches no event but one of that very name: a star is a wildcard only alone or after the last dot. Write ${suggestionFor(each.trigger)}.`,
      })),
};

/** A star where others know wildcards, as in `mouse*` and `user.*.saved`; in other names it is a letter. */
const isMeantAsWildcard = (trigger: string): boolean =>
  !isWildcard(trigger) && /^(?:[\w-]+\.)*[\w-]+\*$|^\*\.|\.\*\./.test(trigger);

const suggestionFor = (trigger: string): string => {
  const prefix = trigger.slice(0, trigger.indexOf('*')).replace(/\.$/, '');
  return prefix === '' ? '*' : `${prefix}.*`;
};
