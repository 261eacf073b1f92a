import type { MachineNode } from '../../node/machine-node.ts';
import type { Effect } from '../../raft/effects.ts';
import type { Expectation, PathTransition } from './path.ts';

/** The node under test between two steps of a path. */
export interface ModelNode extends MachineNode {
  /** Only the oldest write of the queue was made durable: a disk that syncs in groups may also hold some of the rest. */
  readonly isSplit: boolean;
}

export interface ModelStep {
  readonly node: ModelNode;
  readonly expect: Expectation;
  readonly transitions: readonly PathTransition[];
  readonly effects: readonly Effect[];
}
