import type { StateValue } from 'xstate';
import type { TimerEvent } from '../../node/step.ts';
import { type Disk, recovered, type StoredLog } from '../../node/stored-log.ts';
import type { Queued } from '../../node/write-order.ts';
import { defaultSettings, type RaftContext } from '../../raft/context.ts';
import { append, type LogShape, logAfter } from '../../raft/log-shape.ts';
import type { MemberChange } from '../../raft/members.ts';
import type { Message } from '../../raft/messages.ts';
import type { Snapshot } from '../../raft/snapshot.ts';
import type { NodeId } from '../../raft/types.ts';
import { runningView } from '../node-view.ts';
import type { Step as CheckedStep, NodeView } from '../properties/view.ts';

/** One node of an explored cluster between two events: plain JSON, and everything that its future depends on. */
export interface LocalNode {
  readonly value: StateValue;
  readonly context: RaftContext;
  /** Types of the timer events that are armed; sorted. */
  readonly armed: readonly string[];
  readonly log: StoredLog;
  /** A snapshot that has arrived completely, and is still being checked. With a prompt disk: none. */
  readonly checked: Snapshot | null;
  readonly disk: Disk;
  /** Empty with a prompt disk. */
  readonly queue: readonly Queued[];
}

/** What can happen to one node, apart from a crash. */
export type LocalEvent =
  | { readonly type: 'deliver'; readonly message: Message }
  | { readonly type: 'timeout'; readonly timer: TimerEvent['type'] }
  | { readonly type: 'propose' }
  | { readonly type: 'transfer'; readonly target: NodeId }
  | { readonly type: 'read'; readonly id: number }
  | { readonly type: 'change'; readonly changes: readonly MemberChange[] }
  /** Its own snapshot becomes durable. */
  | { readonly type: 'snapshot' }
  /** The snapshot that it has received is sound. */
  | { readonly type: 'checked' }
  | { readonly type: 'durable' };

/** A step to check against the properties, with the view of its node afterwards. */
export interface Checked {
  readonly step: CheckedStep;
  readonly view: NodeView;
}

/** The node as the properties see it. */
export const viewOf = (node: Pick<LocalNode, 'context' | 'value' | 'disk'>): NodeView =>
  runningView(node, durableOf(node.disk));

export const durableOf = (disk: Disk): NodeView['durable'] => {
  const { hardState, log } = recovered(disk);
  return { currentTerm: hardState.currentTerm, votedFor: hardState.votedFor, log: shapeOf(log) };
};

const shapeOf = ({ base, baseTerm, entries }: StoredLog): LogShape =>
  append(logAfter(base, baseTerm), entries, defaultSettings.maxMessageBytes);
