import type { StateValue } from 'xstate';
import type { TimerEvent } from '../../node/step.ts';
import { defaultSettings, type RaftContext } from '../../raft/context.ts';
import type { Persist } from '../../raft/effects.ts';
import { append, emptyLog, type LogShape } from '../../raft/log-shape.ts';
import type { Message } from '../../raft/messages.ts';
import type { Entry, HardState } from '../../raft/types.ts';
import { runningView } from '../node-view.ts';
import type { Step as CheckedStep, NodeView } from '../properties/view.ts';

/** What a power loss leaves. */
export interface Disk extends HardState {
  readonly entries: readonly Entry[];
}

/** A write that is not durable yet, or a message that waits for those before it. */
export type Queued =
  | { readonly type: 'write'; readonly write: Persist }
  | { readonly type: 'send'; readonly message: Message };

/** One node of an explored cluster between two events: plain JSON, and all that its future depends on. */
export interface LocalNode {
  readonly value: StateValue;
  readonly context: RaftContext;
  /** Types of the timer events that are armed; sorted. */
  readonly armed: readonly string[];
  readonly entries: readonly Entry[];
  readonly disk: Disk;
  /** Empty with a prompt disk. */
  readonly queue: readonly Queued[];
}

/** What can happen to one node, but for a crash. */
export type LocalEvent =
  | { readonly type: 'deliver'; readonly message: Message }
  | { readonly type: 'timeout'; readonly timer: TimerEvent['type'] }
  | { readonly type: 'propose' }
  | { readonly type: 'durable' };

/** What the properties are asked of one step, and how its node looks then. */
export interface Checked {
  readonly step: CheckedStep;
  readonly view: NodeView;
}

/** The node as the properties see it. */
export const viewOf = (node: Pick<LocalNode, 'context' | 'value' | 'disk'>): NodeView =>
  runningView(node, durableOf(node.disk));

export const emptyDisk: Disk = { currentTerm: 0, votedFor: null, entries: [] };

export const durableOf = ({ currentTerm, votedFor, entries }: Disk): NodeView['durable'] => ({
  currentTerm,
  votedFor,
  log: shapeOf(entries),
});

export const shapeOf = (entries: readonly Entry[]): LogShape =>
  append(emptyLog, entries, defaultSettings.maxMessageBytes);

/** The disk once one more write is durable. */
export const written = (disk: Disk, { currentTerm, votedFor, firstIndex, entries }: Persist): Disk => ({
  currentTerm,
  votedFor,
  entries: firstIndex === 0 ? disk.entries : [...disk.entries.slice(0, firstIndex - 1), ...entries],
});
