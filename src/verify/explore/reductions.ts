import { matchesState } from 'xstate';
import { roleOf } from '../../node/roles.ts';
import { currentConfiguration } from '../../raft/configuration.ts';
import type { RaftContext } from '../../raft/context.ts';
import { nothingReached } from '../../raft/members.ts';
import type { Message } from '../../raft/messages.ts';
import { hasQuorum } from '../../raft/quorum.ts';
import type { ExploreOptions } from './cluster-event.ts';
import type { LocalNode } from './local-node.ts';

/**
 * The node that stands for all those that will behave like this one forever, and differ only in what no rule will look at again:
 *
 * - Who leads, as far as it knows: only for redirecting clients, for reads, and to answer once a received snapshot is checked. Where
 *   there are `reads` or such a snapshot, it stays on followers; a leader leads itself, and a candidate knows of none.
 * - The tally of votes, except on a node that is campaigning: `startPreVote` and `startElection` begin a new one.
 * - Who has answered a leader, once it is a majority: `isQuorumLost` asks for no more, nobody is removed from it, and
 *   `startQuorumCheck` begins a new period.
 * - The index that a leader's disk must have reached at the next check, once it has: `isDiskStalled` asks for no more, the durable
 *   index never falls while it leads, and the next period has an index of its own.
 * - Which round a follower has answered, but for whether it is the one that reads wait for: `confirmedRound` is compared with no
 *   other, and the next one that reads wait for is above all that have been answered (`rounds.ts`).
 * - Whether it has handed over, since without lease reads nothing asks for it; and to whom, once it has told that node: only clients
 *   hear of that.
 *
 * - How far a learner had to come, and had come, once it votes: the timers of catching up run no more. And how many rounds that took, as
 *   long as it goes on: `isCatchUpExhausted` alone looks at it, and abandons the change as soon as learners that were late reach the end of the
 *   last round; but while they are late, `catchUpTimeout` may abandon it as well, and leaves the same behind. So a change that is in its first
 *   round for ever has the same futures, in some of which it goes through more rounds than there are.
 *
 * Who has answered a leader stays as it is where the members may change: a majority of these voters need not be one of the next. And so does
 * what the change leads to, which request asked for it (the same one always), and how much the learners held when last looked at.
 *
 * Nothing of a snapshot is dead: what is being received, what is on disk and what a leader sends all say which chunk comes next.
 *
 * This holds for our chart, as a test shows for every node and event of an explored cluster; it may not hold for a broken one.
 */
export const withoutDeadParts = (
  node: LocalNode,
  { reads, reconfigurations }: Pick<ExploreOptions, 'reads' | 'reconfigurations'>,
): LocalNode => {
  const { context } = node;
  return {
    ...node,
    context: {
      ...context,
      leaderId: usesLeader(node, reads > 0) ? context.leaderId : null,
      ...liveTally(node),
      ...liveCheck(context, reconfigurations > 0),
      ...liveTransfer(node),
      ...liveRounds(context),
      change: liveChange(context),
    },
  };
};

const usesLeader = ({ value, context }: LocalNode, reads: boolean): boolean =>
  (reads || context.incoming?.isComplete === true) && roleOf(value) === 'follower';

const liveTransfer = ({
  value,
  context,
}: LocalNode): Pick<RaftContext, 'hasHandedOver' | 'transferTarget'> => {
  const { settings, hasHandedOver, transferTarget } = context;
  return {
    hasHandedOver: settings.leaseReads && hasHandedOver,
    transferTarget: matchesState({ leader: { transfer: 'handedOver' } }, value) ? null : transferTarget,
  };
};

const liveRounds = ({ reads, progress }: RaftContext): Partial<Pick<RaftContext, 'progress'>> => {
  const all = Object.entries(progress);
  if (all.every(([, { round }]) => round === 0)) return {};
  // All that wait for a round wait for the same one: the next begins when it is confirmed.
  const awaited = reads.find(({ round }) => round > 0)?.round ?? Number.POSITIVE_INFINITY;
  return {
    progress: Object.fromEntries(
      all.map(([id, each]) => [id, { ...each, round: each.round >= awaited ? awaited : 0 }]),
    ),
  };
};

const liveTally = ({ value, context }: LocalNode): Pick<RaftContext, 'votesGranted'> => {
  const role = roleOf(value);
  const campaigns = role === 'candidate' || role === 'preCandidate';
  return { votesGranted: campaigns ? context.votesGranted : [] };
};

const liveChange = ({ change }: RaftContext): RaftContext['change'] => {
  if (change === null) return null;
  return change.rounds === 0 ? { ...change, roundEnd: 0, reached: nothingReached } : { ...change, rounds: 1 };
};

const liveCheck = (
  context: RaftContext,
  changesMembers: boolean,
): Pick<RaftContext, 'heardFrom' | 'checkedIndex'> => {
  const { id, heardFrom, checkedIndex, durableIndex, configurations } = context;
  const configuration = currentConfiguration(configurations);
  return {
    heardFrom:
      !changesMembers && heardFrom.length > 0 && hasQuorum(configuration, [...heardFrom, id])
        ? configuration.voters.filter((voter) => voter !== id)
        : heardFrom,
    checkedIndex: durableIndex >= checkedIndex ? 0 : checkedIndex,
  };
};

/**
 * Whether `message` will be ignored by `node`, its addressee, whenever it arrives. Such a message takes no room in the bag:
 * it is as good as delivered. Terms never fall below what is durable, or, where no node `crashes`, at all. So among answers:
 *
 * - A pre-vote is useless once its term has been entered; so is any refusal, which conveys that term at most.
 * - A vote is useful only to the candidate of its term, and a node campaigns once per term.
 * - An answer to a leader, about entries or about a snapshot, is useful only to the leader of its term, which it can become only by its one campaign in that term.
 *
 * - A node is told to take over only by the leader of its term, and believes no other that a read is confirmed.
 *
 * Requests are always answered, or may be. This holds for our chart, as a test shows; it may not hold for a broken one.
 */
export const isPast = (message: Message, { value, context, disk }: LocalNode, crashes: boolean): boolean => {
  /** Never falls. */
  const { currentTerm } = crashes ? disk.hardState : context;
  if (message.term > currentTerm) return false;
  switch (message.type) {
    case 'PreVoteResponse':
      return true;
    case 'RequestVoteResponse':
    case 'AppendEntriesResponse':
    case 'InstallSnapshotResponse': {
      if (message.term < context.currentTerm) return true;
      if (message.type === 'RequestVoteResponse' && !message.voteGranted) return true;
      const role = roleOf(value);
      return role !== 'candidate' && (role !== 'leader' || message.type === 'RequestVoteResponse');
    }
    case 'TimeoutNow':
      return message.term < currentTerm;
    case 'ReadIndexResponse':
      return !message.success || message.term < currentTerm;
    case 'RequestVote':
    case 'PreVote':
    case 'AppendEntries':
    case 'InstallSnapshot':
    case 'ReadIndex':
      return false;
  }
};
