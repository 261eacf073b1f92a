import { type Configuration, configurationAt, currentConfiguration } from '../../raft/configuration.ts';
import { termAt } from '../../raft/log-shape.ts';
import { hasQuorum } from '../../raft/quorum.ts';
import type { LogIndex } from '../../raft/types.ts';
import { votersText } from './configuration-text.ts';
import { nodeOf, type Property, violation } from './property.ts';
import { isOnCountedDisk, type NodeView } from './view.ts';

/**
 * Whatever is committed is on the disks of a majority at that moment: "the leader has replicated it on a majority of the
 * servers", Raft paper §5.3; of a majority of both, while old and new voters decide together, thesis §4.3. Reveals a false quorum at once, long
 * before a leader without the entry is elected.
 */
export const committedOnMajority: Property = (before, step, after) => {
  const index = after.history.lastCommitted;
  if (step.type !== 'stepped' || index === before.history.lastCommitted) return null;
  const node = nodeOf(after, step.node);
  const term = termAt(node.log, index);
  const holders = after.nodes.filter(
    ({ durable: { log } }) => log.snapshotIndex >= index || termAt(log, index) === term,
  );
  const counted = countedBy(nodeOf(before, step.node), node, index);
  const countedHolders = (configuration: Configuration) =>
    holders.filter((each) => isOnCountedDisk(configuration, each)).map(({ id }) => id);
  if (counted.some((configuration) => hasQuorum(configuration, countedHolders(configuration)))) return null;
  const names =
    holders.length === 0 ? 'no disk' : `the disk of ${holders.map(({ id }) => `node${id}`).join(', ')} alone`;
  return violation(
    'Committed On Majority',
    `node${node.id} commits entry ${index} of term ${term} in term ${node.currentTerm}`,
    `it is on ${names} of ${votersText(counted[0]!, after.nodes.length)}`,
  );
};

/**
 * The configurations of which one has decided. A leader counts by the one that is in force as it commits, and may append the next in the
 * same step. A follower is the first to commit only where its leader was lost in that very step, and that may have counted by any later one.
 */
const countedBy = (was: NodeView, is: NodeView, index: LogIndex): readonly Configuration[] => {
  if (was.role === 'leader') return [currentConfiguration(was.configurations)];
  const from = configurationAt(is.configurations, index).index;
  return is.configurations.filter((each) => each.index >= from);
};
