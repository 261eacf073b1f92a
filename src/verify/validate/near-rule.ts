import type { AnyTransitionDefinition } from 'xstate';
import type { Step } from '../../node/step.ts';
import { transitionIdOf } from '../../statechart/read/walk.ts';
import type { NearRule } from './rejection.ts';

/** The rule that a step has followed; null: none. */
export const nearRule = ({ taken }: Step): NearRule | null => {
  const [first] = taken;
  if (first === undefined) return null;
  // The term gate delivers the message: the rule of the role that took it says more.
  return ruleOf(
    (taken.find(({ transition: { eventType } }) => eventType !== 'Received') ?? first).transition,
  );
};

const ruleOf = (transition: AnyTransitionDefinition): NearRule => ({
  id: transitionIdOf(transition),
  description: transition.description ?? null,
  rule: (transition.meta as { rule?: string } | undefined)?.rule ?? null,
});
