import { type Configuration, firstConfiguration } from './configuration.ts';
import { emptyLog, type LogShape } from './log-shape.ts';
import type { Change } from './members.ts';
import type { Progress } from './progress.ts';
import type { Snapshot } from './snapshot.ts';
import type { HardState, LogIndex, NodeId, Round } from './types.ts';

/** Fixed for the life of a node. Times in milliseconds of its clock. */
export interface Settings {
  /** Also the leader's lease: a node refuses votes for this long after hearing from its leader. Thesis §4.2.3. */
  readonly electionTimeoutMinMs: number;
  /** Also the interval of a leader's quorum check. Thesis §6.2. */
  readonly electionTimeoutMaxMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxEntriesPerMessage: number;
  /** Payload bytes of one AppendEntries; a larger entry travels alone. */
  readonly maxMessageBytes: number;
  /** Per follower. Bounds the bytes in flight as well: times `maxMessageBytes`. */
  readonly maxMessagesInFlight: number;
  /**
   * Answer reads without a round while a majority has answered one that began less than a minimum election timeout ago. Trusts the clocks
   * of all nodes to run equally fast within `maxClockDrift`. Thesis §6.4.1.
   */
  readonly leaseReads: boolean;
  /** A round of catching up that took longer than an election timeout is followed by another, but there are no more than this. Thesis §4.2.1. */
  readonly maxCatchUpRounds: number;
  /** A learner that is to vote and gets no further for so long is given up. */
  readonly catchUpTimeoutMs: number;
  /** How many of the entries that a snapshot stands for stay in the log, so that a follower that is a little late needs no snapshot. */
  readonly trailingEntries: number;
  /** The most that they may take, in payload bytes, counted in whole messages. */
  readonly trailingBytes: number;
  /** The most that a clock gains or loses, as a fraction: 0.1 is six minutes an hour. */
  readonly maxClockDrift: number;
}

export const defaultSettings: Settings = {
  electionTimeoutMinMs: 150,
  electionTimeoutMaxMs: 300,
  heartbeatIntervalMs: 50,
  maxEntriesPerMessage: 1024,
  maxMessageBytes: 512 * 1024,
  maxMessagesInFlight: 64,
  maxCatchUpRounds: 10,
  catchUpTimeoutMs: 5000,
  trailingEntries: 10_000,
  trailingBytes: 16 * 1024 * 1024,
  leaseReads: false,
  maxClockDrift: 0.1,
};

/** One node's state: Figure 2's, readonly plain JSON. The role is not in it: that is the chart's state value. */
export interface RaftContext extends HardState {
  readonly id: NodeId;
  readonly settings: Settings;
  readonly log: LogShape;
  /** The latest durable snapshot of the state machine. It may reach further than what the log has dropped. */
  readonly snapshot: Snapshot;
  /** The snapshot that is being received; null: none. */
  readonly incoming: Incoming | null;
  /** Ascending by index; the last one is in force, and the first one stands for everything that the log has dropped. */
  readonly configurations: readonly Configuration[];
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  /** Who leads `currentTerm`, as far as this node knows. Only for redirects and to ask about reads: no vote and no entry depends on it. */
  readonly leaderId: NodeId | null;
  /** Who has granted the vote or pre-vote being asked for; ascending. */
  readonly votesGranted: readonly NodeId[];
  /** For each other member, while this node leads; otherwise empty. */
  readonly progress: Readonly<Record<NodeId, Progress>>;
  /** How far this node's own log is durable, while it leads; otherwise 0. Thesis §10.2.1. */
  readonly durableIndex: LogIndex;
  /** Who has answered since the last quorum check; ascending. */
  readonly heardFrom: readonly NodeId[];
  /** The first entry that was not durable at the last quorum check; if all were, the last entry. */
  readonly checkedIndex: LogIndex;
  /** The round that began with the last quorum check: an answer to an earlier one does not count for this check. */
  readonly checkedRound: Round;
  /** The leader's latest round; 0 before the first. */
  readonly round: Round;
  /** Reads that wait to be confirmed, in the order in which they came, while this node leads. */
  readonly reads: readonly WaitingRead[];
  /** With `leaseReads`: the rounds that no majority has answered yet, ascending, each with the time before which it did not begin. */
  readonly openRounds: readonly OpenRound[];
  /** With `leaseReads`: when the latest round that a majority has answered began, or earlier; null: none has been answered. */
  readonly leaseStartMs: number | null;
  /** With `leaseReads`: the latest time that this leader has heard of, in milliseconds of its clock; null: none. */
  readonly nowMs: number | null;
  /** The change of the members that this leader was asked for; null: none, or it came with the log. */
  readonly change: Change | null;
  /** Who is to succeed this leader, while it hands over. */
  readonly transferTarget: NodeId | null;
  /** The request that asked for the transfer under way; 0: none. */
  readonly transferId: number;
  /** Whether a `TimeoutNow` has left in this term: it may arrive at any time, and its election passes all leases. */
  readonly hasHandedOver: boolean;
  /** Whether the campaign that begins was asked for by the leader. */
  readonly isTransferCampaign: boolean;
  /** Drawn anew whenever an election timer starts. */
  readonly electionTimeoutMs: number;
  /** State of this node's random generator of election timeouts. */
  readonly randomState: number;
}

export interface Incoming extends Snapshot {
  /** Bytes received so far. */
  readonly offset: number;
  /** All of it has arrived, and is being checked. */
  readonly isComplete: boolean;
}

/** A read that the leader has been asked for. */
export interface WaitingRead {
  /** Who asked: this node, or the follower that forwarded it. */
  readonly from: NodeId;
  readonly id: number;
  /** The round that must be answered; 0: none has begun for it yet. */
  readonly round: Round;
  /** The commit index when that round began. */
  readonly index: LogIndex;
}

export interface OpenRound {
  readonly round: Round;
  readonly startMs: number;
}

/** What a node is started from: its identity, its settings and what its storage holds. */
export interface RaftInput {
  readonly id: NodeId;
  /** The voters that the cluster was started with, this node included if it is one of them. */
  readonly voters: readonly NodeId[];
  /** What is known of these voters, by id. */
  readonly members?: Configuration['members'];
  /** Those in the log, ascending by index. */
  readonly configurations?: readonly Configuration[];
  readonly settings?: Settings;
  readonly hardState?: HardState;
  readonly log?: LogShape;
  /** Its index is no lower than what the log has dropped. */
  readonly snapshot?: Snapshot;
  /** Any integer, different on each node: with the same seed, nodes would draw the same timeouts. */
  readonly seed?: number;
}

/** The state that only a leader has. It starts from here on entry and is reset to this on exit. */
export const noLeadership = {
  progress: {},
  durableIndex: 0,
  heardFrom: [],
  checkedIndex: 0,
  checkedRound: 0,
  round: 0,
  reads: [],
  openRounds: [],
  leaseStartMs: null,
  nowMs: null,
  change: null,
  transferTarget: null,
  transferId: 0,
  hasHandedOver: false,
} satisfies Partial<RaftContext>;

/** A node as it starts or restarts: volatile state is as in Figure 2, `commitIndex` = the snapshot's index. */
export const initialContext = (input: RaftInput): RaftContext => {
  const log = input.log ?? emptyLog;
  const settings = input.settings ?? defaultSettings;
  const first = firstConfiguration(input.voters, input.members);
  const snapshot = input.snapshot ?? {
    index: log.snapshotIndex,
    term: log.snapshotTerm,
    configuration: first,
  };
  const configurations = input.configurations ?? [];
  return {
    id: input.id,
    settings,
    currentTerm: input.hardState?.currentTerm ?? 0,
    votedFor: input.hardState?.votedFor ?? null,
    log,
    snapshot,
    incoming: null,
    configurations: [snapshot.configuration, ...configurations.filter(({ index }) => index > snapshot.index)],
    commitIndex: snapshot.index,
    lastApplied: snapshot.index,
    leaderId: null,
    votesGranted: [],
    isTransferCampaign: false,
    ...noLeadership,
    electionTimeoutMs: settings.electionTimeoutMaxMs,
    randomState: (input.seed ?? input.id) >>> 0,
  };
};
