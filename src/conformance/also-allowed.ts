import { isLogBehind, votedForAnother } from '../raft/election.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import type { PathMessage } from '../verify/paths/path.ts';
import type { ModelledStep } from './modelled-step.ts';

/** Answers that the papers allow besides the chart's own, to the message that this step delivers. */
export const alsoAllowed = ({ event, before, transitions }: ModelledStep): readonly PathMessage[] => {
  if (event.type !== 'deliver') return [];
  const { message } = event;
  if (message.type !== 'RequestVote' && message.type !== 'PreVote') return [];
  const { context } = before.snapshot;
  const { hardState } = before.disk;
  const type = message.type === 'PreVote' ? 'PreVoteResponse' : 'RequestVoteResponse';
  const answer = { type, from: testedNode, to: message.from, term: context.currentTerm } as const;
  // "It can either drop the request, reply with a vote denial, or delay the request." Thesis §4.2.3. To say again that it has
  // given this vote grants nothing, once a restart would find the vote.
  if (transitions.some(({ guard }) => guard === 'isDisruptiveVote')) {
    const isRepeated =
      message.type === 'RequestVote' &&
      message.term === context.currentTerm &&
      hardState.currentTerm === message.term &&
      hardState.votedFor === message.from;
    const denied = { ...answer, voteGranted: false };
    return isRepeated ? [{ ...answer, voteGranted: true }, denied] : [denied];
  }
  // The chart wants a pre-vote to name a term that is new to it. Thesis §9.6 asks only whether the vote would be given, and
  // that of the current term may still be free.
  if (message.type === 'RequestVote' || message.term !== context.currentTerm) return [];
  const isVoteFree = !votedForAnother(context, {
    ...message,
    type: 'RequestVote',
    leadershipTransfer: false,
  });
  return isVoteFree && !isLogBehind(context, message) ? [{ ...answer, voteGranted: true }] : [];
};
