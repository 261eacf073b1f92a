import { roleOf } from '../node/roles.ts';
import type { RaftContext } from '../raft/context.ts';
import type { NodeId } from '../raft/types.ts';
import type { DurableView, NodeView } from './properties/view.ts';

/** A running node as the properties see it. */
export const runningView = (
  { value, context }: { readonly value: unknown; readonly context: RaftContext },
  durable: DurableView,
): NodeView => {
  const { id, currentTerm, votedFor, commitIndex, lastApplied, log, configurations } = context;
  const role = roleOf(value);
  return {
    id,
    role,
    currentTerm,
    votedFor,
    commitIndex,
    lastApplied,
    log,
    configurations,
    durable,
    isUp: true,
  };
};

/** The same while it is down, when only what is durable means anything. */
export const downView = (id: NodeId, durable: DurableView): NodeView => ({
  id,
  role: 'follower',
  ...durable,
  commitIndex: 0,
  lastApplied: 0,
  configurations: [],
  durable,
  isUp: false,
});
