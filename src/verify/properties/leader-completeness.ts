import type { LogIndex } from '../../raft/types.ts';
import type { Violation } from '../../trace/violation.ts';
import { committedAt, firstMissing } from './history.ts';
import { type ClusterView, nodeOf, type Property, violation } from './property.ts';
import type { NodeView } from './view.ts';

/**
 * "If a log entry is committed in a given term, then that entry will be present in the logs of the leaders for all
 * higher-numbered terms." Raft paper Figure 3, §5.4.3. Checked when a node starts leading, and when something is committed.
 */
export const leaderCompleteness: Property = (before, step, after) => {
  if (step.type !== 'stepped') return null;
  const node = nodeOf(after, step.node);
  const was = nodeOf(before, step.node);
  const isElected = node.role === 'leader' && (was.role !== 'leader' || was.currentTerm < node.currentTerm);
  if (isElected) {
    const missing = violated(after, node, 1);
    if (missing !== null) return missing;
  }
  if (after.history.lastCommitted === before.history.lastCommitted) return null;
  for (const leader of after.nodes) {
    if (!leader.isUp || leader.role !== 'leader' || leader.currentTerm <= node.currentTerm) continue;
    const missing = violated(after, leader, before.history.lastCommitted + 1);
    if (missing !== null) return missing;
  }
  return null;
};

const violated = ({ history }: ClusterView, leader: NodeView, from: LogIndex): Violation | null => {
  const { id, currentTerm, log } = leader;
  const index = firstMissing(history, log, from, history.lastCommitted, currentTerm);
  if (index === 0) return null;
  const { term, committedIn, committedBy } = committedAt(history, index)!;
  return violation(
    'Leader Completeness',
    `entry ${index} of term ${term} was committed in term ${committedIn} by node${committedBy}`,
    `node${id} leads term ${currentTerm} without it`,
  );
};
