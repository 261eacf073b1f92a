import type { Problem, Rule } from './finding.ts';

/** Found by XState itself before there is a chart: it throws when the machine is made. */
export const missingTarget: Rule = {
  name: 'missing-target',
  severity: 'error',
  description: 'A transition to a state that does not exist. XState throws when the machine is made.',
  check: () => [],
};

export const initialMissing: Rule = {
  name: 'initial-missing',
  severity: 'error',
  description: 'A state with states inside it and no initial one, or one that does not exist. XState throws.',
  check: () => [],
};

/** The fault of a chart that XState tells by throwing; null for an error of any other kind. `message` may have text around XState's. */
export const faultIn = (message: string): { readonly rule: Rule; readonly problem: Problem } | null => {
  for (const { pattern, rule, problem } of messages) {
    const match = pattern.exec(message.replaceAll(/\s*\n\s*/g, ' '));
    if (match !== null) return { rule, problem: problem(match as unknown as readonly string[]) };
  }
  return null;
};

/** XState 5's own words. */
const messages: readonly {
  readonly pattern: RegExp;
  readonly rule: Rule;
  readonly problem: (match: readonly string[]) => Problem;
}[] = [
  {
    pattern:
      /Invalid transition definition for state node '(.*?)': Child state '(.*?)' does not exist on '(.*?)'/,
    rule: missingTarget,
    problem: ([, state, target, outer]) => ({
      state: state!,
      message: `A transition of ${state} targets ${target}, and there is no such state in ${outer}. Name a state that exists, by its key among the states beside ${state}, by .key for one inside it, or by #id.`,
    }),
  },
  {
    pattern:
      /Invalid transition definition for state node '(.*?)': (Unable to retrieve child state '(.*?)' from '(.*?)'|Child state node '#(.*?)' does not exist)/,
    rule: missingTarget,
    problem: ([, state, , child, , id]) => ({
      state: state!,
      message: `A transition of ${state} targets ${child ?? `#${id}`}, and there is no such state. Name a state that exists.`,
    }),
  },
  {
    pattern: /Child state node '#(.*?)' does not exist on machine '(.*?)'/,
    rule: missingTarget,
    problem: ([, id, machine]) => ({
      state: machine!,
      message: `A transition targets #${id}, and no state of ${machine} has that id. Give a state that id, or name one that exists.`,
    }),
  },
  {
    pattern: /Invalid target: "(.*?)" is not a valid target from the root node\. Did you mean "(.*?)"\?/,
    rule: missingTarget,
    problem: ([, target, meant]) => ({
      state: '',
      message: `A transition of the root targets ${target}, and nothing is beside the root. Write ${meant} for a state inside it.`,
    }),
  },
  {
    pattern:
      /No initial state specified for compound state node "#(.*?)"(?:\. Try adding \{ initial: "(.*?)" \})?/,
    rule: initialMissing,
    problem: ([, state, first]) => ({
      state: state!,
      message: `State ${state} has states inside and no initial one. Write ${first === undefined ? 'initial' : `initial: '${first}'`}, or type: 'parallel'.`,
    }),
  },
  {
    pattern: /Initial state node "(.*?)" not found on parent state node #(.*?)(?: \([^()]*:\d+\))?$/,
    rule: initialMissing,
    problem: ([, initial, state]) => ({
      state: state!,
      message: `State ${state} starts in ${initial}, and there is no such state in it. Name one of its own states.`,
    }),
  },
  {
    pattern: /Child state '(.*?)' does not exist on '(.*?)'|expected a state (\S+) in (\S+), got none/,
    rule: missingTarget,
    problem: ([, target, outer, other, around]) => ({
      state: outer ?? around!,
      message: `Something targets ${target ?? other}, and there is no such state in ${outer ?? around}. Name a state that exists.`,
    }),
  },
];
