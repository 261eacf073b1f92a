import type { Configuration } from '../../raft/configuration.ts';
import type { Problem } from '../../raft/effects.ts';
import type { LogShape } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { HardState, LogIndex, NodeId, Term } from '../../raft/types.ts';

/** One node as the properties see it: plain JSON, without payloads. */
export interface NodeView extends HardState {
  readonly id: NodeId;
  /** The name of the chart's role, for people. Only properties that speak of leaders depend on it. */
  readonly role: string;
  readonly commitIndex: LogIndex;
  readonly lastApplied: LogIndex;
  readonly log: LogShape;
  /** Ascending by index; the last one is in force. Empty while the node is down. */
  readonly configurations: readonly Configuration[];
  /** What the node has been told is durable; it outlives a crash. */
  readonly durable: DurableView;
  /** By its `logId`, the disk that counts as its own, and the one that did at first; undefined: it never gets another. */
  readonly disk?: { readonly logId: string; readonly first: string };
  /** False: only `durable` means anything. */
  readonly isUp: boolean;
}

export interface DurableView extends HardState {
  readonly log: LogShape;
}

/** What has just happened to one node. */
export type Step =
  /** The chart handled one event to completion. */
  | { readonly type: 'stepped'; readonly node: NodeId }
  /** `message` left the node: from now on a peer may rely on it. */
  | { readonly type: 'sent'; readonly node: NodeId; readonly message: Message }
  /** The disk reported writes as durable. */
  | { readonly type: 'synced'; readonly node: NodeId }
  /** The state machine was given the entry at `index`, of `term`. */
  | { readonly type: 'applied'; readonly node: NodeId; readonly index: LogIndex; readonly term: Term }
  /** A client asked the node for the read `id`. */
  | { readonly type: 'readAsked'; readonly node: NodeId; readonly id: number }
  /** The read `id` may be answered there once the log is applied up to `index`. */
  | { readonly type: 'readConfirmed'; readonly node: NodeId; readonly id: number; readonly index: LogIndex }
  /** The client was given an answer, from the state machine as it is there now; it was confirmed at `index`. */
  | { readonly type: 'readAnswered'; readonly node: NodeId; readonly id: number; readonly index: LogIndex }
  /** The node told people that `peer` did what no correct node does. */
  | { readonly type: 'reported'; readonly node: NodeId; readonly peer: NodeId; readonly problem: Problem }
  /** The node has restarted, from what it recovered. */
  | { readonly type: 'started'; readonly node: NodeId }
  | { readonly type: 'crashed'; readonly node: NodeId }
  /** Another disk has taken the place of its own. */
  | { readonly type: 'replaced'; readonly node: NodeId };

/** The disk that counts as `node` in `configuration`: what another one holds or promises does not count there. Undefined: whichever it is on. */
export const countedDisk = ({ members }: Configuration, { id, disk }: NodeView): string | undefined =>
  disk === undefined ? undefined : (members[id]?.logId ?? disk.first);

/** Whether `node` is on the disk that counts as it in `configuration`. */
export const isOnCountedDisk = (configuration: Configuration, node: NodeView): boolean =>
  countedDisk(configuration, node) === node.disk?.logId;

/** The node with `id`, which must be among `nodes`. */
export const nodeIn = (nodes: readonly NodeView[], id: NodeId): NodeView => {
  // Ids are 1, 2, 3, … nearly always.
  const likely = nodes[id - 1];
  return likely?.id === id ? likely : nodes.find((node) => node.id === id)!;
};
