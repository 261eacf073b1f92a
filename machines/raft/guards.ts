import { isCommittedConflict, isLogMismatch } from '../../src/raft/append-entries.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import {
  isLogBehind,
  isSoleVoter,
  isVoteCounted,
  isVoteQuorum,
  isVoteRefused,
  votedForAnother,
} from '../../src/raft/election.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';
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
import { on, onReceived } from './bind.ts';

interface GuardArgs {
  readonly context: RaftContext;
  readonly event: RaftEvent;
}

type Predicate = (context: RaftContext, event: RaftEvent) => boolean;

/** A predicate in the form that XState calls as a guard. */
const guard =
  (predicate: Predicate) =>
  ({ context, event }: GuardArgs): boolean =>
    predicate(context, event);

const voteRequest = ['RequestVote', 'PreVote'] as const;
const voteResponse = ['RequestVoteResponse', 'PreVoteResponse'] as const;
const appendEntries = ['AppendEntries'] as const;
const appendEntriesResponse = ['AppendEntriesResponse'] as const;

/** Each guard of the chart by name: a single call of one rule, for the events that the rule handles. */
export const guards = {
  isNewerTerm: guard(onReceived(isNewerTerm)),
  isVoteRequest: guard(onReceived((_, message) => isVoteRequest(message))),
  isStaleRequest: guard(onReceived(isStaleRequest)),
  isStaleResponse: guard(onReceived(isStaleResponse)),
  votedForAnother: guard(on(['RequestVote'], votedForAnother)),
  isLogBehind: guard(on(voteRequest, isLogBehind)),
  isSoleVoter: guard(isSoleVoter),
  isVoteRefused: guard(on(voteResponse, (_, response) => isVoteRefused(response))),
  isVoteCounted: guard(on(voteResponse, isVoteCounted)),
  isVoteQuorum: guard(on(voteResponse, isVoteQuorum)),
  isLogMismatch: guard(on(appendEntries, isLogMismatch)),
  isCommittedConflict: guard(on(appendEntries, isCommittedConflict)),
  isUnknownFollower: guard(on(appendEntriesResponse, isUnknownFollower)),
  isMatchBeyondLog: guard(on(appendEntriesResponse, isMatchBeyondLog)),
  isStaleRejection: guard(on(appendEntriesResponse, isStaleRejection)),
  isAppendRejected: guard(on(appendEntriesResponse, (_, response) => isAppendRejected(response))),
  isPersistedInOtherTerm: guard(on(['Persisted'], isPersistedInOtherTerm)),
  isQuorumLost: guard(isQuorumLost),
  isDiskStalled: guard(isDiskStalled),
};
