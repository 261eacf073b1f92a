import { describe, expect, it } from 'vitest';
import { encodeControl } from '../../src/adapters/codec/control.ts';
import { encodeMessage } from '../../src/adapters/codec/message.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { createMemoryDisk, type MemoryDisk, openMemoryClaim } from '../../src/adapters/storage/memory.ts';
import { PeerTrust } from '../../src/node/peer-trust.ts';
import { silentLog } from '../../src/ports/log.ts';
import { hello, introduction, LinkCluster, type LinkedNode, membership, vote } from './link-cluster.ts';

/** Three nodes that know each other; node 2 has stopped. */
const cluster3 = () => {
  const cluster = new LinkCluster();
  const [one, two, three] = [cluster.start(1, [2, 3]), cluster.start(2, [1, 3]), cluster.start(3, [1, 2])];
  cluster.clock.advance(100);
  two.stop();
  cluster.clock.advance(100);
  for (const { warnings } of [one, three]) warnings.length = 0;
  return { cluster, one, three };
};
const copyOf = ({ claim, ...log }: MemoryDisk): MemoryDisk => ({
  ...log,
  claim: { ...claim, peers: new Map(claim.peers) },
});
const restartTwo = (cluster: LinkCluster, memory: MemoryDisk, incarnation: string): LinkedNode => {
  const two = cluster.start(2, [1, 3], { memory, incarnation });
  cluster.clock.advance(3000);
  return two;
};
/** A connection to node 1 from where node 2 should be. */
const dialledByTwo = (cluster: LinkCluster) => {
  const frames: Uint8Array[] = [];
  const connection = cluster.network.transport(2).dial(1, {
    opened: () => {},
    frame: (frame) => frames.push(frame),
    closed: () => {},
  });
  cluster.clock.advance(2);
  return { connection, frames };
};
const linkOf = ({ links }: LinkedNode, peer: number) => links.status().find(({ id }) => id === peer);

/** This line, whatever the tags of runs in it are. */
const told = (line: string) =>
  expect.stringMatching(new RegExp(`^${line.replaceAll('TAG', '[0-9a-f]{8}')}$`));

describe('a node whose disk', () => {
  const other = 'f'.repeat(32);
  const cases: readonly [string, (cluster: LinkCluster) => MemoryDisk, string][] = [
    [
      'was lost',
      () => createMemoryDisk(other),
      `node2 is on another disk: its log is ${other}, but was ${'2'.repeat(32)}`,
    ],
    [
      'was rolled back',
      (cluster) => {
        const copy = copyOf(cluster.diskOf(2));
        for (const incarnation of ['run-2b', 'run-2c'])
          restartTwo(cluster, cluster.diskOf(2), incarnation).stop();
        return copy;
      },
      'node2 is on an older copy of its disk: its start number is 2, but was 3',
    ],
    [
      'is a copy of one that went on',
      (cluster) => {
        const copy = copyOf(cluster.diskOf(2));
        restartTwo(cluster, cluster.diskOf(2), 'run-2b').stop();
        return copy;
      },
      'node2 is on a copy of its disk: its start number 2 was that of run TAG, but was known as that of run TAG',
    ],
    [
      'is an older copy that was started more often since than the one that it was copied from',
      (cluster) => {
        const copy = copyOf(cluster.diskOf(2));
        restartTwo(cluster, cluster.diskOf(2), 'run-2b').stop();
        for (let start = 0; start < 3; start++) openMemoryClaim(copy.claim, () => {});
        return copy;
      },
      'node2 is on a copy of its disk: its start number 2 was that of run TAG, but was known as that of run TAG',
    ],
  ];
  it.each(cases)('%s is refused on both sides, told of once, and not heard', (_, wrongDisk, reason) => {
    const { cluster, one, three } = cluster3();
    const disk = wrongDisk(cluster);
    for (const { warnings } of [one, three]) warnings.length = 0;
    const wrong = restartTwo(cluster, disk, 'wrong');
    const remedy = reason.includes('another disk')
      ? 'let this disk take its place'
      : 'start it on an empty one and let that take its place';
    const whole = `${reason}: bring its data directory back, or ${remedy}: raft-client member replace 2`;
    for (const node of [one, three]) {
      expect(linkOf(node, 2)).toMatchObject({ link: 'refused', refusal: { reason: told(whole) } });
      expect(node.warnings.filter((line) => !line.includes('cannot be reached'))).toEqual([
        told(`node2 is refused: ${whole}`),
      ]);
    }
    expect(linkOf(one, 2)?.refusal?.by).toBe(1);
    for (const peer of [1, 3]) {
      expect(linkOf(wrong, peer)).toMatchObject({
        link: 'refused',
        refusal: { by: peer, reason: told(whole) },
      });
    }
    expect(wrong.warnings).toEqual(
      [1, 3].map((peer) => told(`the process dialled as node${peer} cannot be used: ${whole}`)),
    );
    expect([wrong.links.send(vote(2, 1)), one.links.send(vote(1, 2))]).toEqual([false, false]);
    // Also while the link is trying again.
    const links = new Set<string | undefined>();
    for (let ms = 0; ms < 2000; ms++) {
      cluster.clock.advance(1);
      links.add(linkOf(one, 2)?.link).add(linkOf(wrong, 1)?.link);
    }
    expect([...links]).toEqual(['refused']);
    cluster.clock.advance(58_000);
    expect(one.received).toEqual([]);
    expect(wrong.received).toEqual([]);
    expect(one.warnings.length + wrong.warnings.length).toBeLessThan(6);

    // It comes back with the right disk: nothing else is needed.
    wrong.stop();
    const right = restartTwo(cluster, cluster.diskOf(2), 'right');
    expect([linkOf(one, 2), linkOf(right, 1)]).toEqual([
      { id: 2, link: 'open', wireVersion, endpoint: 'http://node2' },
      { id: 1, link: 'open', wireVersion, endpoint: 'http://node1' },
    ]);

    // The wrong one comes back: it is told of again.
    right.stop();
    restartTwo(cluster, disk, 'wrong again');
    expect(one.warnings.filter((line) => line.startsWith('node2 is refused'))).toHaveLength(2);
  });
});

it('a refusal ends as soon as the peer comes with the right disk, though it cannot be dialled yet', () => {
  const cluster = new LinkCluster();
  const one = cluster.start(1, [2]);
  const refusals = [hello(), hello({ logId: 'f'.repeat(32) }), hello()].map((frame) => {
    dialledByTwo(cluster).connection.send(frame);
    cluster.clock.advance(5);
    return linkOf(one, 2)?.refusal?.by;
  });
  expect(refusals).toEqual([undefined, 1, undefined]);
});

it('peers that began in another cluster refuse each other, and each names both lists', () => {
  const cluster = new LinkCluster();
  const one = cluster.start(1, [2], { firstMembers: [1, 2, 3] });
  const two = cluster.start(2, [1], { firstMembers: [1, 2, 3, 4, 5] });
  cluster.clock.advance(5000);
  expect(one.warnings).toEqual([
    'node2 is refused: node2 was first started as one of 1,2,3,4,5, node1 as one of 1,2,3, so they are not of one cluster: ' +
      'the one that is wrong must start on an empty data directory, with the --peers of the other or with --join',
  ]);
  expect(two.warnings).toEqual([
    expect.stringMatching(/^node1 is refused: .* one of 1,2,3, node2 as one of 1,2,3,4,5,/),
  ]);
  expect([linkOf(one, 2)?.refusal?.by, linkOf(two, 1)?.refusal?.by]).toEqual([1, 2]);
});

it('a start number that grows while a connection is open is told with the next Ping, and remembered', () => {
  const cluster = new LinkCluster();
  const one = cluster.start(1, [2]);
  const two = cluster.start(2, [1]);
  cluster.clock.advance(100);
  expect(one.disk.knownOf(2)).toMatchObject({ start: 1 });
  two.disk.advanceStart(() => {});
  cluster.clock.advance(3000);
  expect(one.disk.knownOf(2)).toMatchObject({ start: 2 });
  expect(linkOf(one, 2)).toMatchObject({ link: 'open' });
});

it('a start number that falls while a connection is open is refused, and ends it', () => {
  const cluster = new LinkCluster();
  const one = cluster.start(1, [2]);
  const { connection, frames } = dialledByTwo(cluster);
  connection.send(hello());
  for (const start of [1, 3, 3]) connection.send(encodeControl({ type: 'Ping', start }));
  cluster.clock.advance(5);
  // The Welcome and three Pongs.
  expect(frames).toHaveLength(4);
  expect(one.disk.knownOf(2)).toMatchObject({ start: 3 });
  connection.send(encodeControl({ type: 'Ping', start: 1 }));
  connection.send(encodeMessage(vote(2, 1)));
  cluster.clock.advance(5);
  expect([frames.length, one.received.length]).toEqual([4, 0]);
  expect(linkOf(one, 2)).toMatchObject({
    link: 'refused',
    refusal: { by: 1, reason: expect.stringContaining('its start number is 1, but was 3') },
  });
});

/** Node 1, whose disk takes 50 ms to remember a peer's. */
const slowToRemember = (cluster: LinkCluster) => {
  const one = cluster.start(1, [2]);
  const { remember } = one.disk;
  one.disk.remember = (peer, known, done) =>
    remember(peer, known, () => cluster.clock.setTimeout(() => done(null), 50));
  return one;
};

it('a peer is welcomed once its disk is remembered durably, and what it sent meanwhile is not lost', () => {
  const cluster = new LinkCluster();
  const one = slowToRemember(cluster);
  const { connection, frames } = dialledByTwo(cluster);
  connection.send(hello());
  for (let count = 0; count < 16; count++) connection.send(encodeMessage(vote(2, 1)));
  cluster.clock.advance(48);
  expect([frames.length, one.received.length]).toEqual([0, 0]);
  cluster.clock.advance(100);
  expect([frames.length, one.received.length]).toEqual([1, 16]);
});

it('a peer that sends on and on before it is welcomed is closed, and nothing of it is delivered', () => {
  const cluster = new LinkCluster();
  const one = slowToRemember(cluster);
  const { connection, frames } = dialledByTwo(cluster);
  connection.send(hello());
  for (let count = 0; count < 17; count++) connection.send(encodeMessage(vote(2, 1)));
  cluster.clock.advance(200);
  expect([frames.length, one.received.length]).toEqual([0, 0]);
  expect(one.warnings.at(-1)).toMatch(/node2 sent 16 frames before its welcome/);
});

it('a peer that is gone before its disk is remembered is not taken to be there', () => {
  const cluster = new LinkCluster();
  const one = slowToRemember(cluster);
  const { connection } = dialledByTwo(cluster);
  connection.send(hello({ clientEndpoint: 'http://gone' }));
  cluster.clock.advance(5);
  connection.close();
  cluster.clock.advance(200);
  expect(linkOf(one, 2)?.endpoint).toBeNull();
});

it('a peer whose disk cannot be remembered is refused, and welcomed once it can', () => {
  const cluster = new LinkCluster();
  const one = cluster.start(1, [2]);
  const { remember } = one.disk;
  let isFull = true;
  one.disk.remember = (peer, known, done) =>
    remember(peer, known, () => done(isFull ? new Error('ENOSPC') : null));
  const two = cluster.start(2, [1]);
  cluster.clock.advance(2000);
  expect(linkOf(two, 1)?.refusal?.reason).toBe('node1 cannot remember the disk of node2: ENOSPC');
  isFull = false;
  cluster.clock.advance(2000);
  expect(linkOf(two, 1)).toMatchObject({ link: 'open' });
});

it('nodes that are refused under ever new names do not fill the memory', () => {
  const { clock } = new LinkCluster();
  const disk = openMemoryClaim(createMemoryDisk().claim, (fn) => clock.defer(fn));
  const parts = { incarnation: 'run-1', peerEndpoint: null, firstMembers: [1, 2], clock, log: silentLog };
  const trust = new PeerTrust({ self: 1, disk, membership: membership([2]), ...parts });
  for (let peer = 100; peer < 200; peer++) {
    expect(trust.judge(peer, { ...introduction, firstMembers: [1, 2, peer] })).toMatch('not of one cluster');
  }
  const kept = Array.from({ length: 100 }, (_, at) => trust.refusalOf(100 + at)).filter(
    (each) => each !== null,
  );
  expect(kept).toHaveLength(64);
  expect(trust.refusalOf(199)).not.toBeNull();
});
