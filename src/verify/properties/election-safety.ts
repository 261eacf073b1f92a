import { leaderOf } from './history.ts';
import { nodeOf, type Property, violation } from './property.ts';

/** "At most one leader can be elected in a given term." Raft paper Figure 3, §5.2. */
export const electionSafety: Property = (before, step, after) => {
  if (step.type !== 'stepped') return null;
  const node = nodeOf(after, step.node);
  if (node.role !== 'leader') return null;
  const first = leaderOf(before.history, node.currentTerm);
  if (first === undefined || first === node.id) return null;
  const term = node.currentTerm;
  return violation('Election Safety', `node${first} led term ${term}`, `node${node.id} leads term ${term}`);
};
