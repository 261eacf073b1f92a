import type { ChartModel } from '../read/model.ts';
import { Facts } from './facts.ts';
import type { Finding, Place, Severity } from './finding.ts';
import { faultIn } from './load-fault.ts';
import { rules } from './rules.ts';
import { type Comment, suppress } from './suppression.ts';

/** What a rule weighs, or that it is not asked. */
export type Setting = Severity | 'off';

export interface LintOptions {
  /** By the names of rules; the others weigh what they say themselves. */
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Comments in the module that tell a rule to be quiet. */
  readonly comments?: readonly Comment[];
  /** Where a state, or one of its transitions, is written; null where that is not known. */
  readonly placeOf?: (state: string, transition: string | null) => Place | null;
}

/** What the rules find in a chart, errors first, then in the order of the chart. */
export const lint = (chart: ChartModel, options: LintOptions = {}): readonly Finding[] => {
  const { settings = {}, comments = [], placeOf = () => null } = options;
  const facts = new Facts(chart);
  const found = rules.flatMap(({ name, severity, check }) => {
    const setting = settings[name] ?? severity;
    if (setting === 'off') return [];
    return check(facts).map(
      (problem): Finding => ({
        rule: name,
        // What is set holds for all of a rule; what it says by itself may weigh less in some cases.
        severity: settings[name] === undefined ? (problem.severity ?? severity) : setting,
        message: problem.message,
        state: problem.state,
        transition: problem.transition ?? null,
        place: placeOf(problem.state, problem.transition ?? null),
      }),
    );
  });
  return suppress(found, facts, comments, settings, placeOf).toSorted(byWeight(facts));
};

/** The finding that a machine which XState refuses amounts to; null for an error that says nothing about a chart. */
export const lintFault = (
  message: string,
  { settings = {}, placeOf = () => null }: LintOptions = {},
): Finding | null => {
  const fault = faultIn(message);
  if (fault === null) return null;
  const { rule, problem } = fault;
  const setting = settings[rule.name];
  return {
    rule: rule.name,
    // Without a chart there is nothing else to tell, so it cannot be turned off.
    severity: setting === undefined || setting === 'off' ? rule.severity : setting,
    message: problem.message,
    state: problem.state === '' ? null : problem.state,
    transition: null,
    place: placeOf(problem.state, null),
  };
};

const byWeight =
  (facts: Facts) =>
  (one: Finding, other: Finding): number => {
    const weight = weights[one.severity] - weights[other.severity];
    return weight !== 0 ? weight : positionOf(facts, one) - positionOf(facts, other);
  };

const weights: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

const positionOf = ({ states }: Facts, { state }: Finding): number =>
  states.findIndex(({ id }) => id === state);
