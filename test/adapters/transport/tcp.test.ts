import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { ListenFailed } from '../../../src/adapters/transport/tcp/listen.ts';
import { unitKinds } from '../../../src/adapters/transport/tcp/ordered-lane.ts';
import {
  openTcpTransport,
  type TcpOptions,
  type TcpTransport,
} from '../../../src/adapters/transport/tcp/tcp-transport.ts';
import { addressText } from '../../../src/ports/address.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Connection, ConnectionHandlers } from '../../../src/ports/transport.ts';
import { transportContract } from '../../contracts/transport.contract.ts';
import { freePorts } from '../../processes/free-ports.ts';
import { confirmation, LaneClient, unit } from './lane-client.ts';
import { until } from './until.ts';

const open: TcpTransport[] = [];
const openOn = async (host: string, rest: Partial<TcpOptions> = {}): Promise<TcpTransport> => {
  const transport = await openTcpTransport({ listen: { host, port: 0 }, peers: {}, log: silentLog, ...rest });
  open.push(transport);
  return transport;
};
const closed = (transport: TcpTransport): Promise<void> => new Promise((resolve) => transport.close(resolve));
afterEach(async () => {
  await Promise.all(open.splice(0).map(closed));
});

transportContract('tcp', async () => {
  const second = await openOn('127.0.0.1');
  const first = await openOn('127.0.0.1', { peers: { 2: { host: '127.0.0.1', port: second.port } } });
  return { first, second, until, dispose: async () => {} };
});

const recorder = () => {
  const seen = { opened: false, frames: [] as Uint8Array[], closed: null as string | null };
  const handlers: ConnectionHandlers = {
    opened: () => {
      seen.opened = true;
    },
    frame: (frame) => seen.frames.push(frame),
    closed: (reason) => {
      seen.closed = reason;
    },
  };
  return { seen, handlers };
};

const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
);

describe('tcp', () => {
  const meetings: [string, string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', 'localhost'],
    ['localhost', '127.0.0.1'],
    ['localhost', 'localhost'],
  ];
  if (hasIpv6) meetings.push(['::1', '::1'], ['::1', 'localhost'], ['localhost', '::1']);

  it.each(meetings)('a node that listens on %s is reached at %s', async (listenHost, dialHost) => {
    const second = await openOn(listenHost);
    const first = await openOn('127.0.0.1', { peers: { 2: { host: dialHost, port: second.port } } });
    second.listen(() => recorder().handlers);
    const { seen, handlers } = recorder();
    first.dial(2, handlers);
    await until(() => seen.opened || seen.closed !== null);
    expect(seen).toMatchObject({ opened: true, closed: null });
  });

  it('says in one line that its port is in use', async () => {
    const { port } = await openOn('127.0.0.1');
    const listen = { host: '127.0.0.1', port };
    const failure = await openTcpTransport({ listen, peers: {}, log: silentLog }).catch((error) => error);
    expect(failure).toBeInstanceOf(ListenFailed);
    expect(failure.message).toBe(`cannot listen for peers on 127.0.0.1:${port}: the port is in use`);
  });

  it('says in one line that an address is not its own', async () => {
    const failure = await openOn('192.0.2.1').catch((error) => error);
    expect(failure).toBeInstanceOf(ListenFailed);
    expect(failure.message).toMatch(/192\.0\.2\.1:0: this machine has no such address/);
  });

  it('names the address that does not answer', async () => {
    const [port] = await freePorts(1);
    const first = await openOn('127.0.0.1', { peers: { 2: { host: '127.0.0.1', port: port! } } });
    const { seen, handlers } = recorder();
    first.dial(2, handlers);
    await until(() => seen.closed !== null);
    expect(seen.closed).toBe(`connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it('dials a peer where it is told to, and else where it knows the peer to be', async () => {
    const host = hasIpv6 ? '::1' : '127.0.0.1';
    const second = await openOn(host);
    second.listen(() => recorder().handlers);
    const elsewhere = { host: '127.0.0.1', port: 1 };
    const first = await openOn('127.0.0.1', { peers: { 2: elsewhere } });
    const told = recorder();
    first.dial(2, told.handlers, addressText({ host, port: second.port }));
    const known = recorder();
    first.dial(2, known.handlers, null);
    await until(() => told.seen.opened && known.seen.closed !== null);
    expect(known.seen.closed).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  it.each([
    [null, 'its address is not known'],
    ['nowhere', 'its address is no host:port: nowhere'],
    ['::1:7001', 'its address is no host:port: ::1:7001'],
    ['host:99999', 'its address is no host:port: host:99999'],
  ])('fails, after the call, to dial a peer at %s', async (address, reason) => {
    const first = await openOn('127.0.0.1');
    const { seen, handlers } = recorder();
    const connection = first.dial(7, handlers, address);
    expect([connection.send(new Uint8Array(1)), seen.closed]).toEqual([false, null]);
    await until(() => seen.closed !== null);
    expect(seen).toMatchObject({ opened: false, closed: reason });
    connection.close();
  });

  const withStranger = async (bytes: Uint8Array, limits: Partial<TcpOptions> = {}) => {
    const transport = await openOn('127.0.0.1', limits);
    const { seen, handlers } = recorder();
    transport.listen(() => handlers);
    const socket = connect(transport.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write(bytes);
    return { seen, socket };
  };

  it.each<[string, number[], string]>([
    ['an empty frame', [0, 0, 0, 0], 'a frame of 0 bytes'],
    ['a first frame that is no greeting', [0, 0, 16, 1], 'a frame of 4097 bytes, more than the 4096 allowed'],
    [
      'another protocol',
      [...Buffer.from('GET / HTTP/1.1\r\n')],
      'a frame of 1195725856 bytes, more than the 4096 allowed',
    ],
  ])('closes a connection over %s', async (_, bytes, reason) => {
    const { seen, socket } = await withStranger(new Uint8Array(bytes));
    await until(() => seen.closed !== null && socket.closed);
    expect(seen).toMatchObject({ frames: [], closed: reason });
  });

  it('closes a connection over a later frame that is too long', async () => {
    const bytes = new Uint8Array([0, 0, 0, 1, 7, 0, 0, 3, 233]);
    const { seen } = await withStranger(bytes, { maxFrameBytes: 1000 });
    await until(() => seen.closed !== null);
    expect(seen).toMatchObject({
      frames: [new Uint8Array([7])],
      closed: 'a frame of 1001 bytes, more than the 1000 allowed',
    });
  });

  /** A connection that a client played by hand has opened. */
  const accepted = async (limits: Partial<TcpOptions> = {}, confirms = true) => {
    const transport = await openOn('127.0.0.1', limits);
    let connection: Connection | null = null;
    const { seen, handlers } = recorder();
    transport.listen((incoming) => {
      connection = incoming;
      return handlers;
    });
    const client = new LaneClient(transport.port, confirms);
    await until(() => seen.frames.length === 1);
    return { client, connection: connection as unknown as Connection, seen };
  };

  it('drops what is more than may wait, and goes on once the peer reads again', async () => {
    const { client, connection } = await accepted({ maxWaitingBytes: 3_000_000 });
    client.socket.pause();
    const frame = new Uint8Array(1_000_000);
    let sent = 0;
    while (connection.send(frame)) {
      sent++;
      expect(sent).toBeLessThan(5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(connection.isBacklogged).toBe(true);
    expect(connection.isWaiting?.(frame)).toBe(true);
    // Another one, of the same bytes.
    expect(connection.isWaiting?.(new Uint8Array(1_000_000))).toBe(false);
    client.socket.resume();
    await until(() => client.frames.length === sent);
    expect(connection.isBacklogged).toBe(false);
    expect(connection.isWaiting?.(frame)).toBe(false);
    expect(connection.send(frame)).toBe(true);
    client.socket.destroy();
  });

  it('lets urgent frames overtake, with little before them in the buffers', async () => {
    const { client, connection } = await accepted({}, false);
    connection.send(new Uint8Array(1_000_000).fill(7));
    expect(connection.isBacklogged).toBe(true);
    connection.send(new Uint8Array(10).fill(0x9a), true);
    await until(() => client.frames.length === 1);
    expect(client.frames[0]).toEqual(new Uint8Array(10).fill(0x9a));
    expect(client.pieceBytes).toBeLessThanOrEqual(32 * 1024);
    client.socket.destroy();
  });

  it('keeps no more than a megabyte of urgent frames for a peer that does not read, and parts from it once it sends pieces, which would have to be confirmed', async () => {
    const { client, connection, seen } = await accepted();
    client.socket.pause();
    const piece = unit(unitKinds.lastPiece, ...Array(4096).fill(7));
    client.socket.write(piece);
    await until(() => seen.frames.length === 2);
    const frame = new Uint8Array(1000).fill(0x9a);
    // The kernel takes what it has room for.
    let sent = 0;
    for (; connection.send(frame, true); sent++) {
      if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(sent).toBeLessThan(50_000);
    }
    expect(sent).toBeGreaterThan(1000);
    client.socket.write(piece);
    await until(() => seen.closed !== null);
    expect(seen.closed).toBe('it sends, and does not read');
    // The first frame, and the piece before.
    expect(seen.frames).toHaveLength(2);
  });

  it('sends whole frames in order to a peer that knows nothing else, up to what may wait', async () => {
    const { client, connection } = await accepted({ maxWaitingBytes: 3_000_000 }, false);
    connection.keepOrder?.();
    client.socket.pause();
    const frame = (fill: number) => new Uint8Array(1_000_000).fill(fill);
    const sent: number[] = [];
    for (let fill = 0x90; connection.send(frame(fill), fill % 2 === 0); fill++) {
      sent.push(fill);
      expect(sent.length).toBeLessThan(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(connection.isBacklogged).toBe(false);
    client.socket.resume();
    await until(() => client.frames.length === sent.length);
    expect(client.frames.map((each) => [each.length, each[0]])).toEqual(
      sent.map((fill) => [1_000_000, fill]),
    );
    expect(client.pieceBytes).toBe(0);
    client.socket.destroy();
  });

  it('forgets what waits, but for a frame of which a part has left', async () => {
    const { client, connection } = await accepted({}, false);
    for (const fill of [1, 2, 3]) connection.send(new Uint8Array(500_000).fill(fill));
    connection.dropWaiting?.();
    connection.send(new Uint8Array(10).fill(4));
    client.confirms = true;
    // What was taken before is confirmed together with what comes next.
    await until(() => client.pieceBytes > 0);
    client.socket.write(confirmation(client.pieceBytes));
    await until(() => client.frames.length === 2);
    expect(client.frames.map((frame) => [frame.length, frame[0]])).toEqual([
      [500_000, 1],
      [10, 4],
    ]);
    client.socket.destroy();
  });

  it('still sends what waits when it closes, to a peer that confirms nothing', async () => {
    const { client, connection } = await accepted({}, false);
    connection.send(new Uint8Array(300_000).fill(7));
    connection.close();
    await until(() => client.socket.closed);
    expect(client.frames.map(({ length }) => length)).toEqual([300_000]);
  });

  it.each<[string, readonly Uint8Array[], string]>([
    ['a piece before the first frame', [unit(0, 1)], 'a piece or a confirmation before the first frame'],
    [
      'a confirmation before the first frame',
      [confirmation(0), unit(0, 1)],
      'a piece or a confirmation before the first frame',
    ],
    ['a confirmation of nothing', [unit(0x90), confirmation(0)], 'a confirmation of what was not sent'],
    ['a small piece', [unit(0x90), unit(0, 1)], 'a piece of 1 bytes that is not the last'],
    ['an empty piece', [unit(0x90), unit(1)], 'an empty piece of a frame'],
    [
      'a confirmation of what was not sent',
      [unit(0x90), confirmation(1)],
      'a confirmation of what was not sent',
    ],
    ['a confirmation without a number', [unit(0x90), unit(2)], 'a confirmation of 1 bytes'],
    [
      'pieces of a frame that is too long',
      [unit(0x90), ...Array.from({ length: 3 }, () => unit(0, ...Array(2048).fill(7)))],
      'a frame of 6144 bytes or more, more than the 5000 allowed',
    ],
  ])('closes a connection over %s', async (_, units, reason) => {
    const { seen, socket } = await withStranger(Buffer.concat(units), { maxFrameBytes: 5000 });
    await until(() => seen.closed !== null && socket.closed);
    expect(seen.closed).toBe(reason);
  });

  it('does not send a frame that the other side would refuse', async () => {
    const transport = await openOn('127.0.0.1', { maxFrameBytes: 1000 });
    let connection: Connection | null = null;
    transport.listen((accepted) => {
      connection = accepted;
      return recorder().handlers;
    });
    connect(transport.port, '127.0.0.1').on('error', () => {});
    await until(() => connection !== null);
    expect(connection!.send(new Uint8Array(1001))).toBe(false);
    expect(connection!.send(new Uint8Array(1000))).toBe(true);
  });

  it('hands out frames as plain byte arrays', async () => {
    const { seen } = await withStranger(new Uint8Array([0, 0, 0, 1, 7]));
    await until(() => seen.frames.length === 1);
    expect(seen.frames[0]?.constructor).toBe(Uint8Array);
  });
});
