import type { RaftSnapshot } from '../../node/step.ts';
import type { Effect, Persist } from '../../raft/effects.ts';
import type { Message } from '../../raft/messages.ts';
import type { Entry, HardState, LogIndex } from '../../raft/types.ts';
import type { Expectation, PathTransition } from './path.ts';

/** What a restart finds. */
export interface Disk {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

/** A write that is not durable yet, or a message that waits for those before it. */
export type Queued =
  | { readonly type: 'write'; readonly write: Persist }
  | { readonly type: 'send'; readonly message: Message };

/** One node on an ideal disk and state machine, between two steps. Plain data but for the chart's snapshot. */
export interface ModelNode {
  readonly snapshot: RaftSnapshot;
  /** Types of the timer events that are armed. */
  readonly armed: readonly string[];
  /** The log with its payloads. */
  readonly entries: readonly Entry[];
  readonly disk: Disk;
  readonly queue: readonly Queued[];
  /** Of the queue, the oldest write became durable alone: a disk that writes in groups may have more of the rest. */
  readonly isSplit: boolean;
  /** Entries up to here are committed and wait to be applied. */
  readonly committed: LogIndex;
}

export interface ModelStep {
  readonly node: ModelNode;
  readonly expect: Expectation;
  readonly transitions: readonly PathTransition[];
  readonly effects: readonly Effect[];
}
