import { describe, expect, it } from 'vitest';
import { encodeApplication } from '../../src/adapters/codec/application.ts';
import { encodeControl } from '../../src/adapters/codec/control.ts';
import type { PeerLinksParts } from '../../src/node/peer-links-parts.ts';
import { hello, introduction, LinkCluster, membership } from './link-cluster.ts';
import { ScriptedTransport } from './scripted-transport.ts';

const message = Uint8Array.of(1, 2, 3);
const welcome = encodeControl({ type: 'Welcome', from: 2, ...introduction });

/** Node 1, whose peer the test plays; it is connected both ways. */
const start = (parts: Partial<PeerLinksParts> = {}, version = 5) => {
  const delivered: [number, Uint8Array][] = [];
  const cluster = new LinkCluster();
  const transport = new ScriptedTransport();
  const node = cluster.start(1, [2], {
    transport,
    deliverApplication: (from, bytes) => delivered.push([from, Uint8Array.from(bytes)]),
    ...parts,
  });
  const incoming = transport.connect();
  incoming.handlers.frame(hello({ version }));
  cluster.clock.advance(1);
  const [outgoing] = transport.dialled;
  outgoing!.handlers.opened();
  return { ...node, cluster, delivered, incoming, outgoing: outgoing!, transport };
};

describe('links carry what an application says', () => {
  it('to a member, behind other frames, once the link is open', () => {
    const { links, outgoing } = start();
    expect(links.sendApplication(2, message)).toBe(false);
    outgoing.handlers.frame(welcome);
    expect(links.sendApplication(2, message)).toBe(true);
    expect(outgoing.sent.at(-1)).toEqual(encodeApplication(message));
    expect(outgoing.urgent).not.toContain(outgoing.sent.at(-1));
    expect(links.sendApplication(3, message)).toBe(false);
  });

  it('not to a peer whose wire version does not know it', () => {
    const { links, transport, outgoing } = start();
    const { length } = outgoing.sent;
    const reason = 'this is wire version 4, not 5';
    outgoing.handlers.frame(encodeControl({ type: 'Refused', reason }));
    const again = transport.dialled[1]!;
    again.handlers.opened();
    again.handlers.frame(welcome);
    expect(links.status()[0]).toMatchObject({ link: 'open', wireVersion: 4 });
    expect(links.sendApplication(2, message)).toBe(false);
    expect([outgoing.sent.length, again.sent.length]).toEqual([length, 2]);
  });

  it('no more than 1 MiB that wait, or one message alone, and no more than 4 MiB at once', () => {
    const { links, outgoing } = start();
    outgoing.handlers.frame(welcome);
    const mebibyte = 1024 * 1024;
    expect(links.sendApplication(2, new Uint8Array(4 * mebibyte + 1))).toBe(false);
    const wait = (bytes: number): boolean => {
      const isSent = links.sendApplication(2, new Uint8Array(bytes));
      if (isSent) outgoing.waiting.add(outgoing.sent.at(-1)!);
      return isSent;
    };
    const leaves = (): void => {
      const [first] = outgoing.waiting;
      outgoing.waiting.delete(first!);
    };
    // Frames of Raft wait all the time, and are not counted.
    outgoing.isBacklogged = true;
    expect(wait(4 * mebibyte)).toBe(true);
    expect(wait(3)).toBe(false);
    leaves();
    expect(wait(mebibyte / 2)).toBe(true);
    expect(wait(mebibyte / 3)).toBe(true);
    expect(wait(mebibyte / 3)).toBe(false);
    leaves();
    expect(wait(mebibyte / 2)).toBe(true);
  });

  it('from a member, and not from one that was removed', () => {
    const { links, incoming, delivered, cluster } = start();
    incoming.handlers.frame(encodeApplication(message));
    expect(delivered).toEqual([[2, message]]);
    links.follow(membership([], 1));
    cluster.clock.advance(1);
    incoming.handlers.frame(encodeApplication(message));
    expect(delivered).toHaveLength(1);
  });

  it('not from one that is heard only as the leader that brings the log', () => {
    const { incoming, transport, delivered, cluster } = start();
    incoming.handlers.closed('gone');
    const other = transport.connect();
    const onAnotherDisk = { logId: 'b'.repeat(32), incarnation: 'run-2b', configurationIndex: 9 };
    other.handlers.frame(hello(onAnotherDisk));
    cluster.clock.advance(1);
    other.handlers.frame(encodeApplication(message));
    expect([other.isClosed(), delivered]).toEqual([false, []]);
  });

  it('not from one that is no member here, though it is heard since it knows a later configuration', () => {
    const { transport, delivered, cluster } = start();
    const stranger = transport.connect();
    stranger.handlers.frame(hello({ from: 3, logId: '3'.repeat(32), configurationIndex: 9 }));
    cluster.clock.advance(1);
    stranger.handlers.frame(encodeApplication(message));
    expect([stranger.isClosed(), delivered]).toEqual([false, []]);
  });

  it.each([
    ['without a message', Uint8Array.of(0x91, 8)],
    ['with more than a message', Uint8Array.of(0x93, 8, 0xc4, 0, 1)],
    ['with text', Uint8Array.of(0x92, 8, 0xa1, 0x61)],
    ['with more than 4 MiB', encodeApplication(new Uint8Array(4 * 1024 * 1024 + 1))],
  ])('and a frame %s closes the connection', (_, frame) => {
    const { incoming, delivered } = start();
    incoming.handlers.frame(frame);
    expect(incoming.isClosed()).toBe(true);
    expect(delivered).toEqual([]);
  });

  it('which a node drops where nothing takes it', () => {
    const cluster = new LinkCluster();
    const transport = new ScriptedTransport();
    cluster.start(1, [2], { transport });
    const incoming = transport.connect();
    incoming.handlers.frame(hello());
    cluster.clock.advance(1);
    incoming.handlers.frame(encodeApplication(message));
    expect(incoming.isClosed()).toBe(false);
  });
});
