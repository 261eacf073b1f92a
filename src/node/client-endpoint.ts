import type { NodeId } from '../raft/types.ts';
import type { NodeStatus } from './node.ts';

/** Where the node with this status knows that `peer`, another node, serves clients; null: it does not know. */
export const clientEndpointIn = ({ peers }: Pick<NodeStatus, 'peers'>, peer: NodeId): string | null =>
  peers.find(({ id }) => id === peer)?.endpoint ?? null;
