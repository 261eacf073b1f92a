import { expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../src/adapters/transport/memory.ts';
import type { Outcome } from '../../src/node/node.ts';
import { startNode } from '../../src/node/start-node.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { silentLog } from '../../src/ports/log.ts';
import { VirtualClock } from '../../src/simulate/virtual-clock.ts';

const clockOf = (virtual: VirtualClock): Clock => ({
  now: () => virtual.nowUs / 1000,
  setTimeout: (fn, delayMs) => virtual.schedule(delayMs * 1000, fn),
  clearTimeout: (id) => virtual.cancel(id as ReturnType<VirtualClock['schedule']>),
  defer: (fn) => {
    virtual.schedule(0, fn);
  },
});

/** `size` whole nodes in memory, on one virtual clock. */
const startCluster = (size: number) => {
  const virtual = new VirtualClock();
  const clock = clockOf(virtual);
  const network = new MemoryNetwork({ clock });
  const ids = Array.from({ length: size }, (_, at) => at + 1);
  const nodes = ids.map((id) => {
    let seed = id;
    return startNode({
      id,
      peers: ids.filter((peer) => peer !== id),
      storage: openMemory(undefined, clock.defer),
      transport: network.transport(id),
      stateMachine: { apply: (command) => `applied ${new TextDecoder().decode(command)}` },
      clock,
      random: { uint32: () => (seed = Math.imul(seed + 1, 0x9e3779b1) >>> 0) },
      log: silentLog,
      clusterId: 'sizes',
      incarnation: `run-of-${id}`,
      clientEndpoint: null,
    });
  });
  const advance = (ms: number): void => {
    const limitUs = virtual.nowUs + ms * 1000;
    while (virtual.runNext(limitUs)) {
      // Until nothing is left to happen by then.
    }
  };
  return { nodes, advance };
};

it.each([1, 2, 3, 5, 7])(
  'a cluster of %i elects one leader, commits and applies on every node (paper §5.2, §5.3)',
  (size) => {
    const { nodes, advance } = startCluster(size);
    advance(2000);
    const leaders = nodes.filter((node) => node.status().role === 'leader');
    expect(leaders.map(({ id }) => id)).toHaveLength(1);
    const outcomes: Outcome<string>[] = [];
    leaders[0]!.submit(new TextEncoder().encode('x'), (outcome) => outcomes.push(outcome));
    expect(outcomes).toEqual([]);
    advance(100);
    const { term } = leaders[0]!.status();
    expect(outcomes).toEqual([{ type: 'applied', index: 2, term, result: 'applied x' }]);
    for (const node of nodes) {
      expect(node.status()).toMatchObject({ term, leader: leaders[0]!.id, commitIndex: 2, lastApplied: 2 });
    }
  },
);

it('a follower answers a command with the leader, a node without one with null, and nothing happens (paper §8)', () => {
  const { nodes, advance } = startCluster(3);
  const outcomes: Outcome<string>[] = [];
  nodes[0]!.submit(Uint8Array.of(1), (outcome) => outcomes.push(outcome));
  advance(10);
  expect(outcomes).toEqual([{ type: 'notLeader', leader: null }]);
  advance(2000);
  const leader = nodes.find((node) => node.status().role === 'leader')!.id;
  const follower = nodes.find((node) => node.id !== leader)!;
  follower.submit(Uint8Array.of(1), (outcome) => outcomes.push(outcome));
  advance(100);
  expect(outcomes.slice(1)).toEqual([{ type: 'notLeader', leader }]);
  expect(follower.status().lastLogIndex).toBe(1);
});
