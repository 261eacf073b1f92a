import { describe, expect, it } from 'vitest';
import { encodeControl } from '../../src/adapters/codec/control.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { joinCluster } from '../../src/node/join-cluster.ts';
import type { Log } from '../../src/ports/log.ts';
import type { NodeId } from '../../src/raft/types.ts';
import { LinkCluster } from './link-cluster.ts';
import { ScriptedTransport } from './scripted-transport.ts';

const joining = (cluster: LinkCluster, id: NodeId, asked: readonly NodeId[], fields = {}) => {
  const warnings: string[] = [];
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (_, message) => warnings.push(message),
    error: () => {},
  };
  const transport = cluster.network.transport(id);
  const targets = asked.map((peer) => ({
    name: `node${peer}:7000`,
    dial: (handlers: Parameters<typeof transport.dial>[1]) => transport.dial(peer, handlers),
  }));
  const ended: unknown[] = [];
  joinCluster({ id, clusterId: 'test', targets, clock: cluster.clock, log, ...fields }).then(
    (founders) => ended.push(founders),
    (error: Error) => ended.push(error.message),
  );
  return { warnings, ended };
};
/** Lets promises settle after `ms`. */
const passed = async (cluster: LinkCluster, ms: number) => {
  cluster.clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
};
const founders = [
  { id: 1, peer: null },
  { id: 2, peer: null },
];

describe('joining a cluster', () => {
  it('asks one member after the other until one says with whom the cluster began', async () => {
    const cluster = new LinkCluster();
    cluster.start(1, [2]);
    const { warnings, ended } = joining(cluster, 4, [9, 1]);
    await passed(cluster, 1000);
    expect(ended).toEqual([founders]);
    expect(warnings).toEqual([
      'cannot join through node9:7000: nobody listens (still trying; check that --join names a running member)',
    ]);
  });

  it('waits for a cluster that is not there yet, and says so once', async () => {
    const cluster = new LinkCluster();
    const { warnings, ended } = joining(cluster, 4, [1]);
    await passed(cluster, 60_000);
    expect([ended, warnings]).toEqual([
      [],
      [
        'cannot join through node1:7000: nobody listens (still trying; check that --join names a running member)',
      ],
    ]);
    cluster.start(1, [2]);
    await passed(cluster, 1000);
    expect(ended).toEqual([founders]);
  });

  it.each<[string, NodeId, object, string]>([
    [
      'of another cluster',
      4,
      { clusterId: 'other' },
      'node1:7000 does not let node4 join: this node belongs to the cluster "test", not "other"',
    ],
    [
      'as one that runs',
      1,
      {},
      'node1:7000 does not let node1 join: node1 is this node: two nodes have the same --id',
    ],
  ])('ends at once for a node %s', async (_, id, fields, reason) => {
    const cluster = new LinkCluster();
    cluster.start(1, [2]);
    const { ended } = joining(cluster, id, [1], fields);
    await passed(cluster, 100);
    expect(ended).toEqual([reason]);
  });

  it('may be done in the name of one of those that began it: whoever knows its disk refuses another', async () => {
    const cluster = new LinkCluster();
    cluster.start(1, [2]);
    const { ended } = joining(cluster, 2, [1]);
    await passed(cluster, 100);
    expect(ended).toEqual([founders]);
  });

  it.each<[string, Uint8Array | null, string]>([
    ['says nothing', null, 'no answer in time'],
    ['answers with something else', encodeControl({ type: 'Pong' }), 'it answers with Pong'],
    [
      'answers with garbage',
      Uint8Array.of(0xc1),
      'it answers with a malformed frame: msgpack type 0xc1 is not used',
    ],
    [
      'names an address that is none',
      encodeControl({ type: 'Joined', from: 1, firstMembers: [{ id: 1, peer: 'here' }] }),
      'it says that node1 is at here, which is no host:port',
    ],
  ])('goes on to the next where a member %s', async (_, answer, reason) => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    const dial = (handlers: Parameters<typeof transport.dial>[1]) => transport.dial(1, handlers);
    const targets = ['a:1', 'b:1'].map((name) => ({ name, dial }));
    const { warnings, ended } = joining(cluster, 4, [], { targets });
    const [first] = transport.dialled;
    first!.handlers.opened();
    expect(first!.sent).toEqual([
      encodeControl({ type: 'Join', version: wireVersion, clusterId: 'test', from: 4 }),
    ]);
    if (answer !== null) first!.handlers.frame(answer);
    await passed(cluster, 2500);
    expect(warnings[0]).toMatch(`cannot join through a:1: ${reason}`);
    expect(first!.isClosed()).toBe(true);
    expect(transport.dialled.length).toBeGreaterThan(1);
    const second = transport.dialled.at(-1)!;
    second.handlers.opened();
    second.handlers.frame(encodeControl({ type: 'Joined', from: 1, firstMembers: founders }));
    await passed(cluster, 10);
    expect(ended).toEqual([founders]);
  });
});
