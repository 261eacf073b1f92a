import { describe, expect, it } from 'vitest';
import { decodeControl, encodeControl } from '../../src/adapters/codec/control.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { createMemoryDisk } from '../../src/adapters/storage/memory.ts';
import type { Membership } from '../../src/node/membership.ts';
import { type Log, silentLog } from '../../src/ports/log.ts';
import type { Connection, ConnectionHandlers } from '../../src/ports/transport.ts';
import type { Message } from '../../src/raft/messages.ts';
import { hello, introduction, LinkCluster, type LinkedNode, membership, vote } from './link-cluster.ts';
import { ScriptedTransport } from './scripted-transport.ts';

const founders = [1, 2];
const linksOf = ({ links }: LinkedNode) => links.status().map(({ id, link }) => `${id} ${link}`);
const atAddresses = (peers: Readonly<Record<number, string | null>>, index = 0): Membership => ({
  ...membership([], index),
  peers: new Map(Object.entries(peers).map(([id, address]) => [Number(id), address])),
});

/** Dials node 1 as `as`, and shows what is said to it. */
const dialled = (cluster: LinkCluster, as: number, ...frames: readonly Uint8Array[]) => {
  const seen: unknown[] = [];
  const handlers: ConnectionHandlers = {
    opened: () => {},
    frame: (frame) => seen.push(decodeControl(frame)),
    closed: () => seen.push('closed'),
  };
  const connection: Connection = cluster.network.transport(as).dial(1, handlers);
  cluster.clock.advance(2);
  for (const frame of frames) connection.send(frame);
  cluster.clock.advance(10);
  return { connection, seen };
};

describe('links that follow the members', () => {
  it('reach a member that was added, which was refused before', () => {
    const cluster = new LinkCluster();
    const [one, two] = [cluster.start(1, [2]), cluster.start(2, [1])];
    const three = cluster.start(3, [1, 2], { firstMembers: founders });
    cluster.clock.advance(2000);
    expect(linksOf(one)).toEqual(['2 open']);
    expect(linksOf(three)).toEqual(['1 refused', '2 refused']);
    expect(one.warnings).toEqual([
      'node3 is refused: node3 is waiting to be added: raft-client member add 3 --peer node3:7000',
    ]);
    one.links.follow(membership([2, 3], 5));
    two.links.follow(membership([1, 3], 5));
    cluster.clock.advance(20);
    expect(linksOf(one)).toEqual(['2 open', '3 open']);
    expect(linksOf(three)).toEqual(['1 open', '2 open']);
    expect(one.links.names).toEqual(['link.2', 'link.3']);
    one.links.send(vote(1, 3));
    three.links.send(vote(3, 1));
    cluster.clock.advance(1);
    expect([three.received, one.received]).toEqual([[vote(1, 3)], [vote(3, 1)]]);
  });

  it('hand over what was sent to a member before it was removed, and then tell it why they end', () => {
    const cluster = new LinkCluster();
    const [one, two] = [cluster.start(1, [2]), cluster.start(2, [1])];
    cluster.clock.advance(100);
    one.links.send(vote(1, 2));
    one.links.follow(membership([], 7));
    expect(linksOf(one)).toEqual([]);
    expect(one.links.send(vote(1, 2))).toBe(false);
    cluster.clock.advance(10);
    expect(two.received).toEqual([vote(1, 2)]);
    expect(two.links.status()).toEqual([
      {
        id: 1,
        link: 'refused',
        endpoint: 'http://node1',
        refusal: { by: 1, reason: 'node2 was removed from the cluster' },
      },
    ]);
    two.links.send(vote(2, 1));
    cluster.clock.advance(5000);
    expect(one.received).toEqual([]);
    // It dials again and again, and is told of once.
    expect(one.warnings).toEqual(['node2 is refused: node2 was removed from the cluster']);
    expect(two.warnings).toEqual([
      'the process dialled as node1 cannot be used: node2 was removed from the cluster',
    ]);
  });

  it('come back when the member is added again', () => {
    const cluster = new LinkCluster();
    const [one, two] = [cluster.start(1, [2]), cluster.start(2, [1])];
    cluster.clock.advance(100);
    for (let index = 1; index < 20; index += 2) {
      one.links.follow(membership([], index));
      cluster.clock.advance(index * 50);
      one.links.follow(membership([2], index + 1));
      cluster.clock.advance(1500);
      expect([linksOf(one), linksOf(two)]).toEqual([['2 open'], ['1 open']]);
    }
  });

  it('to a node that knows a later configuration are made although it is no member yet: it may be the leader', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    const four = cluster.start(4, [1], { firstMembers: founders, membership: membership([1], 9) });
    cluster.clock.advance(100);
    expect(linksOf(one)).toEqual(['2 backingOff', '4 open']);
    expect(linksOf(four)).toEqual(['1 open']);
    one.links.follow(membership([2], 8));
    expect(linksOf(one)).toEqual(['2 backingOff', '4 open']);
    // Now this one knows it as well, and the other is none.
    one.links.follow(membership([2], 9));
    cluster.clock.advance(100);
    expect(linksOf(one)).toEqual(['2 backingOff']);
    expect(linksOf(four)).toEqual(['1 refused']);
  });

  it('to those that are no members as far as it knows are few, whoever claims to know better', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    for (let from = 100; from < 120; from++) {
      const { seen } = dialled(cluster, from, hello({ from, configurationIndex: 1 }));
      expect(seen[0]).toMatchObject({ type: from < 116 ? 'Welcome' : 'Refused' });
    }
    expect(one.links.status()).toHaveLength(1 + 16);
    expect([one.links.knownOf(115) === null, one.links.knownOf(116) === null]).toEqual([false, true]);
    // As members they would be named with their disks.
    expect(one.disk.knownOf(115)).toBeNull();
  });

  it('go to where the configuration says, and elsewhere when it says so', () => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    const addresses = { membership: atAddresses({ 2: 'two:7002', 3: null }) };
    const one = cluster.start(1, [], { transport, firstMembers: [1, 2, 3], ...addresses });
    const dials = () => transport.dialled.map(({ peer, address }) => `${peer} ${address}`);
    expect(dials()).toEqual(['2 two:7002', '3 null']);
    one.links.follow(atAddresses({ 2: 'two:7002', 3: 'three:7003' }, 4));
    expect(dials().slice(2)).toEqual(['3 three:7003']);
    expect(transport.dialled.map(({ isClosed }) => isClosed())).toEqual([false, true, false]);
    one.links.follow(atAddresses({ 2: 'two:7002', 3: 'three:7003' }, 5));
    expect(dials()).toHaveLength(3);
  });

  it('are made to a leader by the address that its configuration has, where it announces none of its own', () => {
    const cluster = new LinkCluster();
    const toOne = new ScriptedTransport();
    const four = cluster.start(4, [], {
      transport: toOne,
      // It listens on a wildcard.
      peerEndpoint: null,
      firstMembers: founders,
      membership: { ...membership([1], 9), address: 'four:7004' },
    });
    const helloOf = (at: number) => {
      toOne.dialled[at]!.handlers.opened();
      return toOne.dialled[at]!.sent[0]!;
    };
    const transport = new ScriptedTransport();
    cluster.start(1, [2], { transport });
    const told = transport.connect();
    told.handlers.frame(helloOf(0));
    cluster.clock.advance(1);
    expect(transport.dialled.map(({ peer, address }) => `${peer} ${address}`)).toEqual([
      '2 null',
      '4 four:7004',
    ]);
    // It goes by the configuration of the moment.
    four.links.follow({ ...atAddresses({ 1: 'one:7001' }, 10), address: 'four:8004' });
    expect(decodeControl(helloOf(1))).toMatchObject({ type: 'Hello', peerEndpoint: 'four:8004' });
  });

  it('judge a disk by what a configuration says of it', () => {
    const cluster = new LinkCluster();
    const named = '3'.repeat(32);
    const disks = new Map([[2, { inForce: named, certain: named, seen: [] }]]);
    const one = cluster.start(1, [], { firstMembers: founders, membership: { ...membership([2]), disks } });
    cluster.start(2, [1]);
    cluster.clock.advance(100);
    expect(one.warnings[0]).toMatch(
      /^node2 is refused: node2 is on another disk: its log is 2{32}, but was 3{32}/,
    );
  });
});

describe('a disk that takes the place of another', () => {
  const [old, other] = ['2'.repeat(32), '3'.repeat(32)];
  const named = (inForce: string, certain: string, index: number): Membership => ({
    ...membership([2], index),
    disks: new Map([[2, { inForce, certain, seen: [] }]]),
  });
  const refusalIn = ({ links }: LinkedNode) => links.status().find(({ id }) => id === 2)?.refusal;
  /** Node 1 knows node 2 on its first disk, which is connected. */
  const known = () => {
    const cluster = new LinkCluster();
    const [one, two] = [cluster.start(1, [2]), cluster.start(2, [1])];
    cluster.clock.advance(100);
    return { cluster, one, two };
  };

  it('parts node 1 from the old one at once, and lets the new one in when that is certain, without a restart', () => {
    const { cluster, one, two } = known();
    one.links.follow(named(other, old, 5));
    cluster.clock.advance(20);
    expect(linksOf(one)).toEqual(['2 refused']);
    expect(linksOf(two)).toEqual(['1 refused']);
    two.links.send(vote(2, 1));
    cluster.clock.advance(2000);
    expect(one.received).toEqual([]);
    two.stop();
    const next = cluster.start(2, [1], { memory: createMemoryDisk(other), incarnation: 'run-2b' });
    cluster.clock.advance(3000);
    expect(refusalIn(one)).toMatchObject({ by: 1, otherLogId: other });
    expect(linksOf(next)).toEqual(['1 refused']);
    one.links.follow(named(other, other, 5));
    cluster.clock.advance(3000);
    expect([linksOf(one), linksOf(next)]).toEqual([['2 open'], ['1 open']]);
    expect(refusalIn(one)).toBeUndefined();
    next.links.send(vote(2, 1));
    cluster.clock.advance(10);
    expect(one.received).toEqual([vote(2, 1)]);

    // The old one comes back, under whatever flags.
    next.stop();
    const back = cluster.start(2, [1], { incarnation: 'run-2c' });
    cluster.clock.advance(3000);
    expect(linksOf(back)).toEqual(['1 refused']);
    expect(refusalIn(one)?.reason).toMatch(`its log is ${old}, but was ${other}`);
  });

  it('parts node 1 at once from a copy, which lacks what a configuration says of its disk, in both directions', () => {
    const { cluster, one, two } = known();
    expect(one.links.send(vote(1, 2))).toBe(true);
    const seen = [{ logId: old, start: 1, run: 'beef0001' }];
    const disks = new Map([[2, { inForce: old, certain: old, seen }]]);
    one.links.follow({ ...membership([2], 5), disks });
    expect(one.links.send(vote(1, 2))).toBe(false);
    two.links.send(vote(2, 1));
    cluster.clock.advance(2000);
    expect(one.received).toEqual([]);
    expect(refusalIn(one)?.reason).toMatch(/node2 is on a copy of its disk/);
    expect(linksOf(two)).toEqual(['1 refused']);
  });

  it('brings the log to a node that was away, which counts nothing that it says before it knows', () => {
    const { cluster, one, two } = known();
    two.stop();
    const parts = { memory: createMemoryDisk(other), incarnation: 'run-2b', membership: membership([1], 9) };
    const leader = cluster.start(2, [1], parts);
    cluster.clock.advance(3000);
    expect([linksOf(one), linksOf(leader)]).toEqual([['2 open'], ['1 open']]);
    const append: Message = {
      type: 'AppendEntries',
      from: 2,
      to: 1,
      term: 3,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommit: 0,
      round: 1,
    };
    for (const message of [vote(2, 1), append]) leader.links.send(message);
    cluster.clock.advance(10);
    expect(one.received).toEqual([append]);
    expect(one.disk.knownOf(2)?.logId).toBe(old);

    one.links.follow(named(other, other, 9));
    cluster.clock.advance(3000);
    leader.links.send(vote(2, 1));
    cluster.clock.advance(10);
    expect(one.received).toEqual([append, vote(2, 1)]);
    expect(one.disk.knownOf(2)?.logId).toBe(other);
  });

  it('is heard for what it knew no longer than until that is known: by then a configuration would name it', () => {
    const { cluster, one, two } = known();
    two.stop();
    const parts = { memory: createMemoryDisk(other), incarnation: 'run-2b', membership: membership([1], 9) };
    const teacher = cluster.start(2, [1], parts);
    cluster.clock.advance(3000);
    one.links.follow(membership([2], 8));
    cluster.clock.advance(20);
    expect(linksOf(one)).toEqual(['2 open']);
    one.links.follow(membership([2], 9));
    cluster.clock.advance(20);
    expect([linksOf(one), linksOf(teacher)]).toEqual([['2 refused'], ['1 refused']]);
    expect(refusalIn(one)?.reason).toMatch(`its log is ${other}, but was ${old}`);
  });

  it('is not welcomed where the members change while it is being remembered', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    const { remember } = one.disk;
    one.disk.remember = (peer, claim, done) =>
      remember(peer, claim, () => cluster.clock.setTimeout(() => done(null), 50));
    const { seen } = dialled(cluster, 2, hello());
    one.links.follow(named(other, other, 5));
    cluster.clock.advance(100);
    expect(seen).toMatchObject([
      { type: 'Refused', reason: expect.stringContaining('on another disk') },
      'closed',
    ]);
  });
});

describe('the disk of a peer', () => {
  const own = '2'.repeat(32);
  const ofNode2 = (memory = createMemoryDisk(own)) => ({ memory, incarnation: `run-${memory.claim.start}` });
  const named = (index: number, voters: readonly number[], run: string): Membership => ({
    ...membership([2], index, voters),
    disks: new Map([[2, { inForce: own, certain: own, seen: [{ logId: own, start: 1, run }] }]]),
  });
  const refusalIn = ({ links }: LinkedNode) => links.status().find(({ id }) => id === 2)?.refusal?.reason;

  it('is remembered by a node only once it votes: until then it believes whoever comes, be it a copy', () => {
    const cluster = new LinkCluster();
    const waits = { membership: membership([2], 0, [2]), firstMembers: [2] };
    const three = cluster.start(3, [2], waits);
    const begin = (memory = cluster.diskOf(2)) => {
      const node = cluster.start(2, [3], { ...ofNode2(memory), firstMembers: [2] });
      cluster.clock.advance(3000);
      return node;
    };
    begin(createMemoryDisk(own)).stop();
    const node2 = begin();
    expect(linksOf(three)).toEqual(['2 open']);
    expect([three.links.knownOf(2), three.disk.knownOf(2)]).toEqual([null, null]);
    const { tag } = cluster.diskOf(2).claim.runs[0]!;
    three.links.follow(named(5, [2, 3], tag));
    expect(three.disk.knownOf(2)).toEqual({ logId: own, start: 1, run: tag });

    // A disk from before, which somebody has put in.
    node2.stop();
    begin(createMemoryDisk(own));
    expect(refusalIn(three)).toMatch(/node2 is on a copy of its disk/);
  });

  it('is parted from by a node that votes from now on, if it is a copy by what the configuration says', () => {
    const cluster = new LinkCluster();
    const three = cluster.start(3, [2], { membership: membership([2], 0, [2]), firstMembers: [2] });
    cluster.start(2, [3], { ...ofNode2(), firstMembers: [2] });
    cluster.clock.advance(100);
    expect(linksOf(three)).toEqual(['2 open']);
    three.links.follow(named(5, [2, 3], 'beef0001'));
    cluster.clock.advance(20);
    expect(refusalIn(three)).toMatch(/of run [0-9a-f]{8}, but was known as that of run beef0001/);
    expect(three.disk.knownOf(2)).toEqual({ logId: own, start: 1, run: 'beef0001' });
  });

  it('is known by what a configuration said of it also once it is no member any more, and is added again', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    one.links.follow(named(5, [1, 2], 'beef0001'));
    one.links.follow(membership([], 6));
    cluster.start(2, [1], ofNode2());
    one.links.follow(membership([2], 7));
    cluster.clock.advance(100);
    expect(refusalIn(one)).toMatch(/of run [0-9a-f]{8}, but was known as that of run beef0001/);
  });

  it('is known by a node that has been voting as it knew it itself, beside what a configuration says', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    cluster.start(2, [1]);
    cluster.clock.advance(100);
    const known = one.disk.knownOf(2);
    one.links.follow(named(5, [1, 2], 'beef0001'));
    expect(one.disk.knownOf(2)).toBe(known);
  });

  it('that was no member is known by the configuration that adds it, whatever this node had met of it before', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    const two = cluster.start(2, [1], ofNode2(cluster.diskOf(2)));
    cluster.clock.advance(100);
    two.stop();
    expect(one.links.knownOf(2)).not.toBeNull();
    one.links.follow(membership([], 5, [1]));
    one.links.follow(named(6, [1], 'beef0001'));
    expect(one.links.knownOf(2)).toMatchObject({ run: 'beef0001' });
  });

  it('is known by the latest configuration, if two of them differ', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2], { membership: membership([2], 0, [2]) });
    const seen = ['beef0002', 'beef0001'].map((run) => ({ logId: own, start: 1, run }));
    const disks = new Map([[2, { inForce: own, certain: own, seen }]]);
    one.links.follow({ ...membership([2], 5), disks });
    expect(one.disk.knownOf(2)?.run).toBe('beef0002');
  });

  it('that does not vote is known as it was met by a node that votes, whatever configurations say meanwhile', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2], { membership: membership([2], 0, [1]) });
    cluster.start(2, [1], ofNode2(cluster.diskOf(2)));
    cluster.clock.advance(100);
    const met = one.links.knownOf(2);
    one.links.follow(named(5, [1], 'beef0001'));
    expect(one.links.knownOf(2)).toBe(met);
    // It may have met a copy; and once it does not vote itself, that does not count.
    one.links.follow(named(6, [2], 'beef0001'));
    expect(one.links.knownOf(2)).toMatchObject({ run: 'beef0001' });
  });

  it('that votes again is known as it was while it voted, by whoever has been voting', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    cluster.start(2, [1], ofNode2(cluster.diskOf(2))).stop();
    cluster.clock.advance(100);
    const believed = { logId: own, start: 9, run: 'beef0009' };
    cluster.diskOf(1).claim.peers.set(2, believed);
    one.links.follow(named(5, [1], 'beef0001'));
    one.links.follow(named(6, [1, 2], 'beef0001'));
    expect(one.disk.knownOf(2)).toBe(believed);
  });

  it('of two processes that come in its name as a node begins to vote, is that of the one which dialled', () => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    const parts = { membership: membership([2], 0, [2]), firstMembers: [1, 2], transport };
    const one = cluster.start(1, [2], parts);
    const incoming = transport.connect();
    incoming.handlers.frame(hello());
    cluster.clock.advance(5);
    const [dialled] = transport.dialled;
    dialled!.handlers.opened();
    const copied = { ...introduction, runs: [{ start: 1, tag: 'beef0001' }] };
    dialled!.handlers.frame(encodeControl({ type: 'Welcome', from: 2, ...copied }));
    cluster.clock.advance(5);
    expect(linksOf(one)).toEqual(['2 open']);
    one.links.follow(membership([2], 5));
    cluster.clock.advance(5);
    expect(one.disk.knownOf(2)).toEqual({ logId: own, start: 1, run: '22222222' });
    expect([dialled!.isClosed(), incoming.isClosed()]).toEqual([true, false]);
    expect(refusalIn(one)).toMatch(/of run beef0001, but was known as that of run 22222222/);
  });

  it('is remembered as a node begins to vote which has dialled the peer, but was not dialled by it', () => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    const parts = { membership: membership([2], 0, [2]), firstMembers: [1, 2], transport };
    const one = cluster.start(1, [2], parts);
    const [dialled] = transport.dialled;
    dialled!.handlers.opened();
    dialled!.handlers.frame(encodeControl({ type: 'Welcome', from: 2, ...introduction }));
    one.links.follow(membership([2], 5));
    expect(one.disk.knownOf(2)).toEqual({ logId: own, start: 1, run: '22222222' });
  });

  it('counts for nothing on a node that votes no longer, which knows it as a configuration does once one says how far it had come', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    const copy = cluster.start(2, [1], ofNode2());
    cluster.clock.advance(100);
    const believed = one.disk.knownOf(2);
    copy.stop();
    one.links.follow(membership([2], 5, [2]));
    cluster.start(2, [1], ofNode2(cluster.diskOf(2)));
    cluster.clock.advance(3000);
    expect(linksOf(one)).toEqual(['2 open']);
    // Of one that no configuration names at present, it is still known when this one votes again.
    expect(one.disk.knownOf(2)).toBe(believed);
    const itself = { logId: own, start: 1, run: cluster.diskOf(2).claim.runs[0]!.tag };
    one.links.follow(named(6, [2], itself.run));
    expect(one.disk.knownOf(2)).toEqual(itself);

    // It may have lost power before that was durable.
    one.stop();
    cluster.diskOf(1).claim.peers.set(2, believed!);
    const again = cluster.start(1, [2], { membership: named(6, [2], itself.run) });
    expect(again.disk.knownOf(2)).toEqual(itself);
  });

  it('yields to what the configuration says as a node begins to vote, whatever was known before', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2], { membership: membership([2], 0, [2]) });
    const believed = { logId: own, start: 9, run: 'beef0001' };
    for (const peer of [2, 3]) cluster.diskOf(1).claim.peers.set(peer, believed);
    cluster.start(2, [1], ofNode2(cluster.diskOf(2)));
    cluster.clock.advance(100);
    const { tag } = cluster.diskOf(2).claim.runs[0]!;
    one.links.follow(named(5, [1, 2, 3], tag));
    cluster.clock.advance(100);
    expect(linksOf(one)).toEqual(['2 open']);
    expect([one.disk.knownOf(2), one.disk.knownOf(3)]).toEqual([
      { logId: own, start: 1, run: tag },
      believed,
    ]);
  });

  it('that does not vote is known until the process ends, and remembered once it votes', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2], { membership: membership([2], 0, [1]) });
    const first = cluster.start(2, [1], ofNode2(cluster.diskOf(2)));
    cluster.clock.advance(100);
    expect(one.links.knownOf(2)).toMatchObject({ logId: own, start: 1 });
    expect(one.disk.knownOf(2)).toBeNull();
    first.stop();
    const copy = cluster.start(2, [1], ofNode2());
    cluster.clock.advance(3000);
    expect(refusalIn(one)).toMatch(/on a copy of its disk/);
    copy.stop();
    one.links.follow(membership([2], 5));
    const { tag } = cluster.diskOf(2).claim.runs[0]!;
    expect(one.disk.knownOf(2)).toEqual({ logId: own, start: 1, run: tag });
  });

  it('that does not vote is, once it does, the one of which the configuration says how far it had come', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2], { membership: membership([2], 0, [1]) });
    const copy = cluster.start(2, [1], ofNode2());
    cluster.clock.advance(100);
    expect(one.links.knownOf(2)).not.toBeNull();
    copy.stop();
    cluster.clock.advance(100);
    one.links.follow(named(5, [1, 2], 'beef0001'));
    expect(one.links.knownOf(2)).toBe(one.disk.knownOf(2));
    expect(one.disk.knownOf(2)).toEqual({ logId: own, start: 1, run: 'beef0001' });
  });
});

describe('a node that joins', () => {
  const join = (fields = {}) =>
    encodeControl({ type: 'Join', version: wireVersion, clusterId: 'test', from: 4, ...fields });

  it('is told with whom the cluster began, and is no member for that', () => {
    const cluster = new LinkCluster();
    const addressOf = (founder: number) => (founder === 2 ? 'two:7002' : null);
    const one = cluster.start(1, [2], { addressOf });
    const { seen } = dialled(cluster, 4, join(), hello());
    expect(seen).toEqual([
      {
        type: 'Joined',
        from: 1,
        firstMembers: [
          { id: 1, peer: null },
          { id: 2, peer: 'two:7002' },
        ],
      },
      'closed',
    ]);
    expect(one.links.names).toEqual(['link.2']);
  });

  it.each<[string, object, string]>([
    ['another cluster', { clusterId: 'other' }, 'this node belongs to the cluster "test", not "other"'],
    ['the id of the member that it asks', { from: 1 }, 'node1 is this node: two nodes have the same --id'],
  ])('is refused with %s', (_, fields, reason) => {
    const cluster = new LinkCluster();
    cluster.start(1, [2]);
    cluster.start(2, [1]);
    cluster.clock.advance(100);
    expect(dialled(cluster, 4, join(fields)).seen).toEqual([{ type: 'Refused', reason }, 'closed']);
  });

  it('is told of in the log, but not without end when it comes again and again', () => {
    const cluster = new LinkCluster();
    const lines: [object, string][] = [];
    const log: Log = { ...silentLog, info: (fields, message) => lines.push([fields, message]) };
    cluster.start(1, [2], { log });
    const joins = () => lines.filter(([, message]) => message === 'node4 joins');
    for (let turn = 0; turn < 20; turn++) dialled(cluster, 4, join());
    expect(joins()).toHaveLength(5);
    cluster.clock.advance(10_000);
    dialled(cluster, 4, join());
    expect(joins()).toHaveLength(6);
    expect(joins()[5]![0]).toMatchObject({ peer: 'node4', unlogged: 15 });
  });

  it('may come in the name of a member that is known on another disk: it is refused only when it says so', () => {
    const cluster = new LinkCluster();
    cluster.start(1, [2]);
    cluster.start(2, [1]);
    cluster.clock.advance(100);
    expect(dialled(cluster, 4, join({ from: 2 })).seen).toMatchObject([{ type: 'Joined' }, 'closed']);
  });

  it('may have been added before', () => {
    const cluster = new LinkCluster();
    cluster.start(1, [], { firstMembers: founders, membership: membership([2, 4], 5) });
    expect(dialled(cluster, 4, join()).seen).toMatchObject([{ type: 'Joined' }, 'closed']);
  });
});
