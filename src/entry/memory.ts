import '../adapters/system/require-node.ts';

export { createMemoryDisk, type MemoryDisk, openMemory } from '../adapters/storage/memory.ts';
export { systemClock } from '../adapters/system/clock.ts';
export { systemRandom } from '../adapters/system/random.ts';
export type { DatagramParts, DatagramTransport } from '../adapters/transport/datagram/datagram-transport.ts';
export { MemoryNetwork } from '../adapters/transport/memory.ts';
export type { NodePosition, NodeStatus, Outcome, RaftNode, Role } from '../node/node.ts';
export type { Clock } from '../ports/clock.ts';
export type { Random } from '../ports/random.ts';
export type { StateMachine } from '../ports/state-machine.ts';
export type { Settings } from '../raft/context.ts';
export { createDatagramTransport, type DatagramOptions } from './create-datagram-transport.ts';
export { createNode, type NodeOptions } from './create-node.ts';
export { type MemoryCluster, type MemoryClusterOptions, startMemoryCluster } from './memory-cluster.ts';
