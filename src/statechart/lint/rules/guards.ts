import type { StateModel, TransitionModel } from '../../read/model.ts';
import type { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import {
  type Assignment,
  atomsOf,
  conjunction,
  domainsOf,
  type Formula,
  holds,
  mayHold,
  negation,
  type Sample,
  solutionOf,
} from '../formula.ts';
import { formulaOf } from '../guard-formula.ts';
import { branchText } from '../words.ts';

/** The branches of one trigger of a state, in order. */
const handlersOf = ({ transitions }: StateModel): readonly (readonly TransitionModel[])[] => [
  ...Map.groupBy(transitions, ({ eventType }) => eventType).values(),
];

/** What a branch asks, what is bound to its names included. */
const meaning = (facts: Facts, { asks, id }: TransitionModel): Formula =>
  formulaOf(asks, id, facts.chart.bound);

/** Whether a guard is understood down to the values that it reads. */
const isUnderstood = (formula: Formula): boolean =>
  typeof formula !== 'boolean' && atomsOf(formula).every(({ mentions }) => mentions.length > 0);

export const overlappingGuards: Rule = {
  name: 'overlapping-guards',
  severity: 'info',
  description:
    'Two branches whose guards can be shown to hold at the same time, so that their order decides.',
  check: (facts) => facts.states.flatMap(handlersOf).flatMap((branches) => overlapsIn(facts, branches)),
};

const overlapsIn = (facts: Facts, branches: readonly TransitionModel[]): readonly Problem[] => {
  const taken = branches.filter((each) => each.asks !== null && facts.canBeTaken(each));
  return taken.slice(1).flatMap((later, at) => {
    const own = meaning(facts, later);
    const rival = taken.slice(0, at + 1).find((earlier) => overlaps(meaning(facts, earlier), own));
    if (rival === undefined) return [];
    const values = solutionOf(conjunction([meaning(facts, rival), own]));
    return [
      {
        state: later.source,
        transition: later.id,
        message: `${branchText(facts, later)} and ${branchText(facts, rival)} can both hold (${valuesText(values as Assignment)}): their order decides. Make the guards exclude each other, or say in the description that the order matters.`,
      },
    ];
  });
};

/**
 * Both can hold, each can hold without the other, and they speak of the same: a guard for a part of another's cases, as in "more than 10, more than 5", is
 * written in that order on purpose.
 */
const overlaps = (one: Formula, other: Formula): boolean =>
  isUnderstood(one) &&
  isUnderstood(other) &&
  shareVariables(one, other) &&
  isShown(conjunction([one, other])) &&
  isShown(conjunction([one, negation(other)])) &&
  isShown(conjunction([negation(one), other]));

const isShown = (formula: Formula): boolean => {
  const found = typeof formula === 'boolean' ? null : solutionOf(formula);
  return found !== null && found !== 'tooMany';
};

const shareVariables = (one: Formula, other: Formula): boolean => {
  const [mine, theirs] = [one, other].map((each) =>
    [...new Set(atomsOf(each).map(({ variable }) => variable))].sort(),
  );
  return mine!.join() === theirs!.join();
};

const valuesText = (values: Assignment): string =>
  [...values].map(([variable, value]) => `${variable} is ${sampleText(value)}`).join(', ');

const sampleText = (value: Sample): string =>
  typeof value === 'string' ? JSON.stringify(value) : String(value);

export const guardHole: Rule = {
  name: 'guard-hole',
  severity: 'warning',
  description:
    'Guards that leave a case without a branch: a value between two others, or a state in which nothing goes on.',
  check: (facts) => facts.states.flatMap((state) => [...gapsIn(facts, state), ...stuckIn(facts, state)]),
};

/** Branches that compare one number and leave out what is between the numbers that they take. */
const gapsIn = (facts: Facts, state: StateModel): readonly Problem[] =>
  handlersOf(state).flatMap((branches) => {
    const formulas = branches.map((each) => meaning(facts, each));
    if (branches.length < 2 || !formulas.every(isUnderstood)) return [];
    const any: Formula = { op: 'or', parts: formulas };
    const domains = domainsOf(any);
    const [first] = domains;
    if (first === undefined || domains.length > 1) return [];
    const [variable, values] = first;
    const gap = gapOf(values, (value) => holds(any, new Map([[variable, value]])));
    if (gap === null) return [];
    return [
      {
        state: state.id,
        transition: branches[0]!.id,
        message: `${branchText(facts, branches[0]!)} and the branches after it leave out the case that ${variable} is ${gap}: no guard holds then. Add a branch without a guard, or mend a comparison.`,
      },
    ];
  });

/** A number that is refused between numbers that are taken. */
const gapOf = (values: readonly Sample[], isTaken: (value: Sample) => boolean): number | null => {
  const numbers = values.filter((value) => typeof value === 'number').toSorted((a, b) => a - b);
  // Whether a number is whole is not known, so only whole ones are claimed, unless the guards write fractions.
  const first = numbers.findIndex(isTaken);
  const last = numbers.findLastIndex(isTaken);
  return (
    numbers.slice(Math.max(first, 0), last + 1).find((value) => !isTaken(value) && Number.isInteger(value)) ??
    null
  );
};

/** A state that nothing but guarded transitions which are asked once lead out of. */
const stuckIn = (facts: Facts, state: StateModel): readonly Problem[] => {
  if (state.type !== 'atomic' || state.parent === null || !facts.canRest(state)) return [];
  const around = facts.around(state);
  // Other regions may change what a guard asks, and so may events and actors.
  if (around.some(({ type }) => type === 'parallel')) return [];
  const all = around.flatMap(({ transitions }) => transitions);
  const once = all.filter(({ kind }) => kind === 'always' || kind === 'after');
  if (all.length !== once.length || around.some(({ invokes }) => invokes.length > 0)) return [];
  const out = once.filter(({ targets }) => targets.length > 0);
  const [first] = out;
  if (first === undefined || out.some((each) => facts.formula(each) === true)) return [];
  if (!mayHold(conjunction(out.map((each) => negation(meaning(facts, each)))))) return [];
  const name = facts.name(state.id);
  return [
    {
      state: state.id,
      transition: first.id,
      message: `State ${name} is left only by ${branchText(facts, first)}${out.length > 1 ? ` and ${out.length - 1} more with guards` : ''}: if no guard holds on entry, the machine waits there for ever. Add a last branch without a guard, or handle an event.`,
    },
  ];
};

export const constantGuard: Rule = {
  name: 'constant-guard',
  severity: 'warning',
  description: 'A guard written in the chart that is true whatever happens.',
  check: (facts) =>
    facts.transitions.flatMap((each) => {
      const { asks, id, source } = each;
      // A named guard that answers the same may stand for one that is provided later. That a guard never holds is told of its transition.
      if (asks === null || !facts.canBeTaken(each) || mayHold(negation(facts.formula(each)))) return [];
      return [
        {
          state: source,
          transition: id,
          message: `The guard of ${branchText(facts, each)} is true whatever happens. Remove it, or ask what was meant.`,
        },
      ];
    }),
};
