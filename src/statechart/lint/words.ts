import type { TransitionModel } from '../read/model.ts';
import { triggerText } from '../read/notation.ts';
import type { Facts } from './facts.ts';

/** A transition by its state and its trigger: `On PRESS in lit, branch 2 [isDark]`. */
export const branchText = (facts: Facts, transition: TransitionModel): string => {
  const { source, branch, branches, guard } = transition;
  const which = branches > 1 ? `, branch ${branch + 1}` : '';
  const asked = guard === null ? '' : ` [${guard}]`;
  return `${triggerText(transition)} in ${facts.name(source)}${which}${asked}`;
};

/** What a transition waits for, after "every". */
export const eventText = (transition: TransitionModel): string => {
  switch (transition.kind) {
    case 'always':
      return 'step';
    case 'after':
      return 'such timer';
    default:
      return transition.trigger.includes('*') ? 'such event' : triggerText(transition);
  }
};
