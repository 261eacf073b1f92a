import { termAt } from '../../raft/log-shape.ts';
import { committedAt, firstMissing } from './history.ts';
import { nodeOf, type Property, violation } from './property.ts';

/**
 * "If a server has applied a log entry at a given index to its state machine, no other server will ever apply a different
 * log entry for the same index." Raft paper Figure 3, §5.4.3. Entries are compared when they are committed and when
 * they are applied.
 */
export const stateMachineSafety: Property = (before, step, after) => {
  if (step.type === 'applied') {
    const { node, index, term } = step;
    const known = committedAt(after.history, index);
    if (known === undefined) {
      const fact = `node${node} applies entry ${index} of term ${term}`;
      return violation('State Machine Safety', fact, `nobody has committed entry ${index}`);
    }
    if (known.term === term) return null;
    return violation(
      'State Machine Safety',
      `node${known.committedBy} committed entry ${index} of term ${known.term} in term ${known.committedIn}`,
      `node${node} applies entry ${index} of term ${term}`,
    );
  }
  if (step.type !== 'stepped') return null;
  const was = nodeOf(before, step.node);
  const is = nodeOf(after, step.node);
  if (is.commitIndex <= was.commitIndex) return null;
  const { history } = before;
  const index = firstMissing(history, is.log, was.commitIndex + 1, is.commitIndex);
  if (index === 0) return null;
  const known = committedAt(history, index)!;
  return violation(
    'State Machine Safety',
    `node${known.committedBy} committed entry ${index} of term ${known.term} in term ${known.committedIn}`,
    `node${is.id} commits entry ${index} of term ${termAt(is.log, index)} in term ${is.currentTerm}`,
  );
};
