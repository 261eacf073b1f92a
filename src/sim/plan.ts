import type { Settings } from '../raft/context.ts';
import type { NodeId } from '../raft/types.ts';

/** When a fault begins and when it is over, in virtual milliseconds. */
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One fault with its time. A plan lists them, so that one can be left out without moving another. */
export type Fault =
  /**
   * Frames between nodes that have no group in common are lost, so a node in two groups is a bridge; `oneWay`: only those from the
   * first group to the others. A node in no group is cut off from all. `lasts`: it stays, and the cluster must recover in spite of it.
   */
  | (Window & {
      readonly kind: 'partition';
      readonly groups: readonly (readonly NodeId[])[];
      readonly oneWay: boolean;
      readonly lasts?: boolean;
    })
  /** Frames from `from` to `to` are held, and arrive once it is over. */
  | (Window & { readonly kind: 'hold'; readonly from: NodeId; readonly to: NodeId })
  /** Frames from `from` to `to` take `addMs` longer. */
  | (Window & {
      readonly kind: 'slowLink';
      readonly from: NodeId;
      readonly to: NodeId;
      readonly addMs: number;
    })
  /** The connections between two nodes break at `fromMs`, with what was on its way. `toMs` means nothing. */
  | (Window & { readonly kind: 'disconnect'; readonly nodes: readonly [NodeId, NodeId] })
  /** From `fromMs` on each node does `effects` more effects and then loses power; it starts again at `toMs`. */
  | (Window & { readonly kind: 'crash'; readonly nodes: readonly NodeId[]; readonly effects: number })
  /** The process stands still, as under SIGSTOP; what arrives waits. */
  | (Window & { readonly kind: 'pause'; readonly node: NodeId })
  /** Its clock runs `rate` times as fast as time. */
  | (Window & { readonly kind: 'skew'; readonly node: NodeId; readonly rate: number })
  /** A sync takes `addMs` longer. */
  | (Window & { readonly kind: 'slowDisk'; readonly node: NodeId; readonly addMs: number })
  /** The first sync from `fromMs` on fails, having written some of it. The node must stop; it is started again at `toMs`. */
  | (Window & { readonly kind: 'failedSync'; readonly node: NodeId })
  /** No file can be made or grown. */
  | (Window & { readonly kind: 'fullDisk'; readonly node: NodeId })
  /** The node loses power, and bit `bit` of byte `at` (from 0 to 1 of what was written) is flipped until `toMs`. */
  | (Window & { readonly kind: 'bitFlip'; readonly node: NodeId; readonly at: number; readonly bit: number });

export type FaultKind = Fault['kind'];

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

export interface ClientPlan {
  readonly sessions: number;
  /** Of all sessions together, per virtual second. */
  readonly operationsPerSecond: number;
  readonly keys: number;
  /** If given, only these operations are done, and when they say. */
  readonly script?: readonly ScriptedOperation[];
}

/** The `nth` operation, from 1, that `session`, from 1, would have drawn, at `atMs` or when the one before it has ended. */
export interface ScriptedOperation {
  readonly session: number;
  readonly nth: number;
  readonly atMs: number;
}

/** All that decides a run. The same plan gives the same run, event for event. */
export interface Plan {
  readonly seed: number;
  readonly nodes: number;
  /** Of the phase with faults and clients. A phase without faults follows, in which the cluster must recover. */
  readonly durationMs: number;
  readonly network: NetworkPlan;
  /** How long a sync takes. */
  readonly disk: { readonly minSyncMs: number; readonly maxSyncMs: number };
  readonly clients: ClientPlan;
  readonly faults: readonly Fault[];
  /** In addition to what the rates draw. */
  readonly messageFaults: readonly MessageFault[];
  readonly settings: Pick<Settings, 'electionTimeoutMinMs' | 'electionTimeoutMaxMs' | 'heartbeatIntervalMs'> &
    Partial<Pick<Settings, 'maxEntriesPerMessage'>>;
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

export const votersOf = (plan: Plan): readonly NodeId[] =>
  Array.from({ length: plan.nodes }, (_, at) => at + 1);
