import type { InspectionEvent } from 'xstate';
import type { raftMachine } from '../../machines/raft/raft.machine.ts';
import type { Files } from '../adapters/storage/files.ts';
import type { judgeDisk } from '../node/judge-disk.ts';
import type { RaftSnapshot } from '../node/step.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage } from '../ports/storage.ts';
import type { Settings } from '../raft/context.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { Checks } from '../verify/checks.ts';
import type { SimulatedDisk } from './disk.ts';
import type { UnderSessions } from './exactly-once.ts';
import type { Network } from './network.ts';
import type { SnapshotPlan } from './plan.ts';
import type { SnapshotsEqual } from './simulated-snapshots.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What may be put in place of the real parts, such as a chart with a broken guard. */
export interface Replacements {
  readonly machine?: typeof raftMachine;
  readonly judgeDisk?: typeof judgeDisk;
  /** Between the write-ahead log and the disk. */
  readonly files?: (files: Files, node: NodeId) => Files;
  /** Between the node and the write-ahead log. */
  readonly storage?: (storage: Storage, node: NodeId) => Storage;
  /** Between the node and the clock of its process. */
  readonly clock?: (clock: Clock, node: NodeId) => Clock;
  /** The node's source of randomness: decides its election timeouts. */
  readonly random?: (node: NodeId, incarnation: number) => Random;
  /** What puts the state machine under sessions, where the service has `results`. */
  readonly sessions?: UnderSessions;
}

/** What happens to a node besides the steps of its chart. */
export interface NodeObserver {
  started(node: NodeId, snapshot: RaftSnapshot): void;
  stepped(node: NodeId, snapshot: RaftSnapshot): void;
  /** It has handed a message to the link of its addressee. */
  sent(message: Message): void;
  /** The link could not take it. */
  lost(message: Message): void;
  /** So many writes of this run are durable by now. */
  synced(node: NodeId, writes: number): void;
  applied(node: NodeId, index: number, term: number): void;
  crashed(node: NodeId): void;
  stopped(node: NodeId, reason: string): void;
  refused(node: NodeId, reason: string): void;
  /** Receives XState's inspection events from the node's actors; undefined: no inspection, which is much cheaper. */
  readonly inspect?: (node: NodeId, event: InspectionEvent) => void;
}

export interface SimulatedNodeParts {
  readonly id: NodeId;
  /** Every node, this one included. */
  readonly nodes: readonly NodeId[];
  /** Those that the cluster starts with. */
  readonly firstVoters: readonly NodeId[];
  readonly clock: VirtualClock;
  readonly disk: SimulatedDisk;
  readonly network: Network;
  readonly checks: Checks;
  readonly settings: Partial<Settings>;
  /** Undefined: none are taken. */
  readonly snapshots: SnapshotPlan | undefined;
  readonly snapshotsEqual: SnapshotsEqual;
  /** An empty one. */
  readonly stateMachine: () => StateMachine<unknown>;
  /** What stands between the log and the state machine, such as sessions. */
  readonly around: (stateMachine: StateMachine<unknown>) => StateMachine<unknown>;
  readonly random: (incarnation: number) => Random;
  readonly replacements: Replacements;
  readonly observer: NodeObserver;
}
