import type { Message } from '../../raft/messages.ts';
import { nodeOf, type Property, violation } from './property.ts';
import type { NodeView } from './view.ts';

/**
 * "Persistent state on all servers: updated on stable storage before responding to RPCs." Raft paper Figure 2. A vote, a
 * campaign, or a claim to hold entries that left the node must be found on its disk after a crash. A leader's
 * AppendEntries promises only its term (thesis §10.2.1).
 */
export const durableBeforePromised: Property = (_, step, after) => {
  if (step.type !== 'sent') return null;
  const node = nodeOf(after, step.node);
  const lack = lackOf(node, step.message);
  if (lack === null) return null;
  return violation(
    'Durable Before Promised',
    `node${node.id} ${describe(step.message)}`,
    `its disk has ${lack}`,
  );
};

/** What the disk holds instead of what `message` promises; null if it holds that. */
const lackOf = ({ id, durable }: NodeView, message: Message): string | null => {
  if (message.type === 'PreVote' || message.type === 'PreVoteResponse') return null;
  if (durable.currentTerm < message.term) return `term ${durable.currentTerm}`;
  // What a later term has since done to the disk does not concern this promise.
  if (durable.currentTerm > message.term) return null;
  if (message.type === 'RequestVote' && durable.votedFor !== id) return voteOf(durable.votedFor);
  if (message.type === 'RequestVoteResponse' && message.voteGranted && durable.votedFor !== message.to) {
    return voteOf(durable.votedFor);
  }
  if (message.type !== 'AppendEntriesResponse' && message.type !== 'InstallSnapshotResponse') return null;
  if (!message.success) return null;
  const { lastIndex } = durable.log;
  return lastIndex < message.matchIndex ? `entries up to ${lastIndex}` : null;
};

const voteOf = (votedFor: number | null): string =>
  votedFor === null ? 'no vote in this term' : `a vote for node${votedFor}`;

const describe = (message: Message): string => {
  switch (message.type) {
    case 'RequestVote':
      return `asks node${message.to} for its vote in term ${message.term}`;
    case 'RequestVoteResponse':
      return `tells node${message.to} in term ${message.term}: vote ${message.voteGranted ? 'granted' : 'denied'}`;
    case 'AppendEntriesResponse':
    case 'InstallSnapshotResponse':
      return message.success
        ? `tells node${message.to} in term ${message.term} that it holds entries up to ${message.matchIndex}`
        : `rejects an ${message.type === 'AppendEntriesResponse' ? 'AppendEntries' : 'InstallSnapshot'} of node${message.to} in term ${message.term}`;
    default:
      return `sends ${message.type} of term ${message.term} to node${message.to}`;
  }
};
