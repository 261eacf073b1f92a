import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Address } from '../../../ports/address.ts';
import type { Log } from '../../../ports/log.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { isMalformed } from '../../codec/malformed.ts';
import { encodeMessage } from '../../codec/message.ts';
import { createServer } from '../../system/node-http.ts';
import { maxIncoming as defaultMaxIncoming, type FrameLimits, frameLimitsOf } from '../frame-limits.ts';
import { closeServers, dialling, remoteOf } from '../sockets.ts';
import { Lookups, lookupsOfOneDial, type Resolve } from '../tcp/addresses.ts';
import { socketTo } from '../tcp/dial.ts';
import { listenOn } from '../tcp/listen.ts';
import { handshakesWithin, type PeerTls } from '../tcp/peer-tls.ts';
import { type Give, replyTo } from './answer.ts';
import { BodyTooLong, readBody } from './body.ts';
import { RequestsByHand } from './by-hand.ts';
import { helloIn } from './control-json.ts';
import { IncomingConnection } from './incoming-connection.ts';
import { OutgoingConnection } from './outgoing-connection.ts';
import { frameOf } from './request-frames.ts';
import { connectionHeader, controlPaths, sequenceHeader, typeAt } from './routes.ts';

export interface HttpOptions extends Partial<FrameLimits> {
  readonly listen: Address;
  /** Where peers are that are dialled without an address. */
  readonly peers: Readonly<Record<NodeId, Address>>;
  readonly log: Log;
  /** The most incoming connections at once. Default: 128. */
  readonly maxIncoming?: number;
  /** How peers prove who they are; null, the default: they need not. */
  readonly tls?: PeerTls | null;
  /** Finds the addresses of a peer's name. Default: as the machine does. */
  readonly resolve?: Resolve;
}

export interface HttpTransport extends Transport {
  /** The port it listens on: the one asked for, unless that was 0. */
  readonly port: number;
}

/** Sockets of incoming requests for each connection. */
const socketsEach = 4;
/** How long a request may take to arrive. */
const arrivalMs = 10_000;
/** After `close`, how long answers under way may take. */
const closeGraceMs = 500;
/** A message by hand, which comes from somebody who was not welcomed before. */
const maxByHandBytes = 64 * 1024;

/**
 * Listens on `options.listen`, a name on all of its addresses, for messages as JSON over HTTP. Rejects with `ListenFailed`. Paths and fields as in docs/wire.md.
 *
 * A message that answers a request goes back as the answer to that, if it still waits. So it may overtake what was posted before it: the frames of a connection
 * are in order, but for those answers, and Raft asks for no order.
 */
export const openHttpTransport = async (options: HttpOptions): Promise<HttpTransport> => {
  const { listen, peers, log, tls = null, maxIncoming = defaultMaxIncoming } = options;
  const limits = frameLimitsOf(options);
  const lookups = new Lookups(options);
  const incoming = new Map<string, IncomingConnection>();
  const outgoing = new Set<OutgoingConnection>();
  const byHand = new RequestsByHand();
  /** Which node each TLS socket has proved to come from. */
  const provenIds = new WeakMap<Socket, NodeId>();
  let accept: ((connection: Connection) => ConnectionHandlers) | null = null;

  const accepted = (id: string, socket: Socket, isByHand: boolean): IncomingConnection | null => {
    if (accept === null || incoming.size >= maxIncoming || incoming.has(id)) return null;
    const connection = new IncomingConnection({
      id,
      remote: remoteOf(socket),
      limits,
      ...provenBy(socket),
      isByHand,
      closed: () => incoming.delete(id),
    });
    incoming.set(id, connection);
    connection.attach(accept(connection));
    return connection;
  };

  const provenBy = (socket: Socket): { readonly provenId?: NodeId } => {
    const provenId = provenIds.get(socket);
    return provenId === undefined ? {} : { provenId };
  };

  const onRequest = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { method, url: path = '/', headers } = request;
    const give = replyTo(answer);
    // A page under a name that points here could send what no form can; but a browser adds the page's origin, and no node and no curl does.
    if (headers.origin !== undefined)
      return void give(403, { error: 'web pages may not send requests here' });
    const isControl = Object.values(controlPaths).some((each) => each === path);
    const isPoll = path === controlPaths.frame && method === 'GET';
    if (!isControl && !typeAt.has(path))
      return void give(404, { error: 'there is nothing at this path: see docs/wire.md' });
    if (method !== 'POST' && !isPoll)
      return void give(405, { error: `${path} takes POST` }, { allow: 'POST' });
    const id = headers[connectionHeader];
    if (path === controlPaths.connect) {
      const isName = typeof id === 'string' && /^[\w-]{1,64}$/.test(id);
      if (!isName)
        return void give(400, { error: `the header ${connectionHeader} is missing, or is no name` });
      const connection = accepted(id, request.socket, false);
      return void give(
        connection === null ? 503 : 201,
        connection === null ? { error: 'too many connections' } : {},
      );
    }
    if (id === undefined) return onRequestByHand(request, answer, path);
    const connection = typeof id === 'string' ? incoming.get(id) : undefined;
    const isOwn = connection?.provenId === provenIds.get(request.socket);
    if (connection === undefined || connection.isByHand || !isOwn)
      return void give(410, { error: 'this connection is not known here' });
    if (isPoll) return connection.poll(answer);
    const sequence = sequenceIn(headers[sequenceHeader]);
    if (sequence === null) return refuse(connection, give, 400, `the header ${sequenceHeader} is no number`);
    if (sequence > 0) await connection.begun;
    const body = await readBody(request, sequence > 0 ? limits.maxFrameBytes * 2 : limits.maxFirstFrameBytes);
    if (path === controlPaths.close) {
      const fault = connection.inOrder(sequence, () => {
        give(204, null);
        connection.end('the other side closed it');
      });
      return fault === null ? undefined : refuse(connection, give, 410, fault);
    }
    const read = frameOf(path, headers, body);
    if (isMalformed(read)) return refuse(connection, give, 400, read.malformed);
    const fault = connection.inOrder(sequence, () => {
      if (read.hello !== null) connection.hello = read.hello;
      connection.deliver(read.frame, read.asks, give);
    });
    if (fault !== null) refuse(connection, give, 410, fault);
  };

  /** A fault closes its connection and affects nothing else. */
  const refuse = (connection: IncomingConnection, give: Give, status: number, error: string): void => {
    give(status, { error });
    connection.end(error);
  };

  const onRequestByHand = async (
    request: IncomingMessage,
    answer: ServerResponse,
    path: string,
  ): Promise<void> => {
    const { headers } = request;
    const body = await readBody(request, maxByHandBytes);
    const give = replyTo(answer);
    const isGreeting = path === controlPaths.hello || path === controlPaths.join;
    if (!isGreeting && !typeAt.has(path))
      return void give(400, { error: `the header ${connectionHeader} is missing` });
    const read = frameOf(path, headers, body);
    if (isMalformed(read)) return void give(400, { error: read.malformed });
    const greeting = isGreeting ? read : helloIn(headers);
    if (isMalformed(greeting)) return void give(400, { error: greeting.malformed });
    const { hello, frame } = greeting;
    const connection = accepted(randomUUID(), request.socket, true);
    if (connection === null) return void give(503, { error: 'too many connections' });
    connection.hello = hello;
    answer.once('close', () => {
      byHand.forget(connection);
      connection.end('the request is answered');
    });
    const welcomed: Give = (status, json, more) => {
      if (isGreeting || hello === null || status !== 200) return give(status, json, more);
      const isAnswerable = read.asks === null || [...outgoing].some((each) => each.isWelcomedBy(hello.from));
      byHand.whenAnswerable(connection, hello, isAnswerable, () =>
        connection.deliver(read.frame, read.asks, give),
      );
      return true;
    };
    // The first frame comes after `opened`.
    setImmediate(() => connection.deliver(frame, isGreeting ? read.asks : 'Hello', welcomed));
  };

  const newServer = (): Server => {
    const server = createServer(
      { requestTimeout: arrivalMs, headersTimeout: arrivalMs, keepAliveTimeout: 60_000, noDelay: true },
      (request, answer) => {
        onRequest(request, answer).catch((error: Error) => {
          const status = error instanceof BodyTooLong ? 413 : 400;
          const id = request.headers[connectionHeader];
          if (typeof id === 'string') incoming.get(id)?.end(error.message);
          // What is left of it is not read.
          answer.once('finish', () => request.destroy());
          replyTo(answer)(status, { error: error.message }, { connection: 'close' });
        });
      },
    );
    server.maxConnections = maxIncoming * socketsEach;
    server.on('clientError', (_, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      else socket.destroy();
    });
    if (tls !== null) secure(server, tls);
    return server;
  };

  /** Puts TLS below `server`. */
  const secure = (server: Server, peerTls: PeerTls): void => {
    // node:http serves whatever sockets its event `connection` brings.
    const [serve] = server.listeners('connection') as ((socket: Socket) => void)[];
    server.removeAllListeners('connection');
    const secured = peerTls.server((socket, provenId) => {
      provenIds.set(socket, provenId);
      serve!.call(server, socket);
    }, handshakesWithin(maxIncoming));
    server.on('connection', (raw) => secured.emit('connection', raw));
    // It does not listen itself, so it never closes by itself.
    server.once('close', () => secured.emit('close'));
  };

  const { servers, port } = await listenOn(listen, newServer);
  for (const server of servers) {
    server.on('error', (error) => log.error({ error: error.message }, 'the peer port failed'));
  }

  const dialAddress = (peer: NodeId, address: Address, handlers: ConnectionHandlers): Connection => {
    const connection: OutgoingConnection = new OutgoingConnection(
      {
        address,
        limits,
        connect: () => socketTo(address, peer, lookups, tls),
        answered: (message, by) => {
          const bringing = incoming.get(by);
          if (bringing?.peer === message.from && message.from === peer)
            bringing.deliver(encodeMessage(message), null, () => true);
        },
        answerWith: (message, by) =>
          [...incoming.values()].some((each) => each.peer === peer && each.answerWith(message, by)),
        closed: () => outgoing.delete(connection),
      },
      handlers,
    );
    outgoing.add(connection);
    return connection;
  };

  const dial = dialling(peers, dialAddress);

  // Everybody has to prove anew who they are: some may not be trusted any more.
  const forget = tls?.onChange(() => {
    for (const connection of outgoing) connection.close();
    for (const connection of [...incoming.values()]) connection.end('the certificates have changed');
    for (const server of servers) server.closeAllConnections();
  });

  return {
    port,
    maxIncoming,
    listen: (handlersOf) => {
      accept = handlersOf;
    },
    dial: (peer, handlers, text) => byHand.dial(peer, handlers) ?? dial(peer, handlers, text),
    close: (done) => {
      accept = null;
      forget?.();
      tls?.cutHandshakes();
      for (const connection of outgoing) connection.close();
      for (const connection of [...incoming.values()]) connection.end('closed by the other side');
      const timer = setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
      }, closeGraceMs);
      closeServers(servers, () => {
        clearTimeout(timer);
        done();
      });
    },
  };
};

/** A connection that belongs to no transport: a node that joins asks before it has one. */
export const dialHttp = (
  address: Address,
  handlers: ConnectionHandlers,
  tls: PeerTls | null = null,
): Connection => {
  const lookups = lookupsOfOneDial();
  return new OutgoingConnection(
    {
      address,
      limits: frameLimitsOf({}),
      connect: () => socketTo(address, null, lookups, tls),
      answered: () => {},
      answerWith: () => false,
      closed: () => {},
    },
    handlers,
  );
};

const sequenceIn = (header: string | string[] | undefined): number | null =>
  typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null;
