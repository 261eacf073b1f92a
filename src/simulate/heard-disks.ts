import { configurationAt, isVoter } from '../raft/configuration.ts';
import type { Message } from '../raft/messages.ts';
import type { Violation } from '../trace/violation.ts';
import { type ClusterView, nodeOf, violation } from '../verify/properties/property.ts';
import { countedDisk, type NodeView } from '../verify/properties/view.ts';
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
 * What is wrong with `message`, which its sender sent from the disk `logId`: whoever counts it counts the votes and acknowledgements of the disk that its
 * configuration names for that voter, or of the first one it had, and of no other. `isUnheard`: a disk that had taken nobody's place when it was sent.
 */
export const heardDisk = (
  view: ClusterView,
  { type, from, to }: Message,
  logId: string | null,
  isUnheard: boolean,
): Violation | null => {
  const [sender, receiver] = [nodeOf(view, from), nodeOf(view, to)];
  const inForce = receiver.configurations.at(-1);
  if (inForce === undefined) return null;
  // What a disk knows that takes another's place, before it has got the log, is with whom the cluster began.
  const knowsNobody = receiver.disk?.logId !== receiver.disk?.first && inForce.index === 0;
  if (knowsNobody || !isVoter(inForce, to) || !isVoter(inForce, from)) return null;
  if (logId === countedDisk(inForce, sender)) return null;
  return violation(
    'Lost Disks Are Not Heard',
    `node${from} runs on a disk that ${isUnheard ? 'lacks what it has acknowledged' : 'does not count as that voter'}`,
    `node${to} gets a ${type} from it`,
  );
};
