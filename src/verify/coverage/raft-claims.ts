import type { Input, Raised } from '../../raft/inputs.ts';
import type { Claim } from '../../statechart/coverage/grounds.ts';

const leased = 'the lease ignores vote requests before the role sees them (thesis §4.2.3)';
const leading = 'a leader ignores vote requests before the role sees them (thesis §4.2.3)';

const notLeading = 'only the rules of a leader notice it';
const handedOver = 'the election that it has called for passes all leases (thesis §3.10)';
const notTransferring = 'there is no target that could get ready';

/** What the rules notice: they raise it, wherever that is. */
export const raftNotices: ReadonlySet<string> = new Set(
  Object.keys({
    CaughtUp: true,
    JointCommitted: true,
    FinalCommitted: true,
    TargetReady: true,
    RoundConfirmed: true,
    TermCommitted: true,
  } satisfies Record<Raised['type'], true>),
);

const ready = 'a change begins only after an entry of its own term is committed (thesis §4.1)';
const notCatchingUp = 'no learners are being brought up to date';
const notJoint = 'the configuration in force is not joint';
const notLeaving = 'the configuration in force is committed already, or joint';

const transferStates = ['idle', 'catchingUp', 'handedOver'].map((state) => `leader.{transfer.${state}}`);
const [settled, inTime, late, joint, leaving] = [
  'leader.{configuration.settled}',
  'leader.{configuration.catchingUp.inTime}',
  'leader.{configuration.catchingUp.late}',
  'leader.{configuration.joint}',
  'leader.{configuration.leaving}',
] as const;
const withoutLeadership = ['follower.leased', 'follower.unleased', 'preCandidate', 'candidate'];

/** What no message can reach in the role chart. */
export const raftClaims: readonly Claim[] = [
  { state: 'follower.leased', event: 'PreVote', reason: leased },
  ...[...transferStates, settled, inTime, late, joint, leaving].map((state) => ({
    state,
    event: 'PreVote',
    reason: leading,
  })),
  ...withoutLeadership.flatMap((state) =>
    [...raftNotices].map((event) => ({ state, event, reason: notLeading, isRaised: true })),
  ),
  ...['ReadRequested', 'ReadIndex'].map((event) => {
    const branch = `raft.leader/${event}/1`;
    return { state: 'leader.{transfer.handedOver}', event, branch, reason: handedOver };
  }),
  ...[inTime, late].flatMap((state) => [
    ...['ReadRequested', 'ReadIndex'].map((event) => {
      const branch = `raft.leader/${event}/0`;
      return { state, event, branch, reason: ready };
    }),
    { state, event: 'TermCommitted', reason: ready, isRaised: true },
  ]),
  { state: 'leader.{transfer.idle}', event: 'TargetReady', reason: notTransferring, isRaised: true },
  ...[settled, joint, leaving].map((state) => ({
    state,
    event: 'CaughtUp',
    reason: notCatchingUp,
    isRaised: true,
  })),
  ...[settled, inTime, late, leaving].map((state) => ({
    state,
    event: 'JointCommitted',
    reason: notJoint,
    isRaised: true,
  })),
  ...[settled, inTime, late, joint].map((state) => ({
    state,
    event: 'FinalCommitted',
    reason: notLeaving,
    isRaised: true,
  })),
];

/** What the role chart is sent from outside; messages are raised only by the term gate. */
export const raftInputs: ReadonlySet<string> = new Set(
  Object.keys({
    Received: true,
    Persisted: true,
    Applied: true,
    SnapshotSaved: true,
    SnapshotReceived: true,
    SnapshotFailed: true,
    Proposed: true,
    ConfigurationProposed: true,
    TransferRequested: true,
    ReadRequested: true,
  } satisfies Record<Input['type'], true>),
);
