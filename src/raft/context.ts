import type { Configuration } from './configuration.ts';
import { emptyLog, type LogShape } from './log-shape.ts';
import type { Progress } from './progress.ts';
import type { HardState, LogIndex, NodeId } from './types.ts';

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
}

export const defaultSettings: Settings = {
  electionTimeoutMinMs: 150,
  electionTimeoutMaxMs: 300,
  heartbeatIntervalMs: 50,
  maxEntriesPerMessage: 1024,
  maxMessageBytes: 512 * 1024,
  maxMessagesInFlight: 64,
};

/** One node's state: Figure 2's, readonly plain JSON. The role is not in it: that is the chart's state value. */
export interface RaftContext extends HardState {
  readonly id: NodeId;
  readonly settings: Settings;
  readonly log: LogShape;
  /** Ascending by index; the last one is in force, and the first one stands for everything that the log has dropped. */
  readonly configurations: readonly Configuration[];
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  /** Who leads `currentTerm`, as far as this node knows. Only for redirects: no rule reads it. */
  readonly leaderId: NodeId | null;
  /** Who has granted the vote or pre-vote being asked for; ascending. */
  readonly votesGranted: readonly NodeId[];
  /** For each other member, while this node leads; otherwise empty. */
  readonly progress: Readonly<Record<NodeId, Progress>>;
  /** How far this node's own log is durable, while it leads; otherwise 0. Thesis §10.2.1. */
  readonly durableIndex: LogIndex;
  /** Who has answered since the last quorum check; ascending. */
  readonly heardFrom: readonly NodeId[];
  /** `log.lastIndex` as of the last quorum check. */
  readonly checkedIndex: LogIndex;
  /** Drawn anew whenever an election timer starts. */
  readonly electionTimeoutMs: number;
  /** State of this node's random generator of election timeouts. */
  readonly randomState: number;
}

/** What a node is started from: its identity, its settings and what its storage holds. */
export interface RaftInput {
  readonly id: NodeId;
  /** All members, this node included. */
  readonly voters: readonly NodeId[];
  readonly settings?: Settings;
  readonly hardState?: HardState;
  readonly log?: LogShape;
  /** Any integer, different on each node: with the same seed, nodes would draw the same timeouts. */
  readonly seed?: number;
}

/** The state that only a leader has. It starts from here on entry and is reset to this on exit. */
export const noLeadership = {
  progress: {},
  durableIndex: 0,
  heardFrom: [],
  checkedIndex: 0,
} satisfies Partial<RaftContext>;

/** A node as it starts or restarts: volatile state is as in Figure 2, `commitIndex` = the snapshot's index. */
export const initialContext = (input: RaftInput): RaftContext => {
  const log = input.log ?? emptyLog;
  const settings = input.settings ?? defaultSettings;
  return {
    id: input.id,
    settings,
    currentTerm: input.hardState?.currentTerm ?? 0,
    votedFor: input.hardState?.votedFor ?? null,
    log,
    configurations: [{ index: 0, voters: [...input.voters].sort((a, b) => a - b) }],
    commitIndex: log.snapshotIndex,
    lastApplied: log.snapshotIndex,
    leaderId: null,
    votesGranted: [],
    ...noLeadership,
    electionTimeoutMs: settings.electionTimeoutMaxMs,
    randomState: (input.seed ?? input.id) >>> 0,
  };
};
