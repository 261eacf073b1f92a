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
  answerByLease,
  confirmForwardedRead,
  confirmReads,
  forwardRead,
  holdRead,
  recordTime,
  refuseRead,
  refuseReadIndex,
  rejectForwardedRead,
  startHeldReads,
  startReadRound,
} from '../../src/raft/reads.ts';
import {
  appendProposals,
  backtrack,
  becomeLeader,
  quarantine,
  recordContact,
  recordMatch,
  recordPersisted,
  rejectProposals,
  resign,
  sendHeartbeats,
  startQuorumCheck,
} from '../../src/raft/replication.ts';
import {
  adoptSnapshot,
  answerStaleSnapshot,
  askForChunk,
  awaitSnapshot,
  compactLog,
  forgetSnapshot,
  keepChunk,
  recordSnapshotContact,
  resumeReplication,
  sendNextChunk,
} from '../../src/raft/snapshots.ts';
import { adoptTerm, answerStaleRequest, reportTerm } from '../../src/raft/term.ts';
import {
  abandonTransfer,
  markTransfer,
  redirectTransfer,
  rejectSecondTransfer,
  rejectTransferToSelf,
  rejectUnknownTarget,
  sendTimeoutNow,
  startTransfer,
} from '../../src/raft/transfer.ts';
import { on, onReceived } from './bind.ts';

type Rule = (context: RaftContext, event: RaftEvent) => Decision;

const readAsked = ['ReadRequested', 'ReadIndex'] as const;

/** What each action of the chart decides, by name: a single call of one rule, for the events that the rule handles. */
export const decisions = {
  adoptTerm: onReceived(adoptTerm),
  answerStaleRequest: onReceived(answerStaleRequest),
  reportTerm: onReceived(reportTerm),
  recordTime: on(['Received'], recordTime),
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
  quarantine: on(['AppendEntriesResponse'], quarantine),
  recordPersisted: on(['Persisted'], recordPersisted),
  startQuorumCheck: startQuorumCheck,
  recordApplied: on(['Applied'], recordApplied),
  compactLog: on(['SnapshotSaved'], compactLog),
  answerStaleSnapshot: on(['InstallSnapshot'], answerStaleSnapshot),
  awaitSnapshot: on(['InstallSnapshot'], awaitSnapshot),
  askForChunk: on(['InstallSnapshot'], askForChunk),
  keepChunk: on(['InstallSnapshot'], keepChunk),
  adoptSnapshot: adoptSnapshot,
  forgetSnapshot: on(['SnapshotReceived', 'SnapshotFailed'], forgetSnapshot),
  recordSnapshotContact: on(['InstallSnapshotResponse'], recordSnapshotContact),
  resumeReplication: on(['InstallSnapshotResponse'], resumeReplication),
  sendNextChunk: on(['InstallSnapshotResponse'], sendNextChunk),
  startTransfer: on(['TransferRequested'], startTransfer),
  redirectTransfer: on(['TransferRequested'], redirectTransfer),
  rejectTransferToSelf: on(['TransferRequested'], rejectTransferToSelf),
  rejectUnknownTarget: on(['TransferRequested'], rejectUnknownTarget),
  rejectSecondTransfer: on(['TransferRequested'], rejectSecondTransfer),
  sendTimeoutNow: sendTimeoutNow,
  abandonTransfer: abandonTransfer,
  markTransfer: markTransfer,
  holdRead: on(readAsked, holdRead),
  startReadRound: on(readAsked, startReadRound),
  answerByLease: on(readAsked, answerByLease),
  confirmReads: confirmReads,
  startHeldReads: startHeldReads,
  forwardRead: on(['ReadRequested'], forwardRead),
  refuseRead: on(['ReadRequested'], refuseRead),
  refuseReadIndex: on(['ReadIndex'], refuseReadIndex),
  confirmForwardedRead: on(['ReadIndexResponse'], confirmForwardedRead),
  rejectForwardedRead: on(['ReadIndexResponse'], rejectForwardedRead),
} satisfies Record<string, Rule>;

export type DecisionName = keyof typeof decisions;
