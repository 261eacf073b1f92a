import type { Step } from '../../node/step.ts';
import { describe } from '../chart-recorder.ts';
import type { NearRule } from './rejection.ts';

/** The rule that a step has followed; null: none. */
export const nearRule = ({ taken }: Step): NearRule | null => {
  const [first] = taken;
  if (first === undefined) return null;
  // The term gate delivers the message: the rule of the role that took it says more.
  const { transition } = taken.find((each) => each.transition.eventType !== 'Received') ?? first;
  const { id, description, rule } = describe(transition);
  return { id, description, rule };
};
