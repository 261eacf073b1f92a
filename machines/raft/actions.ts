import { acceptAppend, rejectAppend } from '../../src/raft/append-entries.ts';
import { recordApplied } from '../../src/raft/commit.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import type { Decision } from '../../src/raft/effects.ts';
import {
  denyPreVote,
  denyVote,
  drawElectionTimeout,
  grantPreVote,
  grantVote,
  recordVote,
  startElection,
  startPreVote,
} from '../../src/raft/election.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';
import {
  appendProposals,
  backtrack,
  becomeLeader,
  recordContact,
  recordMatch,
  recordPersisted,
  rejectProposals,
  resign,
  sendHeartbeats,
  startQuorumCheck,
} from '../../src/raft/replication.ts';
import { adoptTerm, answerStaleRequest } from '../../src/raft/term.ts';
import { on, onReceived } from './bind.ts';

type Rule = (context: RaftContext, event: RaftEvent) => Decision;

/** What each action of the chart decides, by name: a single call of one rule, for the events that the rule handles. */
export const decisions = {
  adoptTerm: onReceived(adoptTerm),
  answerStaleRequest: onReceived(answerStaleRequest),
  drawElectionTimeout: drawElectionTimeout,
  startPreVote: startPreVote,
  startElection: startElection,
  recordVote: on(['RequestVoteResponse', 'PreVoteResponse'], recordVote),
  grantVote: on(['RequestVote'], grantVote),
  denyVote: on(['RequestVote'], denyVote),
  grantPreVote: on(['PreVote'], grantPreVote),
  denyPreVote: on(['PreVote'], denyPreVote),
  acceptAppend: on(['AppendEntries'], acceptAppend),
  rejectAppend: on(['AppendEntries'], rejectAppend),
  becomeLeader: becomeLeader,
  resign: resign,
  appendProposals: on(['Proposed'], appendProposals),
  rejectProposals: on(['Proposed'], rejectProposals),
  sendHeartbeats: sendHeartbeats,
  recordContact: on(['AppendEntriesResponse'], recordContact),
  recordMatch: on(['AppendEntriesResponse'], recordMatch),
  backtrack: on(['AppendEntriesResponse'], backtrack),
  recordPersisted: on(['Persisted'], recordPersisted),
  startQuorumCheck: startQuorumCheck,
  recordApplied: on(['Applied'], recordApplied),
} satisfies Record<string, Rule>;

export type DecisionName = keyof typeof decisions;
