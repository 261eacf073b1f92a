import { acceptAppend, rejectAppend } from '../../src/raft/append-entries.ts';
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
import type { Applied, Persisted, Proposed, RaftEvent, Received } from '../../src/raft/inputs.ts';
import type {
  AppendEntries,
  AppendEntriesResponse,
  PreVote,
  PreVoteResponse,
  RequestVote,
  RequestVoteResponse,
} from '../../src/raft/messages.ts';
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

type Rule = (context: RaftContext, event: RaftEvent) => Decision;

/** What each action of the chart decides, by name: one call of one rule. */
export const decisions = {
  adoptTerm: (context, event) => adoptTerm(context, (event as Received).message),
  answerStaleRequest: (context, event) => answerStaleRequest(context, (event as Received).message),
  drawElectionTimeout: (context) => drawElectionTimeout(context),
  startPreVote: (context) => startPreVote(context),
  startElection: (context) => startElection(context),
  recordVote: (context, event) => recordVote(context, event as RequestVoteResponse | PreVoteResponse),
  grantVote: (context, event) => grantVote(context, event as RequestVote),
  denyVote: (context, event) => denyVote(context, event as RequestVote),
  grantPreVote: (context, event) => grantPreVote(context, event as PreVote),
  denyPreVote: (context, event) => denyPreVote(context, event as PreVote),
  acceptAppend: (context, event) => acceptAppend(context, event as AppendEntries),
  rejectAppend: (context, event) => rejectAppend(context, event as AppendEntries),
  becomeLeader: (context) => becomeLeader(context),
  resign: () => resign(),
  appendProposals: (context, event) => appendProposals(context, event as Proposed),
  rejectProposals: (context, event) => rejectProposals(context, event as Proposed),
  sendHeartbeats: (context) => sendHeartbeats(context),
  recordContact: (context, event) => recordContact(context, event as AppendEntriesResponse),
  recordMatch: (context, event) => recordMatch(context, event as AppendEntriesResponse),
  backtrack: (context, event) => backtrack(context, event as AppendEntriesResponse),
  recordPersisted: (context, event) => recordPersisted(context, event as Persisted),
  startQuorumCheck: (context) => startQuorumCheck(context),
  recordApplied: (_, event) => ({ patch: { lastApplied: (event as Applied).index }, effects: [] }),
} satisfies Record<string, Rule>;

export type DecisionName = keyof typeof decisions;
