import { committedAt } from './history.ts';
import { nodeOf, type Property, violation } from './property.ts';

/**
 * "Each server takes snapshots independently, covering just the committed entries in its log." Raft paper §7. A log may begin after an
 * entry, whether its node has dropped it or was sent a snapshot, only where that very entry had been committed before: what the snapshot stands
 * for is then the applied prefix, since (index, term) names it (§5.3, Log Matching).
 */
export const snapshotSafety: Property = (before, step, after) => {
  if (step.type !== 'stepped' && step.type !== 'started') return null;
  const { id, log } = nodeOf(after, step.node);
  const { snapshotIndex: index, snapshotTerm: term } = log;
  if (index === 0 || index === nodeOf(before, step.node).log.snapshotIndex) return null;
  const begins = `the log of node${id} begins after entry ${index} of term ${term}`;
  const known = committedAt(before.history, index);
  if (known === undefined) return violation('Snapshot Safety', begins, `nobody has committed entry ${index}`);
  if (known.term === term) return null;
  return violation(
    'Snapshot Safety',
    `node${known.committedBy} committed entry ${index} of term ${known.term} in term ${known.committedIn}`,
    begins,
  );
};
