import type { Settings } from '../raft/context.ts';
import type { NodeId } from '../raft/types.ts';
import type { Fault } from '../trace/fault.ts';

/** What became of the `nth` message, from 1, that one node sent to another. Heartbeats and their answers are counted apart. */
export interface MessageFault {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly nth: number;
  readonly heartbeat: boolean;
  readonly kind: 'drop' | 'duplicate' | 'delay';
}

export interface NetworkPlan {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Probability that a message is lost. */
  readonly dropRate: number;
  /** That it arrives twice. */
  readonly duplicateRate: number;
  /** That it is overtaken: it arrives later, by up to ten times `maxDelayMs`. */
  readonly reorderRate: number;
}

export const workloadNames = ['kv', 'txn'] as const;
export type WorkloadName = (typeof workloadNames)[number];

export interface ClientPlan {
  readonly sessions: number;
  /** For all sessions together, per virtual second. */
  readonly operationsPerSecond: number;
  readonly keys: number;
  /** What they do: `kv`, the default, reads and writes one key at a time; `txn` several at once. */
  readonly workload?: WorkloadName;
  /** If given, only these operations are done, at the times they give. */
  readonly script?: readonly ScriptedOperation[];
}

/** What clients ask for beside the commands of their sessions, of whichever node. */
export interface RequestPlan {
  /** Reads without an entry in the log, per virtual second. */
  readonly readsPerSecond: number;
  /** Requests to hand the leadership over, most of which go to nodes that do not lead. */
  readonly transfersPerSecond: number;
  /** Requests for other members, half of which go to whichever node; none, if left out. */
  readonly changesPerSecond?: number;
  /** If given, only these are made, at the times they give. */
  readonly script?: readonly ScriptedRequest[];
}

/** When each node takes a snapshot, and how it is sent. */
export interface SnapshotPlan {
  /** Applied since the last one. */
  readonly entries: number;
  /** Of those that it stands for, how many stay in the log. */
  readonly trailingEntries: number;
  /** The most that one message carries. */
  readonly chunkBytes: number;
}

/** The `nth` operation, from 1, that `session`, from 1, would have drawn, at `atMs` or when the one before it has ended. */
export interface ScriptedOperation {
  readonly session: number;
  readonly nth: number;
  readonly atMs: number;
}

/** The `nth` request of its kind, from 1, that would have been drawn, at `atMs`. */
export interface ScriptedRequest {
  readonly kind: 'read' | 'transfer' | 'change';
  readonly nth: number;
  readonly atMs: number;
}

/** Everything that determines a run. The same plan gives the same run, event for event. */
export interface Plan {
  readonly seed: number;
  /** The voters that the cluster starts with, from 1 on. */
  readonly nodes: number;
  /** Nodes after those that are not members until somebody adds them; none, if left out. */
  readonly spares?: number;
  /** Of the phase with faults and clients. A phase without faults follows, in which the cluster must recover. */
  readonly durationMs: number;
  readonly network: NetworkPlan;
  /** How long a sync takes. */
  readonly disk: { readonly minSyncMs: number; readonly maxSyncMs: number };
  readonly clients: ClientPlan;
  /** None, if left out. */
  readonly requests?: RequestPlan;
  /** None are taken, if left out. */
  readonly snapshots?: SnapshotPlan;
  /** For each node, spares included: how fast its clock runs, 1 being right; all are right, if left out. */
  readonly clockRates?: readonly number[];
  readonly faults: readonly Fault[];
  /** In addition to what the rates draw. */
  readonly messageFaults: readonly MessageFault[];
  readonly settings: Pick<Settings, 'electionTimeoutMinMs' | 'electionTimeoutMaxMs' | 'heartbeatIntervalMs'> &
    Partial<Pick<Settings, 'maxEntriesPerMessage' | 'leaseReads' | 'maxClockDrift'>>;
}

/** Calm: a cluster without faults. */
export const calmPlan: Plan = {
  seed: 1,
  nodes: 3,
  durationMs: 10_000,
  network: { minDelayMs: 1, maxDelayMs: 5, dropRate: 0, duplicateRate: 0, reorderRate: 0 },
  disk: { minSyncMs: 0.1, maxSyncMs: 1 },
  clients: { sessions: 4, operationsPerSecond: 20, keys: 4 },
  faults: [],
  messageFaults: [],
  settings: { electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300, heartbeatIntervalMs: 50 },
};

/** The voters that the cluster starts with. */
export const firstVotersOf = ({ nodes }: Plan): readonly NodeId[] => idsUpTo(nodes);

/** Every node, whether it is a member or not. */
export const nodesOf = ({ nodes, spares = 0 }: Plan): readonly NodeId[] => idsUpTo(nodes + spares);

const idsUpTo = (last: number): readonly NodeId[] => Array.from({ length: last }, (_, at) => at + 1);
