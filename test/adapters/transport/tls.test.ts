import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Credentials } from '../../../src/adapters/tls/credentials.ts';
import { identityUri } from '../../../src/adapters/tls/node-identity.ts';
import { PeerTls } from '../../../src/adapters/transport/tcp/peer-tls.ts';
import { type KeyPair, makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { transports } from '../../../src/cli/node/node-adapters.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../../src/ports/transport.ts';
import { transportContract } from '../../contracts/transport.contract.ts';
import { VirtualClock } from './virtual-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-peer-tls-'));
afterAll(() => rmSync(directory, { recursive: true }));
const dayMs = 24 * 60 * 60 * 1000;
const clusterId = 'raftchart';

let authority: KeyPair;
let stranger: KeyPair;
beforeAll(async () => {
  [authority, stranger] = await Promise.all([makeAuthority('ours'), makeAuthority('ours')]);
});
interface Of {
  readonly node?: number;
  readonly cluster?: string;
  readonly from?: KeyPair;
  /** When it was made; it is valid for two days. */
  readonly atMs?: number;
}
const certificateOf = ({
  node = 2,
  cluster = clusterId,
  from = authority,
  atMs = Date.now(),
}: Of): Promise<KeyPair> =>
  makeCertificate(
    from,
    { name: 'n', uri: identityUri({ clusterId: cluster, node }), hosts: ['127.0.0.1'], days: 2 },
    atMs,
  );

type Kind = keyof typeof transports;
const kinds = Object.keys(transports) as readonly Kind[];

/** What was opened, to be closed after the test. */
const opened: { close(done: () => void): void }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => new Promise<void>((resolve) => each.close(resolve))));
});

/** The files of one node, and what it makes of them. */
class Side {
  readonly files: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly warnings: string[] = [];
  readonly credentials: Credentials;
  readonly tls: PeerTls;

  constructor(
    name: string,
    pair: KeyPair,
    ca: string,
    wallClock: () => number = Date.now,
    handshakeMs = 1000,
  ) {
    const inside = join(directory, `${name}-${Math.random()}`);
    mkdirSync(inside);
    this.files = { cert: join(inside, 'crt'), key: join(inside, 'key'), ca: join(inside, 'ca') };
    this.put(pair, ca);
    const clock = new VirtualClock();
    this.credentials = new Credentials({
      files: this.files,
      identity: null,
      clock,
      log: silentLog,
      wallClock,
    });
    const log = {
      ...silentLog,
      warn: (fields: Readonly<Record<string, unknown>>) => void this.warnings.push(String(fields.reason)),
    };
    this.tls = new PeerTls({ credentials: this.credentials, clusterId, clock, log, handshakeMs });
  }

  put({ cert, key }: KeyPair, ca: string): void {
    writeFileSync(this.files.cert, cert);
    writeFileSync(this.files.key, key, { mode: 0o600 });
    writeFileSync(this.files.ca, ca);
  }

  async listen(
    kind: Kind,
    peers: Readonly<Record<number, number>> = {},
  ): Promise<Transport & { readonly port: number }> {
    const transport = await transports[kind].open({
      listen: { host: '127.0.0.1', port: 0 },
      peers: Object.fromEntries(Object.entries(peers).map(([id, port]) => [id, { host: '127.0.0.1', port }])),
      log: silentLog,
      tls: this.tls,
    });
    opened.push(transport);
    return transport;
  }
}

const until = async (isDone: () => boolean): Promise<void> => {
  const deadline = performance.now() + 8000;
  while (!isDone()) {
    if (performance.now() > deadline) throw new Error('nothing happened');
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const recorder = () => {
  const seen = { opened: false, frames: 0, closed: null as string | null };
  const handlers: ConnectionHandlers = {
    opened: () => {
      seen.opened = true;
    },
    frame: () => void seen.frames++,
    closed: (reason) => {
      seen.closed = reason;
    },
  };
  return { seen, handlers };
};

for (const kind of kinds) {
  transportContract(`${kind} with TLS`, async () => {
    const [one, two] = await Promise.all([certificateOf({ node: 1 }), certificateOf({ node: 2 })]);
    const second = await new Side('second', two, authority.cert).listen(kind);
    const first = await new Side('first', one, authority.cert).listen(kind, { 2: second.port });
    return { first, second, until, dispose: async () => {} };
  });
}

describe.each(kinds)('the peer port with TLS and --transport %s', (kind) => {
  /** Node 2 listens; node 1, with other things as the test says, dials it. */
  const meeting = async (one: Of & { readonly trusts?: KeyPair; readonly then?: number }, two: Of = {}) => {
    const [mine, theirs] = await Promise.all([certificateOf({ node: 1, ...one }), certificateOf(two)]);
    const server = new Side('server', theirs, authority.cert, () => two.atMs ?? Date.now());
    const accepted = recorder();
    let connection: Connection | null = null;
    const listening = await server.listen(kind);
    listening.listen((each) => {
      connection = each;
      return accepted.handlers;
    });
    // It finds nothing wrong with its own.
    const client = new Side('client', mine, (one.trusts ?? authority).cert, () => one.atMs ?? Date.now());
    const dialling = await client.listen(kind, { 2: listening.port });
    const dialled = recorder();
    const outgoing = dialling.dial(2, dialled.handlers);
    return {
      server,
      client,
      outgoing,
      port: listening.port,
      accepted: accepted.seen,
      dialled: dialled.seen,
      incoming: () => connection,
    };
  };

  it('tells which node the other side has proved to be', async () => {
    const { accepted, dialled, incoming, outgoing } = await meeting({});
    await until(() => accepted.opened && dialled.opened);
    expect(incoming()?.provenId).toBe(1);
    outgoing.send(new Uint8Array(10));
    await until(() => accepted.frames === 1);
  });

  it.each<[string, () => Of & { readonly trusts?: KeyPair }, () => Of, RegExp]>([
    ['another node', () => ({}), () => ({ node: 3 }), /it is issued to node3, not to node2/],
    ['another cluster', () => ({}), () => ({ cluster: 'other' }), /issued to a node of cluster other/],
    [
      'an authority that is not trusted',
      () => ({ from: stranger, trusts: stranger }),
      () => ({}),
      /no authority|trust/,
    ],
    ['another time', () => ({}), () => ({ atMs: Date.now() - 9 * dayMs }), /its certificate has expired/],
  ])('does not open where the one that is dialled shows a certificate of %s', async (_, one, two, reason) => {
    const { accepted, dialled } = await meeting(one(), two());
    await until(() => dialled.closed !== null);
    expect(dialled).toMatchObject({ opened: false, closed: expect.stringMatching(reason) });
    expect(accepted.opened).toBe(false);
  });

  it.each<[string, () => Of & { readonly trusts?: KeyPair }, RegExp]>([
    ['of another cluster', () => ({ cluster: 'other' }), /issued to a node of cluster other/],
    ['of an authority that is not trusted', () => ({ from: stranger }), /no authority that this node trusts/],
    ['that has expired', () => ({ atMs: Date.now() - 9 * dayMs }), /its certificate has expired/],
    ['of tomorrow', () => ({ atMs: Date.now() + dayMs }), /is not valid yet: compare the clocks/],
  ])('accepts nobody with a certificate %s, and says why', async (_, of, reason) => {
    const pair = await certificateOf({ node: 1, ...of() });
    const { server, port, accepted } = await meeting({});
    const socket = connectTls({ host: '127.0.0.1', port, ...pair, rejectUnauthorized: false });
    socket.on('error', () => {});
    await until(() => socket.destroyed && server.warnings.length > 0);
    expect(server.warnings.join()).toMatch(reason);
    await until(() => accepted.opened);
  });

  it.each<[string, (port: number) => Socket, RegExp]>([
    [
      'no certificate',
      (port) =>
        connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false } satisfies ConnectionOptions),
      /it shows no certificate/,
    ],
    [
      'an older TLS',
      (port) =>
        connectTls({
          host: '127.0.0.1',
          port,
          rejectUnauthorized: false,
          maxVersion: 'TLSv1.2',
        } satisfies ConnectionOptions),
      /it does not speak TLS 1.3/,
    ],
    [
      'no TLS',
      (port) => {
        const socket = connect(port, '127.0.0.1');
        socket.write(new Uint8Array(100));
        return socket;
      },
      /it does not speak TLS/,
    ],
    [
      'HTTP',
      (port) => {
        const socket = connect(port, '127.0.0.1');
        socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
        return socket;
      },
      /it speaks HTTP, not TLS/,
    ],
  ])('accepts nobody with %s, and says why', async (_, dial, reason) => {
    const { server, port } = await meeting({});
    const socket = dial(port);
    socket.on('error', () => {}).resume();
    await until(() => socket.destroyed && server.warnings.length > 0);
    expect(server.warnings.join()).toMatch(reason);
  });

  it('ends a handshake that takes too long', async () => {
    const { server, port } = await meeting({});
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    await until(() => socket.destroyed);
    expect(server.warnings.join()).toMatch(/it took too long to prove who it is/);
  });

  it('is reached beside 1,000 handshakes that nobody finishes, and parts from nobody who has proved who it is', async () => {
    const { server, client, port, accepted, dialled } = await meeting({});
    await until(() => accepted.opened && dialled.opened);
    let left = 0;
    for (let at = 0; at < 1000; at++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {}).on('close', () => left++);
      await new Promise((resolve) => socket.once('connect', resolve));
    }
    const again = recorder();
    (await client.listen(kind, { 2: port })).dial(2, again.handlers);
    await until(() => again.seen.opened);
    await until(() => left >= 1000 - 32);
    expect([accepted.closed, dialled.closed]).toEqual([null, null]);
    expect(server.warnings.length).toBeLessThan(3);
  });

  it('has everybody prove anew who they are when certificates change, and trusts the old authority no more', async () => {
    const { server, client, port, accepted, dialled } = await meeting({});
    await until(() => accepted.opened && dialled.opened);
    server.put(await certificateOf({ from: stranger }), stranger.cert);
    server.credentials.reload();
    await until(() => accepted.closed !== null && dialled.closed !== null);
    const again = recorder();
    transports[kind].dial({ host: '127.0.0.1', port }, again.handlers, client.tls);
    await until(() => again.seen.closed !== null);
    expect(again.seen.opened).toBe(false);
    client.put(await certificateOf({ node: 1, from: stranger }), stranger.cert);
    client.credentials.reload();
    const renewed = recorder();
    transports[kind].dial({ host: '127.0.0.1', port }, renewed.handlers, client.tls);
    await until(() => renewed.seen.opened);
  });

  it('parts from whoever has proved who it is by other certificates, though nothing is asked, and whoever these were', async () => {
    const { server, client, port, accepted, dialled } = await meeting({});
    await until(() => accepted.opened && dialled.opened);
    client.credentials.reload();
    await until(() => dialled.closed !== null);
    const idle = connectTls({
      host: '127.0.0.1',
      port,
      ...(await certificateOf({ node: 1 })),
      ca: authority.cert,
      checkServerIdentity: () => undefined,
    });
    await once(idle.on('error', () => {}).resume(), 'session');
    server.credentials.reload();
    await until(() => idle.closed);
  });

  it('dials nobody that speaks an older TLS', async () => {
    const older = createTlsServer({ ...(await certificateOf({})), maxVersion: 'TLSv1.2' });
    await once(older.listen(0, '127.0.0.1'), 'listening');
    const { port } = older.address() as AddressInfo;
    const client = new Side('client', await certificateOf({ node: 1 }), authority.cert);
    const { seen, handlers } = recorder();
    (await client.listen(kind, { 2: port })).dial(2, handlers);
    await until(() => seen.closed !== null);
    expect(seen).toMatchObject({ opened: false, closed: 'the other side does not speak TLS 1.3' });
    older.close();
  });

  it('tells in one line what it met where only one of two nodes has TLS', async () => {
    const pair = await certificateOf({ node: 1 });
    const open = (peers: Readonly<Record<number, number>> = {}) =>
      transports[kind].open({
        listen: { host: '127.0.0.1', port: 0 },
        peers: Object.fromEntries(
          Object.entries(peers).map(([id, port]) => [id, { host: '127.0.0.1', port }]),
        ),
        log: silentLog,
        tls: null,
      });
    const closedBy = async (dialling: Transport): Promise<string> => {
      const { seen, handlers } = recorder();
      opened.push(dialling);
      dialling.dial(2, handlers);
      await until(() => seen.closed !== null);
      return seen.closed!;
    };
    const secured = await new Side('server', await certificateOf({}), authority.cert).listen(kind);
    secured.listen(() => recorder().handlers);
    const plain = await open();
    opened.push(plain);
    const heard = recorder();
    plain.listen(() => heard.handlers);
    const dialling = await new Side('client', pair, authority.cert).listen(kind, { 2: plain.port });
    expect(await closedBy(dialling)).toMatch(
      /^(?:it closed the connection during the handshake: )?it does not speak TLS/,
    );
    if (kind === 'tcp') {
      await until(() => heard.seen.closed !== null);
      expect(heard.seen.closed).toMatch(/^it speaks TLS, and this node does not/);
      return;
    }
    expect(await closedBy(await open({ 2: secured.port }))).toMatch(/all with --peer-cert or none$/);
  });

  it('closes at once in the middle of a handshake', async () => {
    const [one, two] = await Promise.all([certificateOf({ node: 1 }), certificateOf({ node: 2 })]);
    const listening = await new Side('server', two, authority.cert, Date.now, 60_000).listen(kind);
    listening.listen(() => recorder().handlers);
    const stranger = connect(listening.port, '127.0.0.1');
    await once(stranger.on('error', () => {}).resume(), 'connect');
    // One that comes later is accepted later.
    const { seen, handlers } = recorder();
    (await new Side('client', one, authority.cert).listen(kind, { 2: listening.port })).dial(2, handlers);
    await until(() => seen.opened);
    const closed = new Promise<void>((resolve) => listening.close(resolve));
    await until(() => stranger.closed);
    await closed;
  });

  it('lets a node that joins ask any node of the cluster, and none of another', async () => {
    const { client, port, accepted } = await meeting({});
    await until(() => accepted.opened);
    const asked = recorder();
    transports[kind].dial({ host: '127.0.0.1', port }, asked.handlers, client.tls);
    await until(() => asked.seen.opened);
    const other = await meeting({}, { cluster: 'other' });
    const refused = recorder();
    transports[kind].dial({ host: '127.0.0.1', port: other.port }, refused.handlers, other.client.tls);
    await until(() => refused.seen.closed !== null);
    expect(refused.seen).toMatchObject({
      opened: false,
      closed: expect.stringContaining('issued to a node of cluster other'),
    });
  });
});

it('a request over HTTP in a connection of another node is answered as if there were none', async () => {
  const [two, three] = await Promise.all([certificateOf({ node: 2 }), certificateOf({ node: 3 })]);
  const listening = await new Side('server', two, authority.cert).listen('http');
  listening.listen(() => recorder().handlers);
  const postAs = async (pair: KeyPair, path: string): Promise<number | undefined> => {
    const sent = request({
      host: '127.0.0.1',
      port: listening.port,
      path,
      method: 'POST',
      ...pair,
      ca: authority.cert,
      checkServerIdentity: () => undefined,
      headers: { 'raft-connection': 'mine', 'raft-sequence': '0' },
      agent: false,
    });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };
  const one = await certificateOf({ node: 1 });
  expect(await postAs(one, '/connect')).toBe(201);
  expect(await postAs(three, '/close')).toBe(410);
  expect(await postAs(one, '/close')).toBe(204);
});
