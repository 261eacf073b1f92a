import { roleOf } from '../../node/roles.ts';
import { currentConfiguration } from '../../raft/configuration.ts';
import type { RaftContext } from '../../raft/context.ts';
import type { Message } from '../../raft/messages.ts';
import { hasQuorum } from '../../raft/quorum.ts';
import type { LocalNode } from './local-node.ts';

/**
 * The node that stands for all that will do the same as this one for ever, though they differ in what no rule will look at again:
 *
 * - Who leads, as far as it knows: for redirects of clients, no rule reads it.
 * - The tally of votes, but of a node that campaigns: `startPreVote` and `startElection` begin a new one.
 * - Who has answered a leader, once it is a majority: `isQuorumLost` asks for no more, nobody is taken back from it, and
 *   `startQuorumCheck` begins a new period.
 * - The index that a leader's disk must have reached at the next check, once it has: `isDiskStalled` asks for no more, the durable
 *   index never falls while it leads, and the next period has an index of its own.
 *
 * This is true of our chart, as a test shows for every node and event of an explored cluster; it need not be of a broken one.
 */
export const withoutDeadParts = (node: LocalNode): LocalNode => {
  const { context } = node;
  return { ...node, context: { ...context, leaderId: null, ...liveTally(node), ...liveCheck(context) } };
};

const liveTally = ({ value, context }: LocalNode): Pick<RaftContext, 'votesGranted'> => {
  const role = roleOf(value);
  const campaigns = role === 'candidate' || role === 'preCandidate';
  return { votesGranted: campaigns ? context.votesGranted : [] };
};

const liveCheck = (context: RaftContext): Pick<RaftContext, 'heardFrom' | 'checkedIndex'> => {
  const { id, heardFrom, checkedIndex, durableIndex, configurations } = context;
  const configuration = currentConfiguration(configurations);
  return {
    heardFrom:
      heardFrom.length > 0 && hasQuorum(configuration, [...heardFrom, id])
        ? configuration.voters.filter((voter) => voter !== id)
        : heardFrom,
    checkedIndex: durableIndex >= checkedIndex ? 0 : checkedIndex,
  };
};

/**
 * Whether `message` will be ignored by `node`, its addressee, whenever it arrives. Such a message takes no room in the bag:
 * it is as good as delivered. Terms never fall below what is durable, nor, where no node `crashes`, at all. So of answers:
 *
 * - A pre-vote is of no use in a term that was entered; nor is any refusal, which teaches that term at most.
 * - A vote is of use to the candidate of its term alone, and a node campaigns once a term.
 * - An answer to a leader is of use to the leader of its term alone, and that is led by whom it campaigns for once.
 *
 * Requests are always answered, or may be. This is true of our chart, as a test shows; it need not be of a broken one.
 */
export const isPast = (message: Message, { value, context, disk }: LocalNode, crashes: boolean): boolean => {
  if (message.term > (crashes ? disk.hardState : context).currentTerm) return false;
  switch (message.type) {
    case 'PreVoteResponse':
      return true;
    case 'RequestVoteResponse':
    case 'AppendEntriesResponse': {
      if (message.term < context.currentTerm) return true;
      if (message.type === 'RequestVoteResponse' && !message.voteGranted) return true;
      const role = roleOf(value);
      return role !== 'candidate' && (role !== 'leader' || message.type === 'RequestVoteResponse');
    }
    case 'RequestVote':
    case 'PreVote':
    case 'AppendEntries':
      return false;
  }
};
