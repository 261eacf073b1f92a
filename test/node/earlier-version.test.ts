import { describe, expect, it } from 'vitest';
import { decodeControl, encodeControl, refusedFor } from '../../src/adapters/codec/control.ts';
import { decodeMessage, encodeMessage } from '../../src/adapters/codec/message.ts';
import { wireVersion } from '../../src/adapters/codec/wire-versions.ts';
import { joinCluster } from '../../src/node/join-cluster.ts';
import type { PeerLinksParts } from '../../src/node/peer-links-parts.ts';
import type { TraceCarrier } from '../../src/node/trace-carrier.ts';
import { silentLog } from '../../src/ports/log.ts';
import type { Message } from '../../src/raft/messages.ts';
import { appendEntries, entriesOf } from '../raft/contexts.ts';
import { hello, introduction, LinkCluster, vote } from './link-cluster.ts';
import { type ScriptedConnection, ScriptedTransport } from './scripted-transport.ts';

/** The earliest that is spoken. */
const earlier = 3;
const welcome = encodeControl({ type: 'Welcome', from: 2, ...introduction });
const refusalBy = (version: number): Uint8Array =>
  encodeControl(refusedFor(`this is wire version ${version}, not ${wireVersion}`));

/** Node 1, whose peer the test plays. */
const start = (parts: Partial<PeerLinksParts> = {}) => {
  const cluster = new LinkCluster();
  const transport = new ScriptedTransport();
  return { ...cluster.start(1, [2], { transport, ...parts }), clock: cluster.clock, transport };
};

const versionGreeted = (connection: ScriptedConnection | undefined): number | null => {
  connection!.handlers.opened();
  const greeting = decodeControl(connection!.sent[0]!);
  return 'type' in greeting && (greeting.type === 'Hello' || greeting.type === 'Join')
    ? greeting.version
    : null;
};

describe('a peer of the version before', () => {
  it('that refuses the latest version is greeted in its own at once; it gets whole frames in order, and nobody is warned', () => {
    const { links, transport, warnings } = start();
    expect(versionGreeted(transport.dialled[0])).toBe(wireVersion);
    expect(transport.dialled[0]!.keepsOrder()).toBe(false);
    transport.dialled[0]!.handlers.frame(refusalBy(earlier));
    expect(transport.dialled[0]!.isClosed()).toBe(true);
    const second = transport.dialled[1]!;
    expect(versionGreeted(second)).toBe(earlier);
    expect(second.keepsOrder()).toBe(true);
    expect(links.status()).toEqual([{ id: 2, link: 'connecting', endpoint: null }]);
    second.handlers.frame(welcome);
    expect(links.status()).toEqual([{ id: 2, link: 'open', wireVersion: earlier, endpoint: null }]);
    expect(links.send(vote(1, 2))).toBe(true);
    expect(second.sent.at(-1)).toEqual(encodeMessage(vote(1, 2)));
    expect(warnings).toEqual([]);
  });

  it('gets entries without the traces that a peer of the latest version gets', () => {
    const traces: TraceCarrier = {
      leaving: () => [{ offset: 0, context: new Uint8Array(25).fill(1) }],
      arrived: () => {},
    };
    const entries = appendEntries({ from: 1, to: 2, entries: entriesOf(5) });
    const sentIn = (version: number): Message => {
      const { links, transport } = start({ traces });
      versionGreeted(transport.dialled[0]);
      if (version < wireVersion) transport.dialled[0]!.handlers.frame(refusalBy(version));
      const connection = transport.dialled.at(-1)!;
      if (version < wireVersion) versionGreeted(connection);
      connection.handlers.frame(welcome);
      links.send(entries);
      return decodeMessage(connection.sent.at(-1)!) as Message;
    };
    expect(sentIn(wireVersion)).toHaveProperty('traces');
    expect(sentIn(earlier)).toEqual(entries);
  });

  it('is greeted in the latest version again when the link was lost', () => {
    const { transport, clock } = start();
    versionGreeted(transport.dialled[0]);
    transport.dialled[0]!.handlers.frame(refusalBy(earlier));
    versionGreeted(transport.dialled[1]);
    transport.dialled[1]!.handlers.frame(welcome);
    transport.dialled[1]!.handlers.closed('it restarts');
    clock.advance(100);
    expect(versionGreeted(transport.dialled[2])).toBe(wireVersion);
  });

  it('that has been upgraded between the two greetings is dialled anew once it says so', () => {
    const { links, transport, clock } = start();
    versionGreeted(transport.dialled[0]);
    transport.dialled[0]!.handlers.frame(refusalBy(earlier));
    versionGreeted(transport.dialled[1]);
    transport.dialled[1]!.handlers.frame(welcome);
    const { handlers } = transport.connect();
    handlers.opened();
    handlers.frame(hello());
    clock.advance(1);
    expect(versionGreeted(transport.dialled[2])).toBe(wireVersion);
    expect(transport.dialled[1]!.isClosed()).toBe(true);
    transport.dialled[2]!.handlers.frame(welcome);
    expect(links.status()[0]).toMatchObject({ link: 'open', wireVersion });
  });

  it('is welcomed in its own', () => {
    const { received, transport, clock, warnings } = start();
    const { handlers, sent } = transport.connect();
    handlers.opened();
    handlers.frame(hello({ version: earlier }));
    clock.advance(1);
    expect(decodeControl(sent[0]!)).toMatchObject({ type: 'Welcome', from: 1 });
    handlers.frame(encodeMessage(vote(2, 1)));
    expect([received, warnings]).toEqual([[vote(2, 1)], []]);
  });

  it('is asked in its own version with whom the cluster began, and lets a newer node join', async () => {
    const transport = new ScriptedTransport();
    const joined = joinCluster({
      id: 4,
      clusterId: 'test',
      targets: [{ name: 'a:1', dial: (handlers) => transport.dial(1, handlers) }],
      clock: new LinkCluster().clock,
      log: silentLog,
    });
    expect(versionGreeted(transport.dialled[0])).toBe(wireVersion);
    transport.dialled[0]!.handlers.frame(refusalBy(earlier));
    expect(versionGreeted(transport.dialled[1])).toBe(earlier);
    const firstMembers = [{ id: 1, peer: 'a:1' }];
    transport.dialled[1]!.handlers.frame(encodeControl({ type: 'Joined', from: 1, firstMembers }));
    expect(await joined).toEqual(firstMembers);
  });
});

it.each([2, wireVersion + 1])(
  'a peer that speaks nothing but version %i is refused, with both versions in the log and in the status',
  (version) => {
    const { links, transport, warnings } = start();
    versionGreeted(transport.dialled[0]);
    transport.dialled[0]!.handlers.frame(refusalBy(version));
    const reason = `this is wire version ${version}, not ${wireVersion}`;
    expect(links.status()[0]).toMatchObject({ link: 'refused', refusal: { by: 2, reason } });
    expect(warnings).toEqual([`the process dialled as node2 cannot be used: ${reason}`]);
    expect(transport.dialled).toHaveLength(1);
  },
);
