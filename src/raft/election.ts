import { currentConfiguration, votersOf } from './configuration.ts';
import type { RaftContext } from './context.ts';
import { type Decision, type Effect, persistHardState, send } from './effects.ts';
import { lastTerm } from './log-shape.ts';
import type { PreVote, PreVoteResponse, RequestVote, RequestVoteResponse } from './messages.ts';
import { hasQuorum } from './quorum.ts';
import { draw } from './random.ts';
import type { NodeId, Term } from './types.ts';

/** Draws the next election timeout, uniform from the minimum to the maximum. Raft paper §5.2. */
export const drawElectionTimeout = (context: RaftContext): Decision => {
  const { electionTimeoutMinMs, electionTimeoutMaxMs } = context.settings;
  const { state, fraction } = draw(context.randomState);
  const range = electionTimeoutMaxMs - electionTimeoutMinMs + 1;
  return {
    patch: { randomState: state, electionTimeoutMs: electionTimeoutMinMs + Math.floor(fraction * range) },
    effects: [],
  };
};

/** Whether a node that has just started may still owe a leader the time that its lease reads rely on. Thesis §6.4.1. */
export const mayOweLease = ({ settings }: RaftContext): boolean => settings.leaseReads;

/** Whether this node alone is a majority. */
export const isSoleVoter = (context: RaftContext): boolean =>
  hasQuorum(currentConfiguration(context.configurations), [context.id]);

/** Whether it has already voted for somebody else in this term. Raft paper §5.2: first come, first served. */
export const votedForAnother = (context: RaftContext, request: RequestVote): boolean =>
  context.votedFor !== null && context.votedFor !== request.from;

/** Whether the requester's log is less up-to-date than ours: an older last term, or the same last term and a shorter log. Raft paper §5.4.1. */
export const isLogBehind = (
  context: Pick<RaftContext, 'log'>,
  request: Pick<RequestVote | PreVote, 'lastLogTerm' | 'lastLogIndex'>,
): boolean => {
  const ours = lastTerm(context.log);
  if (request.lastLogTerm !== ours) return request.lastLogTerm < ours;
  return request.lastLogIndex < context.log.lastIndex;
};

/** Asks whether it could win an election in the next term. Nothing durable changes. Thesis §9.6. */
export const startPreVote = (context: RaftContext): Decision => ({
  patch: { votesGranted: [context.id], leaderId: null },
  effects: askVoters(context, (to) => ({
    type: 'PreVote',
    ...askedOf(context, to, context.currentTerm + 1),
  })),
});

/** "Increment currentTerm, vote for self, send RequestVote RPCs to all other servers." Figure 2, Candidates. */
export const startElection = (context: RaftContext): Decision => {
  const hardState = { currentTerm: context.currentTerm + 1, votedFor: context.id };
  return {
    patch: { ...hardState, votesGranted: [context.id], leaderId: null, isTransferCampaign: false },
    effects: [
      persistHardState(hardState, context.log.lastIndex),
      ...askVoters(context, (to) => ({
        type: 'RequestVote',
        ...askedOf(context, to, hardState.currentTerm),
        leadershipTransfer: context.isTransferCampaign,
      })),
    ],
  };
};

/** Whether the answer is a refusal: only grants are counted. Raft paper §5.2. */
export const isVoteRefused = (response: RequestVoteResponse | PreVoteResponse): boolean =>
  !response.voteGranted;

/** Whether this voter's answer is in the tally: the same voter twice is one vote. */
export const isVoteCounted = (
  context: RaftContext,
  response: RequestVoteResponse | PreVoteResponse,
): boolean => context.votesGranted.includes(response.from);

/** Whether this grant completes a majority of the voters. Raft paper §5.2. */
export const isVoteQuorum = (
  context: RaftContext,
  response: RequestVoteResponse | PreVoteResponse,
): boolean =>
  hasQuorum(currentConfiguration(context.configurations), [...context.votesGranted, response.from]);

export const recordVote = (
  context: RaftContext,
  response: RequestVoteResponse | PreVoteResponse,
): Decision => ({
  patch: { votesGranted: [...context.votesGranted, response.from].sort((a, b) => a - b) },
  effects: [],
});

/** The vote is durable before the answer leaves, so that a restarted node cannot vote twice. Raft paper §5.2; Figure 2. */
export const grantVote = (context: RaftContext, request: RequestVote): Decision => {
  const hardState = { currentTerm: context.currentTerm, votedFor: request.from };
  const answer = send({
    type: 'RequestVoteResponse',
    from: context.id,
    to: request.from,
    term: context.currentTerm,
    voteGranted: true,
  });
  if (context.votedFor === request.from) return { patch: {}, effects: [answer] };
  return {
    patch: { votedFor: request.from },
    effects: [persistHardState(hardState, context.log.lastIndex), answer],
  };
};

export const denyVote = (context: RaftContext, request: RequestVote): Decision => ({
  patch: {},
  effects: [
    send({
      type: 'RequestVoteResponse',
      from: context.id,
      to: request.from,
      term: context.currentTerm,
      voteGranted: false,
    }),
  ],
});

/** Echoes the term asked for, and promises nothing. Thesis §9.6. */
export const grantPreVote = (context: RaftContext, request: PreVote): Decision =>
  answerPreVote(context, request.from, request.term, true);

/** Carries our own term, so that a requester with a longer log and an older term catches up. */
export const denyPreVote = (context: RaftContext, request: PreVote): Decision =>
  answerPreVote(context, request.from, context.currentTerm, false);

const answerPreVote = (context: RaftContext, to: NodeId, term: number, voteGranted: boolean): Decision => ({
  patch: {},
  effects: [send({ type: 'PreVoteResponse', from: context.id, to, term, voteGranted })],
});

const askVoters = (context: RaftContext, request: (to: NodeId) => PreVote | RequestVote): readonly Effect[] =>
  votersOf(currentConfiguration(context.configurations))
    .filter((voter) => voter !== context.id)
    .map((to) => send(request(to)));

const askedOf = ({ id, log }: RaftContext, to: NodeId, term: Term) => ({
  from: id,
  to,
  term,
  lastLogIndex: log.lastIndex,
  lastLogTerm: lastTerm(log),
});
