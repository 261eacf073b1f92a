import { describe, expect, it } from 'vitest';
import { createMemoryDisk, type MemoryDisk, openMemory } from '../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../src/adapters/transport/memory.ts';
import { joinCluster } from '../../src/node/join-cluster.ts';
import type { ChangeOutcome, RaftNode } from '../../src/node/node.ts';
import { startNode } from '../../src/node/start-node.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { ConnectionHandlers } from '../../src/ports/transport.ts';
import type { MemberChange } from '../../src/raft/members.ts';
import type { NodeId } from '../../src/raft/types.ts';
import { VirtualClock } from '../../src/simulate/virtual-clock.ts';

const founders = [1, 2, 3];
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const member = (id: NodeId) => ({ peer: `node${id}:7000`, client: null, logId: null });
const add = (node: NodeId): MemberChange => ({ type: 'add', node, member: member(node) });
const change = (type: 'promote' | 'demote' | 'remove', node: NodeId): MemberChange => ({ type, node });

/** Whole nodes in memory, on one virtual clock. Nodes 1 to 3 begin the cluster; the others join it. */
class Cluster {
  readonly #virtual = new VirtualClock();
  readonly clock: Clock = {
    now: () => this.#virtual.nowUs / 1000,
    setTimeout: (fn, delayMs) => this.#virtual.schedule(delayMs * 1000, fn),
    clearTimeout: (id) => this.#virtual.cancel(id as ReturnType<VirtualClock['schedule']>),
    defer: (fn) => {
      this.#virtual.schedule(0, fn);
    },
  };
  readonly network = new MemoryNetwork({ clock: this.clock });
  readonly nodes = new Map<NodeId, RaftNode<string>>();
  readonly lines: string[] = [];
  readonly #disks = new Map<NodeId, MemoryDisk>();
  readonly #applied = new Map<NodeId, string[]>();
  #runs = 0;

  /** `at`: where it is in the network, and which disk it has. */
  start(id: NodeId, at = id): RaftNode<string> {
    const disk = this.#disks.get(at) ?? createMemoryDisk(at.toString(16).padStart(32, '0'));
    this.#disks.set(at, disk);
    const members = founders.map((founder) => ({ id: founder, peer: null }));
    Object.assign(disk.claim, { members });
    const applied: string[] = [];
    this.#applied.set(at, applied);
    let seed = id + 17 * ++this.#runs;
    const log: Log = {
      debug: () => {},
      info: (_, message) => this.lines.push(`${id}: ${message}`),
      warn: (_, message) => this.lines.push(`${id}: ${message}`),
      error: (_, message) => this.lines.push(`${id}: ${message}`),
    };
    const node = startNode<string>({
      id,
      peers: [],
      peerEndpoint: member(id).peer,
      storage: openMemory(disk, this.clock.defer),
      transport: this.network.transport(at),
      stateMachine: {
        apply: (command) => {
          applied.push(text(command));
          return text(command);
        },
        snapshot: () => new TextEncoder().encode(JSON.stringify(applied)),
        restore: async (pieces) => {
          const read: number[] = [];
          for await (const piece of pieces) read.push(...piece);
          applied.splice(0, applied.length, ...JSON.parse(text(Uint8Array.from(read))));
        },
      },
      // A snapshot leaves nothing of the log.
      settings: { trailingEntries: 0 },
      clock: this.clock,
      random: { uint32: () => (seed = Math.imul(seed + 1, 0x9e3779b1) >>> 0) },
      log,
      clusterId: 'changing',
      incarnation: `run-${this.#runs}`,
      clientEndpoint: `http://node${id}`,
    });
    this.nodes.set(at, node);
    return node;
  }

  async stop(id: NodeId): Promise<void> {
    const stopped = this.nodes.get(id)!.stop();
    this.nodes.delete(id);
    this.advance(10);
    await stopped;
  }

  advance(ms: number): void {
    const limitUs = this.#virtual.nowUs + ms * 1000;
    while (this.#virtual.runNext(limitUs)) {
      // Until nothing is left to happen by then.
    }
  }

  node(id: NodeId): RaftNode<string> {
    return this.nodes.get(id)!;
  }

  leader(): RaftNode<string> {
    for (let waited = 0; waited < 200; waited++) {
      const leaders = [...this.nodes.values()].filter((node) => node.status().role === 'leader');
      const [newest] = leaders.toSorted((a, b) => b.status().term - a.status().term);
      if (newest !== undefined) return newest;
      this.advance(50);
    }
    throw new Error('no leader within 10 s');
  }

  /** Asks the leader, and waits `ms`. */
  async change(changes: readonly MemberChange[], ms = 500): Promise<ChangeOutcome> {
    const outcome = this.leader().changeMembers(changes);
    this.advance(ms);
    return outcome;
  }

  async write(command: string): Promise<void> {
    const outcome = this.leader().propose(new TextEncoder().encode(command));
    this.advance(200);
    expect(await outcome).toMatchObject({ type: 'applied', result: command });
  }

  appliedBy(id: NodeId): readonly string[] {
    return this.#applied.get(id)!;
  }
}

const started = (...more: readonly NodeId[]): Cluster => {
  const cluster = new Cluster();
  for (const id of [...founders, ...more]) cluster.start(id);
  cluster.leader();
  cluster.advance(500);
  return cluster;
};
const partsOf = (node: RaftNode<string>) => {
  const { voters, outgoing, learners, isCommitted } = node.status().configuration;
  return { voters, outgoing, learners, isCommitted };
};

describe('a cluster whose members change', () => {
  it('takes a new node as a learner, then as a voter (thesis §4.2.1, §4.3)', async () => {
    const cluster = started(4);
    await cluster.write('a');
    const four = cluster.node(4);
    expect(four.status()).toMatchObject({ standing: 'waiting', leader: null, lastLogIndex: 0 });
    expect(cluster.lines).toContain(
      '4: node4 is waiting to be added: raft-client member add 4 --peer node4:7000',
    );
    expect(await cluster.change([add(4)])).toMatchObject({ type: 'changed' });
    expect(four.status()).toMatchObject({ standing: 'learner', leader: cluster.leader().id });
    await cluster.write('b');
    expect(cluster.appliedBy(4)).toEqual(['a', 'b']);
    expect(await cluster.change([change('promote', 4)])).toMatchObject({ type: 'changed' });
    for (const node of cluster.nodes.values()) {
      expect(partsOf(node)).toEqual({
        voters: [1, 2, 3, 4],
        outgoing: [],
        learners: [],
        isCommitted: true,
      });
      expect(node.status().peers.map(({ link }) => link)).toEqual(['open', 'open', 'open']);
    }
    expect(cluster.leader().status().configuration.members[4]).toMatchObject({ peer: 'node4:7000' });
    expect(
      cluster
        .leader()
        .charts()
        .map(({ actor }) => actor),
    ).toContain('link.4');
  });

  it('loses its leader when that removes itself, tells whoever asked, and goes on (thesis §4.2.2; etcd#11038, copycat#117)', async () => {
    const cluster = started();
    await cluster.write('a');
    const old = cluster.leader();
    expect(await cluster.change([change('remove', old.id)], 1000)).toMatchObject({ type: 'changed' });
    expect(old.status()).toMatchObject({ role: 'follower', standing: 'removed' });
    expect(cluster.lines).toContain(`${old.id}: node${old.id} was removed from the cluster`);
    const next = cluster.leader();
    expect(next.id).not.toBe(old.id);
    const { term } = next.status();
    await cluster.write('b');
    cluster.advance(10_000);
    // It deposes nobody, and everybody has parted from it.
    expect(cluster.leader().status()).toMatchObject({ term, peers: [{ link: 'open' }] });
    expect(old.status().peers.map(({ link, refusal }) => [link, refusal?.reason])).toEqual([
      ['refused', `node${old.id} was removed from the cluster`],
      ['refused', `node${old.id} was removed from the cluster`],
    ]);
  });

  it('finds its members again after a restart of every node, and a removed one stays removed', async () => {
    const cluster = started(4);
    await cluster.change([add(4)]);
    await cluster.change([change('promote', 4)]);
    const removed = cluster.leader().id === 1 ? 2 : 1;
    expect(await cluster.change([change('remove', removed)], 1000)).toMatchObject({ type: 'changed' });
    await cluster.write('a');
    for (const id of [1, 2, 3, 4]) await cluster.stop(id);
    for (const id of [1, 2, 3, 4]) cluster.start(id);
    expect(cluster.node(removed).status()).toMatchObject({ standing: 'removed' });
    cluster.advance(3000);
    await cluster.write('b');
    const voters = [1, 2, 3, 4].filter((id) => id !== removed);
    for (const id of voters) {
      expect(partsOf(cluster.node(id))).toMatchObject({ voters, isCommitted: true });
      expect(
        cluster
          .node(id)
          .status()
          .peers.map((peer) => peer.id),
      ).toEqual(voters.filter((each) => each !== id));
      expect(cluster.appliedBy(id)).toEqual(['a', 'b']);
    }
    // It no longer knows that its removal is committed, so it asks for pre-votes: nobody hears it, and its term stays.
    expect(['follower', 'preCandidate']).toContain(cluster.node(removed).status().role);
  });

  it('tells a node that joins where a founder was that has been removed', async () => {
    const cluster = started();
    const old = cluster.leader().id;
    expect(await cluster.change([change('remove', old)], 1000)).toMatchObject({ type: 'changed' });
    const silent = () => {};
    const log: Log = { debug: silent, info: silent, warn: silent, error: silent };
    const transport = cluster.network.transport(4);
    const dial = (handlers: ConnectionHandlers) => transport.dial(old, handlers);
    const { clock } = cluster;
    const joined = joinCluster({
      id: 4,
      clusterId: 'changing',
      targets: [{ name: 'old', dial }],
      clock,
      log,
    });
    cluster.advance(100);
    expect(await joined).toContainEqual({ id: old, peer: member(old).peer });
  });

  it('tells a node that was away when it was removed: once most of the voters that it knows say so', async () => {
    const cluster = started();
    await cluster.write('a');
    const away = cluster.leader().id === 3 ? 2 : 3;
    const [first, second] = founders.filter((id) => id !== away);
    await cluster.stop(away);
    expect(await cluster.change([change('remove', away)], 1000)).toMatchObject({ type: 'changed' });
    const isToldRemoved = async (node: RaftNode<string>) => {
      let isTold = false;
      void node.removed.then(() => (isTold = true));
      cluster.advance(5000);
      await Promise.resolve();
      return isTold;
    };
    await cluster.stop(first!);
    const node = cluster.start(away);
    // One that is behind might not know that it was added again.
    expect(await isToldRemoved(node)).toBe(false);
    expect(node.status()).toMatchObject({ standing: 'voter' });
    cluster.start(first!);
    expect(await isToldRemoved(node)).toBe(true);
    await cluster.stop(away);
    // On an empty disk it is one that waits to be added again.
    const empty = cluster.start(away, 9);
    expect(await isToldRemoved(empty)).toBe(false);
    expect(empty.status().peers.map(({ refusal }) => refusal?.reason)).toContain(
      `node${away} is waiting to be added: raft-client member add ${away} --peer ${member(away).peer}`,
    );
    expect(cluster.node(second!).status().configuration.voters).not.toContain(away);
  });

  it('has removed a node also where that finds only a snapshot when it starts again', async () => {
    const cluster = started(4);
    await cluster.change([add(4)]);
    await cluster.write('a');
    expect(await cluster.change([change('remove', 4)], 1000)).toMatchObject({ type: 'changed' });
    let isTaken = false;
    void cluster
      .node(4)
      .takeSnapshot()
      .then(() => (isTaken = true));
    while (!isTaken) {
      cluster.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await cluster.stop(4);
    // Nothing is left of the configurations by which it was a member.
    const node = cluster.start(4);
    expect(node.status()).toMatchObject({
      firstLogIndex: node.status().lastLogIndex + 1,
      standing: 'removed',
    });
    expect(cluster.lines.filter((line) => line.startsWith('4: node4 was removed'))).toHaveLength(2);
    expect(cluster.lines.filter((line) => line.startsWith('4: node4 is waiting'))).toHaveLength(1);
    // One that has nothing yet still waits.
    expect(cluster.start(5).status()).toMatchObject({ standing: 'waiting' });
  });

  it('may be made of others than those that began it: one that was away follows a leader it has never heard of', async () => {
    const cluster = started(4, 5);
    const away = 3;
    if (cluster.leader().id === away) {
      void cluster.leader().transferLeadership(1);
      cluster.advance(1000);
    }
    await cluster.stop(away);
    await cluster.change([add(4), add(5)], 1000);
    expect(await cluster.change([change('promote', 4), change('promote', 5)], 1000)).toMatchObject({
      type: 'changed',
    });
    for (const id of [1, 2]) {
      expect(await cluster.change([change('remove', id)], 2000)).toMatchObject({ type: 'changed' });
    }
    expect([4, 5]).toContain(cluster.leader().id);
    for (const id of [1, 2]) await cluster.stop(id);
    await cluster.write('a');
    cluster.start(away);
    cluster.advance(3000);
    expect(cluster.node(away).status()).toMatchObject({ leader: cluster.leader().id, standing: 'voter' });
    expect(cluster.appliedBy(away)).toEqual(['a']);
    await cluster.stop(cluster.leader().id === 4 ? 5 : 4);
    await cluster.write('b');
  });

  it('promotes nobody whose disk it does not know: on another one it could vote twice in a term', async () => {
    const cluster = started();
    expect(await cluster.change([add(4)])).toMatchObject({ type: 'changed' });
    const early = cluster.leader().changeMembers([change('promote', 4)]);
    cluster.advance(100);
    cluster.start(4);
    cluster.advance(12_000);
    // It holds everything by then, on a disk that the change does not name.
    expect(await early).toEqual({ type: 'refused', reason: 'notCaughtUp', leader: cluster.leader().id });
    expect(cluster.leader().status().configuration.members[4]).toMatchObject({ logId: null });
    expect(await cluster.change([change('promote', 4)])).toMatchObject({ type: 'changed' });
    expect(cluster.leader().status().configuration.members[4]!.logId).toBe('4'.padStart(32, '0'));
  });

  it('gives up a promotion of one that does not answer, and no majority has changed (thesis §4.2.1; EastGuard#150)', async () => {
    const cluster = started(4);
    expect(await cluster.change([add(4)])).toMatchObject({ type: 'changed' });
    await cluster.stop(4);
    cluster.advance(1000);
    const outcome = cluster.leader().changeMembers([change('promote', 4)]);
    cluster.advance(300);
    expect(await cluster.change([change('remove', 4)], 10)).toMatchObject({ reason: 'changing' });
    cluster.advance(6000);
    expect(await outcome).toMatchObject({ type: 'refused', reason: 'notCaughtUp' });
    expect(partsOf(cluster.leader())).toMatchObject({ voters: [1, 2, 3], learners: [4] });
    await cluster.write('a');
  });

  it.each<[string, readonly MemberChange[], string]>([
    ['a node that is there', [add(2)], 'unchanged'],
    ['the removal of one that is not', [change('remove', 9)], 'unchanged'],
    ['the promotion of one that is not', [change('promote', 9)], 'memberUnknown'],
    ['the removal of everybody', founders.map((id) => change('remove', id)), 'noVoter'],
  ])('refuses %s with the reason', async (_, changes, reason) => {
    const cluster = started();
    // The leader's own log knows no addresses before they are given.
    await cluster.change(founders.map(add));
    expect(await cluster.change(changes)).toMatchObject({ type: 'refused', reason });
    await cluster.write('a');
  });

  it.each([
    ['no peer address', { peer: '' }],
    ['a peer address that is too long', { peer: 'x'.repeat(257) }],
    ['a client address of two lines', { client: 'http://a\n' }],
  ])('takes no member with %s: nobody could tell it', async (_, addresses) => {
    const cluster = started();
    const add4: MemberChange = { type: 'add', node: 4, member: { ...member(4), ...addresses } };
    await expect(cluster.change([add4])).rejects.toThrow(
      /^an address is one line of 1 to 256 characters: those of node4/,
    );
    expect(partsOf(cluster.leader()).learners).toEqual([]);
  });

  it('does not count two nodes with one id: the second is refused, on whatever disk it is, and stops', async () => {
    const cluster = started(4);
    await cluster.change([add(4)]);
    const second = cluster.start(4, 44);
    cluster.advance(500);
    expect(second.status()).toMatchObject({ standing: 'waiting', lastLogIndex: 0, leader: null });
    for (const { refusal } of second.status().peers) {
      expect(refusal?.reason).toMatch(/^another process is connected as node4, at /);
    }
    cluster.advance(3000);
    expect((await second.stopped)?.message).toMatch(/^two processes run as node4: the other one, at /);
    await cluster.write('a');
    expect([cluster.appliedBy(4), cluster.appliedBy(44)]).toEqual([['a'], []]);
    // Nothing is held against the first for what the second was.
    for (const id of [1, 2, 3])
      expect(
        cluster
          .node(id)
          .status()
          .peers.filter(({ link }) => link !== 'open'),
      ).toEqual([]);
  });

  it('shows the charts of a node as they stood, while it stops and afterwards', async () => {
    const cluster = started();
    const node = cluster.node(1);
    const before = node.charts();
    const stopped = node.stop();
    expect(node.charts()).toEqual(before);
    cluster.advance(0);
    expect(node.charts()).toEqual(before);
    cluster.advance(10);
    await stopped;
    expect(node.charts()).toEqual(before);
  });
});
