import { isCommittedConflict, isLogMismatch } from '../../src/raft/append-entries.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import {
  isLogBehind,
  isSoleVoter,
  isVoteCounted,
  isVoteQuorum,
  votedForAnother,
} from '../../src/raft/election.ts';
import type { Persisted, RaftEvent, Received } from '../../src/raft/inputs.ts';
import type {
  AppendEntries,
  AppendEntriesResponse,
  PreVote,
  PreVoteResponse,
  RequestVote,
  RequestVoteResponse,
} from '../../src/raft/messages.ts';
import {
  isAppendRejected,
  isDiskStalled,
  isMatchBeyondLog,
  isPersistedInOtherTerm,
  isQuorumLost,
  isStaleRejection,
  isUnknownFollower,
} from '../../src/raft/replication.ts';
import { isNewerTerm, isStaleRequest, isStaleResponse, isVoteRequest } from '../../src/raft/term.ts';

interface GuardArgs {
  readonly context: RaftContext;
  readonly event: RaftEvent;
}

type Vote = RequestVoteResponse | PreVoteResponse;

/** A guard of the chart, by name: one call of one rule. The chart lets each see only the events it is written for. */
export const guards = {
  isNewerTerm: ({ context, event }: GuardArgs) => isNewerTerm(context, (event as Received).message),
  isVoteRequest: ({ event }: GuardArgs) => isVoteRequest((event as Received).message),
  isStaleRequest: ({ context, event }: GuardArgs) => isStaleRequest(context, (event as Received).message),
  isStaleResponse: ({ context, event }: GuardArgs) => isStaleResponse(context, (event as Received).message),
  votedForAnother: ({ context, event }: GuardArgs) => votedForAnother(context, event as RequestVote),
  isLogBehind: ({ context, event }: GuardArgs) => isLogBehind(context, event as RequestVote | PreVote),
  isSoleVoter: ({ context }: GuardArgs) => isSoleVoter(context),
  isVoteRefused: ({ event }: GuardArgs) => !(event as Vote).voteGranted,
  isVoteCounted: ({ context, event }: GuardArgs) => isVoteCounted(context, event as Vote),
  isVoteQuorum: ({ context, event }: GuardArgs) => isVoteQuorum(context, event as Vote),
  isLogMismatch: ({ context, event }: GuardArgs) => isLogMismatch(context, event as AppendEntries),
  isCommittedConflict: ({ context, event }: GuardArgs) =>
    isCommittedConflict(context, event as AppendEntries),
  isUnknownFollower: ({ context, event }: GuardArgs) =>
    isUnknownFollower(context, event as AppendEntriesResponse),
  isMatchBeyondLog: ({ context, event }: GuardArgs) =>
    isMatchBeyondLog(context, event as AppendEntriesResponse),
  isStaleRejection: ({ context, event }: GuardArgs) =>
    isStaleRejection(context, event as AppendEntriesResponse),
  isAppendRejected: ({ event }: GuardArgs) => isAppendRejected(event as AppendEntriesResponse),
  isPersistedInOtherTerm: ({ context, event }: GuardArgs) =>
    isPersistedInOtherTerm(context, event as Persisted),
  isQuorumLost: ({ context }: GuardArgs) => isQuorumLost(context),
  isDiskStalled: ({ context }: GuardArgs) => isDiskStalled(context),
};
