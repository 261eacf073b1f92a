import type { StateModel } from '../../read/model.ts';
import type { Rule } from '../finding.ts';
import { branchText } from '../words.ts';

export const reenterTrap: Rule = {
  name: 'reenter-trap',
  severity: 'warning',
  description:
    'A transition to its own state that does not enter it anew, where the state starts something on entry.',
  check: (facts) =>
    facts.transitions
      .filter(({ source, targets, reenter }) => !reenter && targets.length === 1 && targets[0] === source)
      .filter((each) => facts.canBeTaken(each))
      .flatMap((each) => {
        const state = facts.state(each.source);
        const started = startedBy(state);
        if (started.length === 0 || state.parent === null) return [];
        const name = facts.name(state.id);
        return [
          {
            state: state.id,
            transition: each.id,
            message: `${branchText(facts, each)} targets ${name} itself, which in XState 5 does not run or restart ${started.join(' or ')}. Write reenter: true if it should, or leave out the target.`,
          },
        ];
      }),
};

/** What entering the state would start or do again. */
const startedBy = ({ entry, exit, invokes, transitions }: StateModel): readonly string[] => [
  ...(entry.length > 0 ? ['its entry actions'] : []),
  ...(exit.length > 0 ? ['its exit actions'] : []),
  ...(transitions.some(({ kind }) => kind === 'after') ? ['its timers'] : []),
  ...(invokes.length > 0 ? [`its actor ${invokes[0]!.id}`] : []),
];

export const timerNotRestarted: Rule = {
  name: 'timer-not-restarted',
  severity: 'info',
  description:
    'An event that moves a state to one of its own children while a timer of the state itself runs on.',
  check: (facts) =>
    facts.states.flatMap((state) => {
      const timer = state.transitions.find(({ kind }) => kind === 'after');
      if (timer === undefined || state.type !== 'compound') return [];
      return state.transitions
        .filter(({ kind, reenter, targets }) => kind === 'event' && !reenter && targets.length > 0)
        .filter((each) => facts.canBeTaken(each) && !facts.leaves(each) && each.targets[0] !== state.id)
        .map((each) => ({
          state: state.id,
          transition: each.id,
          message: `${branchText(facts, each)} enters a state inside ${facts.name(state.id)} and leaves the timer of ${timer.trigger} running: XState 5 restarts it only with reenter: true. Write that if the event should restart it.`,
        }));
    }),
};
