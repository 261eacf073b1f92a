import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeControl } from '../../src/adapters/codec/control.ts';
import { encodeMessage } from '../../src/adapters/codec/message.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import type { Connection, Transport } from '../../src/ports/transport.ts';
import { anyFrame } from '../adapters/codec/frame-arbitraries.ts';
import { hello, introduction, LinkCluster, vote } from './link-cluster.ts';
import { ScriptedTransport } from './scripted-transport.ts';

/** A stranger that dials node 1 and can send any bytes. */
const stranger = (cluster: LinkCluster, as = 2) => {
  const seen = { frames: [] as Uint8Array[], closed: null as string | null };
  const connection: Connection = cluster.network.transport(as).dial(1, {
    opened: () => {},
    frame: (frame) => seen.frames.push(frame),
    closed: (reason) => {
      seen.closed = reason;
    },
  });
  cluster.clock.advance(2);
  return { connection, seen };
};

/** A stranger whose certificate is that of node 3. */
const provenStranger = () => {
  const cluster = new LinkCluster();
  const transport = cluster.network.transport(1);
  const proving: Transport = {
    ...transport,
    listen: (accept) => transport.listen((connection) => accept(Object.assign(connection, { provenId: 3 }))),
  };
  const one = cluster.start(1, [2, 3], { transport: proving, firstMembers: [1, 2] });
  return { cluster, one, ...stranger(cluster) };
};

describe('peer links', () => {
  it('connect all nodes, tell client endpoints, and carry messages both ways', () => {
    const cluster = new LinkCluster();
    const [one, two, three] = [cluster.start(1, [2, 3]), cluster.start(2, [1, 3]), cluster.start(3, [1, 2])];
    expect(one.links.send(vote(1, 2))).toBe(false);
    cluster.clock.advance(100);
    expect(one.links.status()).toEqual([
      { id: 2, link: 'open', wireVersion, endpoint: 'http://node2' },
      { id: 3, link: 'open', wireVersion, endpoint: 'http://node3' },
    ]);
    expect([one.links.send(vote(1, 2)), two.links.send(vote(2, 1)), three.links.send(vote(3, 1))]).toEqual([
      true,
      true,
      true,
    ]);
    expect(two.received).toEqual([]);
    cluster.clock.advance(1);
    expect(two.received).toEqual([vote(1, 2)]);
    expect(one.received).toEqual([vote(2, 1), vote(3, 1)]);
  });

  it('stay open as long as both sides live', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    cluster.start(2, [1]);
    cluster.clock.advance(100);
    const { warnings } = one;
    warnings.length = 0;
    for (let second = 0; second < 60; second++) {
      cluster.clock.advance(1000);
      expect(one.links.status()[0]?.link).toBe('open');
    }
    expect(warnings).toEqual([]);
  });

  it('reach a peer again as soon as it is back, however long it was away', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    cluster.start(2, [1]).stop();
    cluster.clock.advance(60_000);
    expect(one.links.status()[0]?.link).not.toBe('open');
    expect(one.warnings).toEqual(['node2 cannot be reached: nobody listens']);
    const two = cluster.start(2, [1], { incarnation: 'run-2b' });
    // Node 2 dials at once, and hearing it is enough.
    cluster.clock.advance(10);
    expect(one.links.status()[0]?.link).toBe('open');
    expect(one.links.send(vote(1, 2))).toBe(true);
    cluster.clock.advance(1);
    expect(two.received).toHaveLength(1);
  });

  it('survive a cut and heal', () => {
    const cluster = new LinkCluster();
    const one = cluster.start(1, [2]);
    const two = cluster.start(2, [1]);
    cluster.clock.advance(100);
    cluster.network.cut([1], [2]);
    cluster.clock.advance(5000);
    expect(one.links.send(vote(1, 2))).toBe(false);
    cluster.network.heal();
    cluster.clock.advance(2000);
    expect([one.links.status()[0]?.link, two.links.status()[0]?.link]).toEqual(['open', 'open']);
  });

  const scriptedNode = () => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    const one = cluster.start(1, [2], { transport });
    const welcome = (from: number) =>
      encodeControl({ type: 'Welcome', from, ...introduction, clientEndpoint: 'http://welcome' });
    return { ...one, clock: cluster.clock, transport, welcome };
  };

  it('take nothing from a connection that was given up', () => {
    const { links, disk, clock, transport, welcome } = scriptedNode();
    clock.advance(1100);
    const [given, present] = transport.dialled;
    expect([given?.isClosed(), present?.isClosed()]).toEqual([true, false]);
    given?.handlers.opened();
    given?.handlers.frame(welcome(2));
    given?.handlers.closed('late');
    expect(links.status()).toEqual([{ id: 2, link: 'connecting', endpoint: null }]);
    expect(disk.knownOf(2)).toBeNull();
    present?.handlers.opened();
    present?.handlers.frame(welcome(2));
    given?.handlers.closed('later still');
    expect(links.status()).toEqual([{ id: 2, link: 'open', wireVersion, endpoint: 'http://welcome' }]);
    expect(disk.knownOf(2)).toMatchObject({ start: 1 });
  });

  it('do not take another node for the peer, even if it welcomes this one', () => {
    const { links, transport, warnings, welcome } = scriptedNode();
    transport.dialled[0]?.handlers.opened();
    transport.dialled[0]?.handlers.frame(welcome(3));
    expect(links.status()).toEqual([{ id: 2, link: 'refused', endpoint: null }]);
    expect(transport.dialled[0]?.isClosed()).toBe(true);
    expect(warnings).toEqual(['the process dialled as node2 cannot be used: it is node3']);
  });

  it('deliver nothing that a connection brings after a malformed frame', () => {
    const { received, transport, clock } = scriptedNode();
    const { handlers, isClosed } = transport.connect();
    handlers.opened();
    handlers.frame(hello());
    handlers.frame(encodeMessage(vote(2, 1)));
    handlers.frame(new Uint8Array([1]));
    handlers.frame(encodeMessage(vote(2, 1)));
    clock.advance(1);
    expect([received.length, isClosed()]).toEqual([1, true]);
  });

  describe('report once, on both sides, what keeps two nodes apart:', () => {
    it('another cluster', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      const two = cluster.start(2, [1], { clusterId: 'other' });
      cluster.clock.advance(9000);
      const refusals = (warnings: readonly string[]) =>
        warnings.filter((line) => line.startsWith('the process dialled'));
      expect(refusals(one.warnings)).toEqual([
        'the process dialled as node2 cannot be used: this node belongs to the cluster "other", not "test"',
      ]);
      expect(refusals(two.warnings)).toEqual([
        'the process dialled as node1 cannot be used: this node belongs to the cluster "test", not "other"',
      ]);
      expect(one.links.status()[0]?.link).not.toBe('open');
    });

    it('an address that is another node’s', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      cluster.start(3, [1], { at: 2 });
      cluster.clock.advance(5000);
      expect(one.warnings).toContainEqual(
        'the process dialled as node2 cannot be used: this is node3, not node2: check its address in --peers or in raft-client member list',
      );
    });

    it('the same id twice: the address of a peer is of a node with this id', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      cluster.start(1, [3], { at: 2 });
      cluster.clock.advance(5000);
      expect(one.warnings[0]).toMatch(/this is node1, not node2/);
    });

    it('the same id twice: of two processes the one that came first stays, and the other is told where that is', () => {
      const cluster = new LinkCluster();
      cluster.start(1, [2]);
      const first = cluster.start(2, [1], { incarnation: 'first' });
      cluster.clock.advance(100);
      const told: string[] = [];
      // On the same disk, a moment later: nothing in what it says of that shows that it is a copy.
      const second = cluster.start(2, [1], { incarnation: 'second', toldSecond: (line) => told.push(line) });
      cluster.clock.advance(900);
      expect(told).toEqual([]);
      expect(second.links.status()[0]?.link).toBe('refused');
      cluster.clock.advance(4000);
      expect(first.links.status()[0]?.link).toBe('open');
      expect(told[0]).toBe(
        'two processes run as node2: the other one, at node2:7000 (connected from memory:node2), was there first, so this one stops: give each node its own --id and data directory (says node1)',
      );
    });

    it.each([
      { peers: [1, 3], speaking: [1], isTold: false },
      { peers: [1, 3], speaking: [1, 3], isTold: true },
      { peers: [1, 3, 4, 5], speaking: [1, 3], isTold: false },
      { peers: [1, 3, 4, 5], speaking: [1, 3, 4], isTold: true },
    ])(
      'the same id twice: of the peers $peers it takes more than half, here $speaking, to stop a node: $isTold',
      ({ peers, speaking, isTold }) => {
        const cluster = new LinkCluster();
        for (const id of speaking) cluster.start(id, [2, ...peers].filter((peer) => peer !== id).toSorted());
        cluster.start(2, peers, { incarnation: 'first' });
        cluster.clock.advance(100);
        const told: string[] = [];
        cluster.start(2, peers, { incarnation: 'second', toldSecond: (line) => told.push(line) });
        cluster.clock.advance(6000);
        expect(told.length > 0).toBe(isTold);
      },
    );

    /** Another process of node 2 says hello; resolves to the code of the answer. */
    const secondSays = (cluster: LinkCluster): number => {
      const { connection, seen } = stranger(cluster);
      connection.send(hello({ incarnation: 'second' }));
      cluster.clock.advance(10);
      return seen.frames[0]![1]!;
    };
    const welcome = 1;
    const refused = 2;

    it('the same id twice: who answers as a peer is not believed while another process is connected as that', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      stranger(cluster).connection.send(hello({ incarnation: 'first' }));
      cluster.start(2, [1], { incarnation: 'second' });
      cluster.clock.advance(1000);
      expect(one.links.status()[0]?.link).toBe('refused');
      expect(one.warnings.join('\n')).toMatch(
        /^the process dialled as node2 cannot be used: another process is connected as node2, at /m,
      );
    });

    it('the same id twice: one that was silent for long may be gone, so the other takes its place', () => {
      const cluster = new LinkCluster();
      cluster.start(1, [2]);
      stranger(cluster).connection.send(hello());
      cluster.clock.advance(1200);
      expect(secondSays(cluster)).toBe(refused);
      cluster.clock.advance(500);
      expect(secondSays(cluster)).toBe(welcome);
    });

    it('the same id twice: the first one proves that it lives by answering, not by what was under way', () => {
      const cluster = new LinkCluster();
      cluster.start(1, [2]);
      const dying = stranger(cluster).connection;
      dying.send(hello());
      cluster.clock.advance(10);
      expect(secondSays(cluster)).toBe(refused);
      dying.send(encodeControl({ type: 'Ping', start: 1 }));
      cluster.clock.advance(1600);
      expect(secondSays(cluster)).toBe(welcome);
    });

    it('a node that is not a member, and began in another cluster', () => {
      const cluster = new LinkCluster();
      cluster.start(1, [2]);
      const nine = cluster.start(9, [1]);
      cluster.clock.advance(5000);
      expect(nine.warnings[0]).toMatch(/node9 was first started as one of 1,9, node1 as one of 1,2, so they/);
    });

    it('a node that is not a member', () => {
      const cluster = new LinkCluster();
      cluster.start(1, [2]);
      const nine = cluster.start(9, [1], { firstMembers: [1, 2] });
      cluster.clock.advance(5000);
      expect(nine.warnings).toEqual([
        'the process dialled as node1 cannot be used: node9 is waiting to be added: raft-client member add 9 --peer node9:7000',
      ]);
    });
  });

  describe('close an incoming connection, and deliver nothing,', () => {
    it.each<[string, Uint8Array[], RegExp]>([
      ['over a version that it speaks no more', [helloOf(2)], /wire version 5, not 2/],
      ['over a version to come', [helloOf(6)], /wire version 5, not 6/],
      ["over this node's own name", [hello({ from: 1 })], /node1 is this node: two nodes have the same --id/],
      ['over a frame before the Hello', [encodeMessage(vote(2, 1))], /malformed first frame/],
      ['over a second Hello', [hello(), hello()], /node2 sent a malformed frame: unknown message type/],
      [
        'over a message in another name',
        [hello(), encodeMessage(vote(3, 1))],
        /node2 sent a message from node3/,
      ],
      ['over a message to another', [hello(), encodeMessage(vote(2, 3))], /node2 sent a message to node3/],
      ['over a malformed Ping', [hello(), Uint8Array.of(0x92, 3, 0)], /node2 sent a malformed Ping/],
      ['over a malformed message', [hello(), new Uint8Array([0x91, 0xc1])], /0xc1/],
      [
        'over first members whose names fill more than a line',
        [hello({ firstMembers: Array.from({ length: 99 }, (_, at) => 9e15 + at) })],
        /^node2 is refused: node2 was first started as one of 9000000000000000,/,
      ],
      [
        'and not over what follows in the same breath',
        [hello(), new Uint8Array([1]), encodeMessage(vote(2, 1))],
        /is not an array/,
      ],
    ])('%s', (_, frames, reason) => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2, 3], { firstMembers: [1, 2] });
      const { connection, seen } = stranger(cluster);
      for (const frame of frames) connection.send(frame);
      cluster.clock.advance(5);
      expect(seen.closed).not.toBeNull();
      expect(one.warnings.at(-1)).toMatch(reason);
      expect(one.received).toEqual([]);
    });

    it.each<[string, Uint8Array, RegExp | null]>([
      [
        'as another node than it has proved to be',
        hello(),
        /it says that it is node2, and its certificate is issued to node3/,
      ],
      [
        'to join as another',
        encodeControl({ type: 'Join', version: wireVersion, clusterId: 'test', from: 4 }),
        /it says that it is node4, and its certificate is issued to node3/,
      ],
      ['and not as the one that it is', hello({ from: 3 }), null],
    ])('that introduces itself %s', (_, frame, reason) => {
      const { cluster, one, connection, seen } = provenStranger();
      connection.send(frame);
      cluster.clock.advance(5);
      expect(seen.closed === null).toBe(reason === null);
      if (reason !== null) expect(one.warnings.at(-1)).toMatch(reason);
    });

    it('that introduces itself as another one, whatever it says of the disk of that', () => {
      const { cluster, one, connection, seen } = provenStranger();
      connection.send(hello({ firstMembers: [1, 9], logId: 'e'.repeat(32) }));
      cluster.clock.advance(5);
      expect(seen.closed).not.toBeNull();
      expect(one.warnings.at(-1)).toMatch(/its certificate is issued to node3/);
      expect(one.links.status()[0]).not.toHaveProperty('refusal');
    });

    it('that says no Hello in time', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      const { seen } = stranger(cluster);
      cluster.clock.advance(4990);
      expect(seen.closed).toBeNull();
      cluster.clock.advance(20);
      expect(seen.closed).not.toBeNull();
      expect(one.warnings.at(-1)).toMatch(/no Hello in time/);
    });

    it('that has waited longest without a Hello, when there are too many: a peer still finds room', () => {
      const cluster = new LinkCluster();
      cluster.start(1, [2]);
      const many = Array.from({ length: 40 }, () => stranger(cluster));
      cluster.clock.advance(10);
      const firstOpen = () => many.findIndex(({ seen }) => seen.closed === null);
      expect(firstOpen()).toBe(8);
      const late = stranger(cluster);
      late.connection.send(hello());
      cluster.clock.advance(10);
      expect(late.seen).toMatchObject({ closed: null });
      expect(late.seen.frames).toHaveLength(1);
      // It has said who it is, so there is room for one more.
      stranger(cluster);
      cluster.clock.advance(10);
      expect(firstOpen()).toBe(9);
      cluster.clock.advance(6000);
      expect(many.filter(({ seen }) => seen.closed === null)).toEqual([]);
    });

    it('when a peer opens a second one: the older', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      const older = stranger(cluster);
      older.connection.send(hello());
      const newer = stranger(cluster);
      newer.connection.send(hello());
      cluster.clock.advance(5);
      expect([older.seen.closed === null, newer.seen.closed === null]).toEqual([false, true]);
      newer.connection.send(encodeMessage(vote(2, 1)));
      cluster.clock.advance(5);
      expect(one.received).toHaveLength(1);
    });

    it('however often it happens, with a bounded number of lines in the log', () => {
      const cluster = new LinkCluster();
      const one = cluster.start(1, [2]);
      cluster.clock.advance(1000);
      one.warnings.length = 0;
      for (let i = 0; i < 500; i++) stranger(cluster).connection.send(new Uint8Array([1]));
      cluster.clock.advance(5);
      expect(one.warnings.length).toBeGreaterThan(0);
      expect(one.warnings.length).toBeLessThanOrEqual(5);
    });

    it('whatever bytes come, before or after the Hello', () => {
      fc.assert(
        fc.property(
          fc.boolean(),
          fc.array(anyFrame, { minLength: 1, maxLength: 4 }),
          (isIdentified, frames) => {
            const cluster = new LinkCluster();
            const one = cluster.start(1, [2]);
            const { connection } = stranger(cluster);
            if (isIdentified) connection.send(hello());
            for (const frame of frames) connection.send(frame);
            cluster.clock.advance(10);
            for (const message of one.received) expect(message).toMatchObject({ from: 2, to: 1 });
          },
        ),
        { numRuns: 300 },
      );
    });
  });
});

/** A Hello of another version: only its first three items are fixed. */
function helloOf(version: number): Uint8Array {
  const frame = hello().slice();
  // After the array, the code, and `raftchart` with its length.
  frame[12] = version;
  return frame;
}
