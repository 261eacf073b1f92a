import type { NodeId } from '../../raft/types.ts';
import type { Violation } from '../../trace/violation.ts';
import type { History } from './history.ts';
import { type NodeView, nodeIn, type Step } from './view.ts';

/** A cluster as the properties see it. */
export interface ClusterView {
  /** All nodes, ascending by id, members or not, including those that are down. */
  readonly nodes: readonly NodeView[];
  readonly history: History;
}

/** Must hold between any two views that one step connects. Null: it does. */
export type Property = (before: ClusterView, step: Step, after: ClusterView) => Violation | null;

export const violation = (property: string, ...facts: readonly string[]): Violation => ({
  property,
  message: `${property}: ${facts.join('; but ')}`,
  facts,
});

/** The node with `id`, which must be among them. */
export const nodeOf = (view: ClusterView, id: NodeId): NodeView => nodeIn(view.nodes, id);
