import { termAt } from '../../raft/log-shape.ts';
import { nodeOf, type Property, violation } from './property.ts';

/**
 * Whatever is committed is on the disks of a majority at that moment: "the leader has replicated it on a majority of the
 * servers", Raft paper §5.3. Reveals a false quorum at once, long before a leader without the entry is elected.
 */
export const committedOnMajority: Property = (before, step, after) => {
  const index = after.history.lastCommitted;
  if (step.type !== 'stepped' || index === before.history.lastCommitted) return null;
  const node = nodeOf(after, step.node);
  const term = termAt(node.log, index);
  const holders = after.nodes.filter(
    ({ durable: { log } }) => log.snapshotIndex >= index || termAt(log, index) === term,
  );
  if (holders.length * 2 > after.nodes.length) return null;
  const names =
    holders.length === 0 ? 'no disk' : `the disk of ${holders.map(({ id }) => `node${id}`).join(', ')} alone`;
  return violation(
    'Committed On Majority',
    `node${node.id} commits entry ${index} of term ${term} in term ${node.currentTerm}`,
    `it is on ${names} of ${after.nodes.length}`,
  );
};
