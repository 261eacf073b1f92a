import { createMemoryDisk, type MemoryDisk, openMemory } from '../adapters/storage/memory.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { MemoryNetwork } from '../adapters/transport/memory.ts';
import type { Outcome, RaftNode } from '../node/node.ts';
import type { Clock } from '../ports/clock.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { NodeId } from '../raft/types.ts';
import { createNode, type NodeOptions } from './create-node.ts';

export interface MemoryClusterOptions<Result> {
  /** How many nodes, with the ids from 1 on. */
  readonly nodes: number;
  /** An empty state machine for a node that starts: its whole log is applied to it again. */
  readonly stateMachine: (node: NodeId) => StateMachine<Result>;
  readonly clock?: Clock;
  /** One way, of a message. */
  readonly latencyMs?: number;
  /** Whatever else the nodes are started with. */
  readonly node?: Pick<NodeOptions<Result>, 'settings' | 'limits' | 'log' | 'random' | 'inspect'>;
}

/** Nodes of one cluster in this process, on disks in memory: what a disk holds survives a restart of its node, but not the process. */
export interface MemoryCluster<Result> {
  /** Cuts and heals connections. */
  readonly network: MemoryNetwork;
  /** Those that run. */
  nodes(): readonly RaftNode<Result>[];
  /** The leader of the newest term; null while there is none. */
  leader(): RaftNode<Result> | null;
  /** Stops a node that runs; its disk stays. */
  stop(node: NodeId): Promise<void>;
  /** Starts a node that does not run, on its disk. */
  start(node: NodeId): RaftNode<Result>;
  /** Proposes to the leader, and waits for one as long as it takes. Resolves to what became of the command, which is never appended twice. */
  propose(command: Uint8Array): Promise<Outcome<Result>>;
  /** Stops all. */
  close(): Promise<void>;
}

/** How long to wait before looking for a leader again. */
const retryMs = 10;

/** Starts a cluster in memory, in Node.js or in a browser. */
export const startMemoryCluster = <Result>(options: MemoryClusterOptions<Result>): MemoryCluster<Result> => {
  const { nodes: size, stateMachine, clock = systemClock, latencyMs = 1, node: parts } = options;
  const network = new MemoryNetwork({ clock, latencyMs });
  const ids = Array.from({ length: size }, (_, at) => at + 1);
  const disks = new Map<NodeId, MemoryDisk>(ids.map((id) => [id, createMemoryDisk()]));
  const running = new Map<NodeId, RaftNode<Result>>();

  const start = (id: NodeId): RaftNode<Result> => {
    const disk = disks.get(id);
    if (disk === undefined) throw new RangeError(`the cluster has nodes 1 to ${size}, not ${id}`);
    if (running.has(id)) throw new Error(`node ${id} runs already`);
    const node = createNode<Result>({
      ...parts,
      id,
      peers: ids.filter((peer) => peer !== id),
      clock,
      storage: openMemory(disk),
      transport: network.transport(id),
      stateMachine: stateMachine(id),
    });
    running.set(id, node);
    node.stopped.then(() => running.delete(id));
    return node;
  };

  const leader = (): RaftNode<Result> | null => {
    const leaders = [...running.values()].filter((node) => node.status().role === 'leader');
    return leaders.toSorted((a, b) => b.status().term - a.status().term)[0] ?? null;
  };

  const propose = async (command: Uint8Array): Promise<Outcome<Result>> => {
    for (;;) {
      if (running.size === 0) throw new Error('no node of the cluster runs');
      const outcome = await leader()?.propose(command);
      if (outcome !== undefined && outcome.type !== 'notLeader') return outcome;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, retryMs));
    }
  };

  const stop = async (id: NodeId): Promise<void> => running.get(id)?.stop();

  for (const id of ids) start(id);
  return {
    network,
    nodes: () => [...running.values()],
    leader,
    start,
    stop,
    propose,
    close: async () => {
      await Promise.all([...running.keys()].map(stop));
    },
  };
};
