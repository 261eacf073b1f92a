import type { StateModel, TransitionModel } from '../../read/model.ts';
import { doneBy, mayChangeContext } from '../actions.ts';
import { cyclesOf } from '../cycles.ts';
import type { Facts } from '../facts.ts';
import type { Problem, Rule } from '../finding.ts';
import { atomsOf, conjunction, mayHold } from '../formula.ts';

/** An eventless transition that a state without children may take. */
interface Step {
  readonly from: StateModel;
  readonly transition: TransitionModel;
  readonly to: readonly StateModel[];
  /** Whether nothing is asked first. */
  readonly isSure: boolean;
}

export const alwaysLoop: Rule = {
  name: 'always-loop',
  severity: 'error',
  description: 'Eventless transitions that lead on for ever, so that the machine hangs.',
  check: (facts) => {
    const steps = facts.states.flatMap((state) => stepsFrom(facts, state));
    return [...circles(facts, steps), ...restless(facts, steps)];
  },
};

const stepsFrom = (facts: Facts, from: StateModel): readonly Step[] => {
  if (from.states.length > 0 || from.type === 'history' || !facts.canBeEntered(from)) return [];
  const steps: Step[] = [];
  let isSure = !facts.hasRivals(from);
  for (const transition of facts.around(from).flatMap((state) => facts.branchesFor(state, ''))) {
    const formula = facts.formula(transition);
    if (formula === false) continue;
    // Where a history state leads depends on what was before.
    if (transition.targets.some((target) => facts.state(target).type === 'history')) return steps;
    steps.push({ from, transition, to: landing(facts, transition), isSure: isSure && formula === true });
    if (formula === true) break;
    isSure = false;
  }
  return steps;
};

/** The states without children in which a transition ends. */
const landing = (facts: Facts, { targets }: TransitionModel): readonly StateModel[] =>
  targets
    .flatMap((target) => facts.activeAfter(target))
    .filter(({ states, type }) => states.length === 0 && type !== 'history');

const circles = (facts: Facts, steps: readonly Step[]): readonly Problem[] => {
  // What ends where it began, in one region at least, does not move the machine on.
  const moves = steps.filter(({ from, to }) => !to.includes(from));
  const cycles = cyclesOf(moves, (step) => moves.filter(({ from }) => step.to.includes(from)));
  const told = new Set<string>();
  return cycles
    .filter((cycle) => new Set(cycle.map(({ from }) => from)).size === cycle.length)
    .flatMap((cycle) => {
      const states = cycle
        .map(({ from }) => from.id)
        .sort()
        .join('\n');
      if (told.has(states)) return [];
      told.add(states);
      const isSure = cycle.every((step) => step.isSure);
      if (!isSure && !mayGoOn(facts, cycle)) return [];
      const names = [...cycle, cycle[0]!].map(({ from }) => facts.name(from.id)).join(' → ');
      const [first] = cycle;
      return [
        {
          state: first!.from.id,
          transition: first!.transition.id,
          message: isSure
            ? `Always transitions without guards lead ${names}, so the machine hangs once it is in one of them. Give one a guard, or let one wait for an event.`
            : `Always transitions lead ${names}, and nothing on the way changes what their guards ask: once they hold, the machine hangs. Change the context on the way, or wait for an event.`,
          ...(isSure ? {} : { severity: 'warning' as const }),
        },
      ];
    });
};

/** Whether all guards of a circle can hold at once and nothing on the way can change that. */
const mayGoOn = (facts: Facts, cycle: readonly Step[]): boolean => {
  const { chart } = facts;
  const formula = conjunction(cycle.map(({ transition }) => facts.chance(transition, '')));
  const readsStates =
    typeof formula !== 'boolean' && atomsOf(formula).some(({ variable }) => variable.startsWith('stateIn '));
  const isQuiet = cycle.every(({ from, transition, to }) =>
    [...transition.actions, ...from.exit, ...to.flatMap(({ entry }) => entry)].every(
      (action) => !mayChangeContext(chart, action),
    ),
  );
  return isQuiet && !readsStates && mayHold(formula);
};

/** Eventless transitions without a guard that stay, and change the context each time. */
const restless = (facts: Facts, steps: readonly Step[]): readonly Problem[] => {
  const found = steps.filter(
    ({ from, transition, to, isSure }) =>
      isSure &&
      (to.length === 0 || (to.length === 1 && to[0] === from)) &&
      assigns(facts, [
        ...transition.actions,
        ...(facts.leaves(transition) || transition.source !== from.id
          ? [...from.exit, ...to.flatMap(({ entry }) => entry)]
          : []),
      ]),
  );
  const once = [...new Map(found.map((step) => [step.transition.id, step])).values()];
  return once.map(({ from, transition }) => ({
    state: transition.source,
    transition: transition.id,
    message: `An always transition without a guard stays in ${facts.name(from.id)} and changes the context, so it is taken again and again and the machine hangs. Give it a guard that becomes false, or make it an entry action.`,
  }));
};

const assigns = (facts: Facts, actions: StateModel['entry']): boolean =>
  actions.some((action) => doneBy(facts.chart, action)?.kind === 'assign');
