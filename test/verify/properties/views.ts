import { type Configuration, firstConfiguration } from '../../../src/raft/configuration.ts';
import { append, emptyLog, type LogShape } from '../../../src/raft/log-shape.ts';
import type { NodeId, Term } from '../../../src/raft/types.ts';
import type { Violation } from '../../../src/trace/violation.ts';
import { nextView } from '../../../src/verify/properties/check-step.ts';
import { emptyHistory, type History } from '../../../src/verify/properties/history.ts';
import type { ClusterView } from '../../../src/verify/properties/property.ts';
import type { NodeView, Step } from '../../../src/verify/properties/view.ts';

const payload = new Uint8Array(0);

/** A log whose entry at `index` has the term at `terms[index - 1]`. */
export const logOf = (...terms: readonly Term[]): LogShape =>
  append(
    emptyLog,
    terms.map((term) => ({ term, payload })),
    Number.POSITIVE_INFINITY,
  );

const firstOfThree: readonly Configuration[] = [firstConfiguration([1, 2, 3])];

/** A node whose disk holds what it has, unless `fields` say otherwise. */
export const nodeView = (id: NodeId, fields: Partial<NodeView> = {}): NodeView => {
  const { currentTerm = 1, votedFor = null, log = emptyLog } = fields;
  return {
    id,
    role: 'follower',
    currentTerm,
    votedFor,
    log,
    commitIndex: 0,
    lastApplied: 0,
    configurations: firstOfThree,
    isUp: true,
    durable: { currentTerm, votedFor, log },
    ...fields,
  };
};

/** Three nodes, of which those given are as they say. */
export const cluster = (history: Partial<History>, ...nodes: readonly NodeView[]): ClusterView => ({
  history: { ...emptyHistory, ...history },
  nodes: [1, 2, 3].map((id) => nodes.find((node) => node.id === id) ?? nodeView(id)),
});

type Check = (before: ClusterView, step: Step, after: ClusterView) => Violation | null;

/** What `property` says of a step of the chart that leaves its node as `node`. */
export const stepped = (property: Check, before: ClusterView, node: NodeView): string | null => {
  const step: Step = { type: 'stepped', node: node.id };
  return property(before, step, nextView(before, step, node))?.message ?? null;
};
