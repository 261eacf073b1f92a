import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Control,
  decodeControl,
  encodeControl,
  type Hello,
} from '../../../../src/adapters/codec/control.ts';
import { isMalformed } from '../../../../src/adapters/codec/malformed.ts';
import { decodeMessage, encodeMessage } from '../../../../src/adapters/codec/message.ts';
import { wireVersion } from '../../../../src/adapters/codec/wire-versions.ts';
import { helloHeaders } from '../../../../src/adapters/transport/http/control-json.ts';
import {
  dialHttp,
  type HttpOptions,
  type HttpTransport,
  openHttpTransport,
} from '../../../../src/adapters/transport/http/http-transport.ts';
import { ListenFailed } from '../../../../src/adapters/transport/tcp/listen.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import type { Connection, ConnectionHandlers } from '../../../../src/ports/transport.ts';
import type { Message } from '../../../../src/raft/messages.ts';
import { until } from '../until.ts';

const open: HttpTransport[] = [];
const openOn = async (rest: Partial<HttpOptions> = {}): Promise<HttpTransport> => {
  const listen = { host: '127.0.0.1', port: 0 };
  const transport = await openHttpTransport({ listen, peers: {}, log: silentLog, ...rest });
  open.push(transport);
  return transport;
};
const closed = (transport: HttpTransport): Promise<void> =>
  new Promise((resolve) => transport.close(resolve));
afterEach(async () => {
  await Promise.all(open.splice(0).map(closed));
});

const introduction = {
  incarnation: 'V1StGXR8_Z5jdHi6B-myT',
  clientEndpoint: null,
  peerEndpoint: '[::1]:7001',
  configurationIndex: 12,
  logId: '0123456789abcdef0123456789abcdef',
  start: 7,
  runs: [
    { start: 5, tag: '0123abcd' },
    { start: 7, tag: 'ffffffff' },
  ],
  firstMembers: [1, 2, 3],
} as const;
const hello = (from: number, to: number, clusterId = 'größe, a b'): Hello => ({
  type: 'Hello',
  version: wireVersion,
  clusterId,
  from,
  to,
  ...introduction,
});
const vote: Message = {
  type: 'RequestVote',
  from: 1,
  to: 2,
  term: 7,
  lastLogIndex: 0,
  lastLogTerm: 0,
  leadershipTransfer: false,
};
const granted: Message = { type: 'RequestVoteResponse', from: 2, to: 1, term: 7, voteGranted: true };

/** What a frame says, for comparison. */
const said = (frame: Uint8Array): unknown => {
  const control = decodeControl(frame);
  if (!isMalformed(control)) return control;
  const message = decodeMessage(frame);
  return isMalformed(message) ? Buffer.from(frame) : message;
};
const recorder = () => {
  const seen = { opened: false, said: [] as unknown[], closed: null as string | null };
  const handlers: ConnectionHandlers = {
    opened: () => {
      seen.opened = true;
    },
    frame: (frame) => {
      seen.said.push(said(frame));
    },
    closed: (reason) => {
      seen.closed = reason;
    },
  };
  return { seen, handlers };
};

/** Node `self` as far as connections go: it welcomes everybody, and greets whom it dials. */
const nodeOn = (transport: HttpTransport, self: number, onMessage: (message: Message) => void = () => {}) => {
  const accepted: { connection: Connection; seen: ReturnType<typeof recorder>['seen'] }[] = [];
  transport.listen((connection) => {
    const { seen, handlers } = recorder();
    accepted.push({ connection, seen });
    return {
      ...handlers,
      frame: (frame) => {
        handlers.frame(frame);
        const control = decodeControl(frame);
        if (!isMalformed(control) && control.type === 'Hello')
          connection.send(encodeControl({ type: 'Welcome', from: self, ...introduction }));
        if (!isMalformed(control) && control.type === 'Ping')
          connection.send(encodeControl({ type: 'Pong' }));
        const message = decodeMessage(frame);
        if (!isMalformed(message)) onMessage(message);
      },
    };
  });
  const greet = async (peer: number) => {
    const { seen, handlers } = recorder();
    const connection = transport.dial(peer, handlers);
    await until(() => seen.opened || seen.closed !== null);
    connection.send(encodeControl(hello(self, peer)));
    await until(() => seen.said.length > 0 || seen.closed !== null);
    return { connection, seen };
  };
  return { accepted, greet };
};

/** Nodes 1 and 2, that know where the other is. */
const pair = async (onMessageOf2: (message: Message) => void = () => {}) => {
  const ports: Record<number, { host: string; port: number }> = {};
  const first = await openOn({ peers: ports });
  const second = await openOn({ peers: ports });
  ports[1] = { host: '127.0.0.1', port: first.port };
  ports[2] = { host: '127.0.0.1', port: second.port };
  return { one: nodeOn(first, 1), two: nodeOn(second, 2, onMessageOf2), first, second };
};

describe('a connection over HTTP', () => {
  it('carries the handshake and signs of life, whatever is in a name', async () => {
    const { one, two } = await pair();
    const { connection, seen } = await one.greet(2);
    expect(two.accepted[0]!.seen.said).toEqual([hello(1, 2)]);
    expect(seen.said).toEqual([{ type: 'Welcome', from: 2, ...introduction }]);
    connection.send(encodeControl({ type: 'Ping', start: 9 }));
    await until(() => seen.said.length === 2);
    expect([two.accepted[0]!.seen.said[1], seen.said[1]]).toEqual([
      { type: 'Ping', start: 9 },
      { type: 'Pong' },
    ]);
  });

  it('tells the dialling side why it is refused, at its greeting or later', async () => {
    const { second, one } = await pair();
    const reason = 'this is node2';
    let later: Connection | null = null;
    second.listen((connection) => ({
      ...recorder().handlers,
      frame: (frame) => {
        if ((said(frame) as Control).type !== 'Hello') return;
        if (later === null) {
          later = connection;
          connection.send(encodeControl({ type: 'Refused', reason }));
          connection.close();
        } else {
          later = connection;
          connection.send(encodeControl({ type: 'Welcome', from: 2, ...introduction }));
        }
      },
    }));
    const first = await one.greet(2);
    expect(first.seen.said).toEqual([{ type: 'Refused', reason }]);
    await until(() => first.seen.closed !== null);
    const again = await one.greet(2);
    later!.send(encodeControl({ type: 'Refused', reason: 'no longer' }));
    later!.close();
    await until(() => again.seen.closed !== null);
    expect(again.seen.said.at(-1)).toEqual({ type: 'Refused', reason: 'no longer' });
    expect(again.connection.send(encodeMessage(vote))).toBe(false);
  });

  it('gives what a peer answers as the answer to the request: it comes in on the connection that the peer has dialled', async () => {
    let toOne: Connection | null = null;
    const { one, two } = await pair((message) => {
      if (message.type === 'RequestVote') expect(toOne!.send(encodeMessage(granted))).toBe(true);
    });
    const near = await one.greet(2);
    toOne = (await two.greet(1)).connection;
    near.connection.send(encodeMessage(vote));
    const { seen } = one.accepted[0]!;
    await until(() => seen.said.length === 2);
    expect(seen.said).toEqual([hello(2, 1), granted]);
    // What a peer sends without being asked is a request of its own.
    toOne.send(encodeMessage({ ...granted, term: 8 }));
    await until(() => seen.said.length === 3);
    expect(seen.said[2]).toEqual({ ...granted, term: 8 });
    expect([near.seen.closed, seen.closed]).toEqual([null, null]);
  });

  it('an answer that comes late is a request of its own, and holds up nothing', async () => {
    const { one, two } = await pair();
    const near = await one.greet(2);
    const toOne = (await two.greet(1)).connection;
    for (let term = 1; term <= 20; term++) near.connection.send(encodeMessage({ ...vote, term }));
    await until(() => two.accepted[0]!.seen.said.length === 21);
    const terms = two.accepted[0]!.seen.said.slice(1).map((each) => (each as Message).term);
    expect(terms).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    // All are answered 202 by now.
    near.connection.send(encodeControl({ type: 'Ping', start: 9 }));
    await until(() => near.seen.said.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 400));
    toOne.send(encodeMessage(granted));
    await until(() => one.accepted[0]!.seen.said.length === 2);
    expect(one.accepted[0]!.seen.said[1]).toEqual(granted);
  });

  it('brings a Joined to a node that is to join, over a connection of no transport', async () => {
    const second = await openOn();
    const joined: Control = {
      type: 'Joined',
      from: 2,
      firstMembers: [
        { id: 2, peer: '127.0.0.1:7002' },
        { id: 3, peer: null },
      ],
    };
    second.listen((connection) => ({
      ...recorder().handlers,
      frame: () => {
        connection.send(encodeControl(joined));
        connection.close();
      },
    }));
    const { seen, handlers } = recorder();
    const connection = dialHttp({ host: '127.0.0.1', port: second.port }, handlers);
    await until(() => seen.opened);
    connection.send(encodeControl({ type: 'Join', version: wireVersion, clusterId: 'raftchart', from: 4 }));
    await until(() => seen.said.length > 0);
    expect(seen.said).toEqual([joined]);
    connection.close();
    await until(() => seen.closed !== null);
  });

  it('takes a version that a node calls malformed for a refusal, where both speak an earlier one', async () => {
    const tell = { error: '' };
    const server = createHttpServer((request, answer) => {
      if (request.url === '/connect') answer.writeHead(201).end('{}');
      else if (request.url === '/hello') answer.writeHead(400).end(JSON.stringify(tell));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const first = await openOn({ peers: { 2: { host: '127.0.0.1', port } } });
    for (const [version, isRefusal] of [
      [wireVersion - 1, true],
      [wireVersion + 1, false],
    ] as const) {
      const { seen, handlers } = recorder();
      const connection = first.dial(2, handlers);
      await until(() => seen.opened);
      tell.error = `this is wire version ${version}, not ${wireVersion}`;
      connection.send(encodeControl(hello(1, 2)));
      await until(() => seen.said.length > 0 || seen.closed !== null);
      expect(isRefusal ? seen.said : seen.closed).toEqual(
        isRefusal ? [{ type: 'Refused', reason: tell.error }] : tell.error,
      );
      connection.close();
    }
    server.closeAllConnections();
    server.close();
  });

  it('drops what is more than may wait', async () => {
    const second = await openOn();
    nodeOn(second, 2);
    const first = await openOn({
      peers: { 2: { host: '127.0.0.1', port: second.port } },
      maxWaitingBytes: 1000,
    });
    const { connection } = await nodeOn(first, 1).greet(2);
    expect(connection.send(new Uint8Array(900))).toBe(true);
    expect(connection.send(new Uint8Array(900))).toBe(false);
  });

  it('is closed on both sides once one process is gone', async () => {
    const { one, two, second } = await pair();
    const near = await one.greet(2);
    await closed(second);
    await until(() => near.seen.closed !== null && two.accepted[0]!.seen.closed !== null);
    expect(near.seen.closed).toMatch(/closed by the other side|hang up|ECONNRESET/);
  });

  it('names each address of a name that nobody answers at', async () => {
    const gone = await openOn();
    const { port } = gone;
    await closed(gone);
    const first = await openOn({ peers: { 2: { host: 'localhost', port } } });
    const { seen, handlers } = recorder();
    first.dial(2, handlers);
    await until(() => seen.closed !== null);
    expect(seen.closed).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
    expect(seen.closed).toContain(`::1:${port}`);
  });

  it('says that a peer with another transport does not speak HTTP', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.destroy()).on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { seen, handlers } = recorder();
    dialHttp({ host: '127.0.0.1', port }, handlers);
    await until(() => seen.closed !== null);
    expect(seen.closed).toMatch(
      /does not speak HTTP, or only over TLS; start all nodes with the same --transport/,
    );
    server.close();
  });

  it('says in one line that its port is in use', async () => {
    const { port } = await openOn();
    const failure = await openOn({ listen: { host: '127.0.0.1', port } }).catch((error) => error);
    expect(failure).toBeInstanceOf(ListenFailed);
    expect(failure.message).toBe(`cannot listen for peers on 127.0.0.1:${port}: the port is in use`);
  });
});

describe('a request that somebody writes by hand', () => {
  const headers = helloHeaders(hello(3, 1));
  const post = async (
    port: number,
    path: string,
    body: string | null,
    more: Record<string, string> = headers,
    method = 'POST',
  ) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body, headers: more });
    const text = await response.text();
    return { status: response.status, json: text === '' ? null : JSON.parse(text) };
  };
  const voteJson = JSON.stringify({ term: 7, candidate_id: 3, last_log_index: 0, last_log_term: 0 });

  it('is refused where a web page has sent it, whatever else it says', async () => {
    const transport = await openOn();
    const node = nodeOn(transport, 1);
    const origin = `http://127.0.0.1:${transport.port}`;
    expect(await post(transport.port, '/vote', voteJson, { ...headers, origin })).toEqual({
      status: 403,
      json: { error: 'web pages may not send requests here' },
    });
    expect(node.accepted).toEqual([]);
  });

  it('is answered with what the node says to a peer that nobody can dial', async () => {
    const transport = await openOn();
    let toThree: Connection | null = null;
    const link = recorder();
    const node = nodeOn(transport, 1, ({ type }) => {
      expect(type).toBe('RequestVote');
      toThree!.send(encodeMessage({ ...granted, from: 1, to: 3 }));
    });
    const answer = post(transport.port, '/vote', voteJson);
    await until(() => node.accepted[0]?.seen.said.length === 1);
    // As the node does once it has heard of a peer.
    toThree = transport.dial(3, link.handlers);
    await until(() => link.seen.opened);
    toThree.send(encodeControl(hello(1, 3)));
    expect(await answer).toEqual({ status: 200, json: { term: 7, vote_granted: true } });
    expect(link.seen.said).toEqual([{ type: 'Welcome', from: 3, ...introduction }]);
    await until(() => link.seen.closed !== null && node.accepted[0]!.seen.closed !== null);
  });

  it('is refused in the words of the node', async () => {
    const transport = await openOn();
    transport.listen((connection) => ({
      ...recorder().handlers,
      frame: () => {
        connection.send(encodeControl({ type: 'Refused', reason: 'this node belongs to the cluster "a"' }));
        connection.close();
      },
    }));
    const refused = { status: 403, json: { error: 'this node belongs to the cluster "a"' } };
    expect(await post(transport.port, '/vote', voteJson)).toEqual(refused);
    expect(await post(transport.port, '/hello', null)).toEqual(refused);
    expect(await post(transport.port, '/join', null)).toEqual(refused);
  });

  const without = (name: string) =>
    Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));
  it.each<[string, string, string | null, Record<string, string>, string, number, RegExp]>([
    ['no such path', '/votes', voteJson, headers, 'POST', 404, /nothing at this path/],
    ['another method', '/vote', voteJson, headers, 'PUT', 405, /takes POST/],
    ['no JSON', '/vote', '{', headers, 'POST', 400, /not JSON/],
    ['no UTF-8', '/vote', '\uD800', headers, 'POST', 400, /not JSON/],
    ['no vote', '/vote', '{}', headers, 'POST', 400, /candidate_id is not node 3/],
    [
      'no cluster',
      '/vote',
      voteJson,
      without('raft-cluster'),
      'POST',
      400,
      /raft-log-id|raft-cluster is missing/,
    ],
    [
      'no sender',
      '/vote',
      voteJson,
      without('raft-from'),
      'POST',
      400,
      /RequestVote: candidate_id is not node NaN/,
    ],
    ['no disk', '/vote', voteJson, without('raft-log-id'), 'POST', 400, /raft-log-id is missing/],
    [
      'another version',
      '/hello',
      null,
      { ...headers, 'raft-version': '9' },
      'POST',
      400,
      /this is wire version \d, not 9/,
    ],
    ['a disk that is none', '/hello', null, { ...headers, 'raft-log-id': 'x' }, 'POST', 400, /^Hello: /],
    ['runs that are none', '/hello', null, { ...headers, 'raft-runs': '1:2:3,' }, 'POST', 400, /^Hello: /],
    ['a frame of no connection', '/frame', 'x', headers, 'POST', 400, /raft-connection is missing/],
    [
      'an unknown connection',
      '/vote',
      voteJson,
      { ...headers, 'raft-connection': 'x' },
      'POST',
      410,
      /not known/,
    ],
    ['no name for a connection', '/connect', null, headers, 'POST', 400, /raft-connection is missing/],
    ['too much', '/vote', 'x'.repeat(100_000), headers, 'POST', 413, /more than 65536 bytes/],
  ])(
    'is refused in one line, and changes nothing, if it has %s',
    async (_, path, body, more, method, status, reason) => {
      const transport = await openOn();
      const node = nodeOn(transport, 1, () => expect.unreachable());
      const answer = await post(transport.port, path, body, more, method);
      expect(answer).toEqual({ status, json: { error: expect.stringMatching(reason) } });
      expect(answer.json.error).not.toContain('\n');
      expect(node.accepted.flatMap(({ seen }) => seen.said)).toEqual([]);
    },
  );

  it('closes the connection that it claims to belong to if it is malformed, and no other', async () => {
    const { one, two, second } = await pair();
    const other = await one.greet(2);
    const connection = { 'raft-connection': 'mine' };
    expect(await post(second.port, '/connect', null, connection)).toEqual({ status: 201, json: {} });
    expect(await post(second.port, '/vote', '{}', { ...connection, 'raft-sequence': '0' })).toMatchObject({
      status: 400,
    });
    await until(() => two.accepted[1]!.seen.closed !== null);
    expect(two.accepted[1]!.seen).toMatchObject({ said: [], closed: expect.stringMatching(/candidate_id/) });
    expect(await post(second.port, '/vote', '{}', connection)).toMatchObject({ status: 410 });
    other.connection.send(encodeControl({ type: 'Ping', start: 9 }));
    await until(() => other.seen.said.length === 2);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['twice', ['0', '0'], /frame 0 came twice/],
    ['far ahead', ['0', '1000'], /frame 1000 came when 1 was to be next/],
    ['without a number', ['x'], /raft-sequence is no number/],
  ])('closes a connection on which a frame comes %s', async (_, sequences, reason) => {
    const transport = await openOn();
    const node = nodeOn(transport, 1);
    const connection = { 'raft-connection': 'mine', 'content-type': 'application/octet-stream' };
    await post(transport.port, '/connect', null, connection);
    for (const sequence of sequences)
      await post(transport.port, '/frame', 'x', { ...connection, 'raft-sequence': sequence });
    await until(() => node.accepted[0]!.seen.closed !== null);
    expect(node.accepted[0]!.seen.closed).toMatch(reason);
  });

  it('over a connection that it opens is answered with what the node sends to that peer', async () => {
    let toOne: Connection | null = null;
    const { two, second } = await pair((message) => {
      if (message.type === 'RequestVote') toOne!.send(encodeMessage(granted));
    });
    toOne = (await two.greet(1)).connection;
    const mine = { ...helloHeaders(hello(1, 2)), 'raft-connection': 'mine' };
    await post(second.port, '/connect', null, mine);
    expect(await post(second.port, '/hello', null, { ...mine, 'raft-sequence': '0' })).toMatchObject({
      status: 200,
      json: { from: 2, log_id: introduction.logId, first_members: [1, 2, 3] },
    });
    const asked = JSON.stringify({ term: 7, candidate_id: 1, last_log_index: 0, last_log_term: 0 });
    expect(await post(second.port, '/vote', asked, { ...mine, 'raft-sequence': '1' })).toEqual({
      status: 200,
      json: { term: 7, vote_granted: true },
    });
  });

  it('that opens a connection and asks for nothing more leaves none behind', async () => {
    const transport = await openOn();
    const node = nodeOn(transport, 1);
    await post(transport.port, '/connect', null, { 'raft-connection': 'mine' });
    await until(() => node.accepted[0]!.seen.closed !== null);
    expect(node.accepted[0]!.seen.closed).toBe('the other side is gone');
  });

  it('that is longer than a greeting is not even read before there was one', async () => {
    const transport = await openOn();
    const node = nodeOn(transport, 1);
    const mine = { 'raft-connection': 'mine', 'raft-sequence': '0' };
    await post(transport.port, '/connect', null, mine);
    const socket = connect(transport.port, '127.0.0.1');
    socket.on('error', () => {});
    const bytes = 15_000_000;
    socket.write(
      `POST /frame HTTP/1.1\r\nhost: a\r\nraft-connection: mine\r\nraft-sequence: 1\r\ncontent-length: ${bytes}\r\n\r\n`,
    );
    socket.write(new Uint8Array(bytes));
    const enough = performance.now() + 800;
    while (socket.writableLength > 0 && performance.now() < enough)
      await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writableLength).toBeGreaterThan(0);
    await post(transport.port, '/frame', 'x', mine);
    await until(() => node.accepted[0]!.seen.said.length === 2);
    expect(socket.writableLength).toBe(0);
    socket.destroy();
  });

  it('that waits for one before it is answered when the connection ends', async () => {
    const transport = await openOn();
    const node = nodeOn(transport, 1);
    const frame = (sequence: number) =>
      post(transport.port, '/frame', 'x', { 'raft-connection': 'mine', 'raft-sequence': `${sequence}` });
    await post(transport.port, '/connect', null, { 'raft-connection': 'mine' });
    await frame(0);
    const ahead = frame(2);
    await until(() => node.accepted[0]!.seen.closed !== null);
    expect(await ahead).toEqual({ status: 410, json: { error: 'the other side is gone' } });
    expect(node.accepted[0]!.seen.said).toHaveLength(1);
  });

  it('a stranger has a first frame no longer than a greeting, and no more connections than there may be', async () => {
    const transport = await openOn();
    nodeOn(transport, 1);
    await post(transport.port, '/connect', null, { 'raft-connection': 'mine' });
    const long = await post(transport.port, '/frame', 'x'.repeat(4097), {
      'raft-connection': 'mine',
      'raft-sequence': '0',
    });
    expect(long).toMatchObject({ status: 413 });
    const statuses: number[] = [];
    for (let i = 0; i < 130; i++)
      statuses.push((await post(transport.port, '/connect', null, { 'raft-connection': `c${i}` })).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(128);
    expect(statuses.at(-1)).toBe(503);
  });
});
