import { lastTerm } from '../raft/log-shape.ts';
import { nodeOf, type Property, violation } from './view.ts';

/** What each node keeps by itself, whatever its peers send: the node asserts the same, and here it does not have to be believed. */
export const localInvariants: Property = (before, step, after) => {
  if (step.type !== 'stepped' && step.type !== 'started') return null;
  const is = nodeOf(after, step.node);
  const name = `node${is.id}`;
  if (is.commitIndex > is.log.lastIndex) {
    return violation(
      'Committed Is In The Log',
      `${name} has committed up to ${is.commitIndex}`,
      `its log ends at ${is.log.lastIndex}`,
    );
  }
  if (is.lastApplied > is.commitIndex) {
    return violation(
      'Applied Is Committed',
      `${name} has applied up to ${is.lastApplied}`,
      `it has committed up to ${is.commitIndex}`,
    );
  }
  const was = nodeOf(before, step.node);
  if (is.log === was.log && is.currentTerm === was.currentTerm) return null;
  if (lastTerm(is.log) > is.currentTerm) {
    return violation(
      'No Entry Of A Later Term',
      `${name} is in term ${is.currentTerm}`,
      `its log ends with an entry of term ${lastTerm(is.log)}`,
    );
  }
  let previous = is.log.snapshotTerm;
  for (const { term, firstIndex } of is.log.runs) {
    if (term < previous) {
      return violation(
        'Terms Rise Along A Log',
        `${name} holds an entry of term ${previous} before ${firstIndex}`,
        `entry ${firstIndex} is of term ${term}`,
      );
    }
    previous = term;
  }
  return null;
};
