import { configurationAt, isVoter } from '../raft/configuration.ts';
import type { Message } from '../raft/messages.ts';
import type { Violation } from '../trace/violation.ts';
import { type ClusterView, nodeOf, violation } from '../verify/properties/property.ts';
import type { NodeView } from '../verify/properties/view.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** Whether `by` knows that the disk on which `node` runs has taken the place of its own; a copy of that has its name, and takes no place. */
export const isCommittedDisk = (
  { configurations, commitIndex }: NodeView,
  { id, logId, ownLogId }: Pick<SimulatedNode, 'id' | 'logId' | 'ownLogId'>,
): boolean =>
  logId !== null &&
  logId !== ownLogId &&
  configurationAt(configurations, commitIndex).members[id]?.logId === logId;

/**
 * What is wrong with `message`, which its sender sent from the disk `logId` before that had taken the place of its own: a voter must not hear it as another voter,
 * unless its configuration names that disk. What a voter hears from one that has taken a place of which it does not know yet is not seen here: it takes the log from
 * it and counts nothing, which the other properties show.
 */
export const heardDisk = (
  view: ClusterView,
  { type, from, to }: Message,
  logId: string | null,
): Violation | null => {
  const [sender, receiver] = [nodeOf(view, from), nodeOf(view, to)];
  const inForce = receiver.configurations.at(-1);
  if (inForce === undefined) return null;
  // A disk that takes the place of another knows at first only with whom the cluster began.
  const knowsNobody = receiver.disk?.logId !== receiver.disk?.first && inForce.index === 0;
  if (knowsNobody || !isVoter(inForce, to) || !isVoter(inForce, from)) return null;
  if (logId !== null && logId === inForce.members[from]?.logId && logId !== sender.disk?.logId) return null;
  return violation(
    'Lost Disks Are Not Heard',
    `node${from} runs on a disk that lacks what it has acknowledged`,
    `node${to} gets a ${type} from it`,
  );
};
