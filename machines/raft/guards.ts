import { isCommittedConflict, isLogMismatch } from '../../src/raft/append-entries.ts';
import { isCatchUpExhausted, isCatchUpStuck, needsCatchUp } from '../../src/raft/catch-up.ts';
import type { RaftContext } from '../../src/raft/context.ts';
import {
  isLogBehind,
  isSoleVoter,
  isVoteCounted,
  isVoteQuorum,
  isVoteRefused,
  mayOweLease,
  votedForAnother,
} from '../../src/raft/election.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';
import {
  hasNoVoter,
  isConfigurationUnchanged,
  isConfigurationUncommitted,
  isJointInForce,
  isNotVoter,
  isSelfRemoved,
  isTransferring,
  keepsVoters,
  namesUnknownMember,
  putsVoterOnOtherDisk,
} from '../../src/raft/membership.ts';
import {
  isLeaderUnknown,
  isLeaseHeld,
  isOwnTermUncommitted,
  isReadRefused,
  isRoundUnderWay,
  keepsTime,
} from '../../src/raft/reads.ts';
import {
  hasLostEntries,
  isAppendRejected,
  isDiskStalled,
  isMatchBeyondLog,
  isPersistedInOtherTerm,
  isQuarantined,
  isQuorumLost,
  isRoundNotBegun,
  isStaleRejection,
  isUnknownFollower,
} from '../../src/raft/replication.ts';
import {
  isChunkOutOfOrder,
  isChunkUnderWay,
  isInstallBeyondLog,
  isReceivedStale,
  isSnapshotComplete,
  isSnapshotDone,
  isSnapshotOlder,
  isSnapshotStale,
  isStaleSnapshotAnswer,
} from '../../src/raft/snapshots.ts';
import {
  isDisruptiveVote,
  isNewerTerm,
  isStaleRequest,
  isStaleResponse,
  isTermTooFar,
} from '../../src/raft/term.ts';
import {
  isTransferTargetReady,
  isTransferTargetSelf,
  isTransferTargetUnknown,
} from '../../src/raft/transfer.ts';
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
const configurationProposed = ['ConfigurationProposed'] as const;
const readAsked = ['ReadRequested', 'ReadIndex'] as const;
const installSnapshot = ['InstallSnapshot'] as const;
const installSnapshotResponse = ['InstallSnapshotResponse'] as const;
const followerResponse = ['AppendEntriesResponse', 'InstallSnapshotResponse'] as const;
const appendEntriesResponse = ['AppendEntriesResponse'] as const;

/** Each guard of the chart by name: a single call of one rule, for the events that the rule handles. */
export const guards = {
  isNewerTerm: guard(onReceived(isNewerTerm)),
  isTermTooFar: guard(onReceived(isTermTooFar)),
  isDisruptiveVote: guard(onReceived((_, message) => isDisruptiveVote(message))),
  isStaleRequest: guard(onReceived(isStaleRequest)),
  isStaleResponse: guard(onReceived(isStaleResponse)),
  keepsTime: guard(keepsTime),
  mayOweLease: guard(mayOweLease),
  votedForAnother: guard(on(['RequestVote'], votedForAnother)),
  isLogBehind: guard(on(voteRequest, isLogBehind)),
  isSoleVoter: guard(isSoleVoter),
  isVoteRefused: guard(on(voteResponse, (_, response) => isVoteRefused(response))),
  isVoteCounted: guard(on(voteResponse, isVoteCounted)),
  isVoteQuorum: guard(on(voteResponse, isVoteQuorum)),
  isLogMismatch: guard(on(appendEntries, isLogMismatch)),
  isCommittedConflict: guard(on(appendEntries, isCommittedConflict)),
  isUnknownFollower: guard(on(followerResponse, isUnknownFollower)),
  isRoundNotBegun: guard(on(followerResponse, isRoundNotBegun)),
  isQuarantined: guard(on(followerResponse, isQuarantined)),
  hasLostEntries: guard(on(appendEntriesResponse, hasLostEntries)),
  isMatchBeyondLog: guard(on(appendEntriesResponse, isMatchBeyondLog)),
  isStaleRejection: guard(on(appendEntriesResponse, isStaleRejection)),
  isAppendRejected: guard(on(appendEntriesResponse, (_, response) => isAppendRejected(response))),
  isSnapshotOlder: guard(on(['SnapshotSaved'], isSnapshotOlder)),
  isSnapshotStale: guard(on(installSnapshot, isSnapshotStale)),
  isSnapshotComplete: guard(on(installSnapshot, isSnapshotComplete)),
  isChunkOutOfOrder: guard(on(installSnapshot, isChunkOutOfOrder)),
  isReceivedStale: guard(on(['SnapshotReceived'], isReceivedStale)),
  isInstallBeyondLog: guard(on(installSnapshotResponse, isInstallBeyondLog)),
  isStaleSnapshotAnswer: guard(on(installSnapshotResponse, isStaleSnapshotAnswer)),
  isSnapshotDone: guard(on(installSnapshotResponse, (_, response) => isSnapshotDone(response))),
  isChunkUnderWay: guard(on(installSnapshotResponse, isChunkUnderWay)),
  isPersistedInOtherTerm: guard(on(['Persisted'], isPersistedInOtherTerm)),
  isQuorumLost: guard(isQuorumLost),
  isDiskStalled: guard(isDiskStalled),
  isNotVoter: guard(isNotVoter),
  isTransferring: guard(isTransferring),
  isConfigurationUnchanged: guard(on(configurationProposed, isConfigurationUnchanged)),
  hasNoVoter: guard(on(configurationProposed, hasNoVoter)),
  putsVoterOnOtherDisk: guard(on(configurationProposed, putsVoterOnOtherDisk)),
  namesUnknownMember: guard(on(configurationProposed, namesUnknownMember)),
  needsCatchUp: guard(on(configurationProposed, needsCatchUp)),
  keepsVoters: guard(on(configurationProposed, keepsVoters)),
  isCatchUpExhausted: guard(isCatchUpExhausted),
  isCatchUpStuck: guard(isCatchUpStuck),
  isJointInForce: guard(isJointInForce),
  isConfigurationUncommitted: guard(isConfigurationUncommitted),
  isSelfRemoved: guard(isSelfRemoved),
  isTransferTargetSelf: guard(on(['TransferRequested'], isTransferTargetSelf)),
  isTransferTargetUnknown: guard(on(['TransferRequested'], isTransferTargetUnknown)),
  isTransferTargetReady: guard(on(['TransferRequested'], isTransferTargetReady)),
  isLeaderUnknown: guard(isLeaderUnknown),
  isOwnTermUncommitted: guard(isOwnTermUncommitted),
  isLeaseHeld: guard(on(readAsked, isLeaseHeld)),
  isRoundUnderWay: guard(isRoundUnderWay),
  isReadRefused: guard(on(['ReadIndexResponse'], (_, response) => isReadRefused(response))),
};
