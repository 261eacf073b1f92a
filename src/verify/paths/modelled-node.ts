import type { MachineNode } from '../../node/machine-node.ts';
import type { Effect } from '../../raft/effects.ts';
import type { Expectation, PathTransition } from './path.ts';

/** The node under test between two steps of a path. */
export interface ModelNode extends MachineNode {
  /** Of the queue, the oldest write became durable alone: a disk that writes in groups may have more of the rest. */
  readonly isSplit: boolean;
}

export interface ModelStep {
  readonly node: ModelNode;
  readonly expect: Expectation;
  readonly transitions: readonly PathTransition[];
  readonly effects: readonly Effect[];
}
