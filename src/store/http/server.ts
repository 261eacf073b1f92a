import type { Buffer } from 'node:buffer';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../adapters/system/clock.ts';
import { createServer } from '../../adapters/system/node-http.ts';
import type { Credentials } from '../../adapters/tls/credentials.ts';
import { clientEndpointIn } from '../../node/client-endpoint.ts';
import type { RaftNode } from '../../node/node.ts';
import { addressText } from '../../ports/address.ts';
import type { Log } from '../../ports/log.ts';
import { assert } from '../../raft/assert.ts';
import type { NodeId } from '../../raft/types.ts';
import type { KvResult, KvStateMachine } from '../kv/kv-state-machine.ts';
import type { Watches } from '../kv/watches.ts';
import type { SessionResult } from '../sessions/session-state-machine.ts';
import { Access } from './access/access.ts';
import type { HostNames } from './access/same-site.ts';
import type { TokenFile } from './access/token-file.ts';
import { type Answer, startingAnswer } from './answer.ts';
import { type BackupSource, Backups } from './backup.ts';
import { ByteBudget } from './byte-budget.ts';
import type { ClientApi } from './client-api.ts';
import { ClientConnections } from './client-connections.ts';
import { Exchange } from './exchange.ts';
import { asksForFrames, FramedClients } from './framed/framed-clients.ts';
import { HttpCarrier } from './http-carrier.ts';
import { defaultHttpLimits, type HttpLimits } from './limits.ts';
import { listenReasonOf } from './listen-reason.ts';
import { type HttpLoad, type HttpMetrics, metricsAnswer } from './metrics-answer.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { operationOf } from './operation.ts';
import { rawAnswer } from './raw-answer.ts';
import type { HttpTracing } from './request-span.ts';
import { routeOf } from './route.ts';
import { maxHandshakesOf, SecuredConnections } from './secured-connections.ts';
import { sendAnswer } from './send-answer.ts';
import { UploadRoom } from './upload-room.ts';
import { WatchStreams } from './v2/watch-streams.ts';

export interface HttpOptions {
  /** Whose API it is: named in every answer. */
  readonly id: NodeId;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: Log;
  /** What the node is doing before it is served, such as `reading the log, 40 %`: for `/readyz`. */
  readonly startingWords: () => string;
  readonly limits?: Partial<HttpLimits>;
  /** For HTTPS; if they name an authority, clients need a certificate from it. Null, the default: HTTP. Closing the API closes neither these nor `tokens`. */
  readonly tls?: Credentials | null;
  /** The tokens of clients. Null, the default: anyone may do anything. */
  readonly tokens?: TokenFile | null;
  /** Host names by which clients may reach the API, besides localhost and addresses. Default: none. */
  readonly hostNames?: HostNames;
  /** What `/metrics` answers, also before a node is served. Null, the default: nothing is measured. */
  readonly metrics?: HttpMetrics | null;
  /** Null, the default: requests are not traced. */
  readonly tracing?: HttpTracing | null;
  /** Gives the description of version 2 of the API in OpenAPI, as JSON; null: there is none. Default: there is none. */
  readonly openApi?: () => Uint8Array | null;
  /** What commands are stamped with if they have a key or are of version 2, in milliseconds since 1970. Default: `Date.now`. docs/sessions.md */
  readonly wallClock?: () => number;
}

/** A node, and how its state machine is read. */
export interface Served {
  readonly node: RaftNode<SessionResult<KvResult>>;
  /** The value of a key in the state machine of `node`, as it stands; null if it has none. Nobody changes its bytes afterwards. */
  readonly readValue: (key: string) => Uint8Array | null;
  /** That state machine: version 2 of the API reads it. */
  readonly kv: KvStateMachine;
  /** Of its store; told of each change. */
  readonly watches: Watches;
  /** Whether `node` gives lease reads (`settings.leaseReads`). Default: no. */
  readonly leaseReads?: boolean;
  /** What backups of `node` are made of. Default: it gives none. */
  readonly backups?: BackupSource;
  /** `http://host:port` of a node's client API, or null if it is not known (yet). Default: from the node's status. */
  readonly clientEndpointOf?: (id: NodeId) => string | null;
}

export interface HttpApi {
  /** The port it listens on. */
  readonly port: number;
  /** Serves this node from now on. Once. */
  serve(served: Served): void;
  /**
   * Stops listening, lets open requests be answered for at most `graceMs` (default 1000), then cuts what is left.
   * Stop the node first or at the same time: that answers what still waits for an outcome. Once is enough: later calls wait for the first.
   */
  close(graceMs?: number): Promise<void>;
}

/** The client API cannot listen. The message is one line for a person. */
export class HttpListenFailed extends Error {
  override readonly name = 'HttpListenFailed';
  /** The system's code, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Listens for clients, and answers as docs/http-api.md describes it: until `serve` names the node, that it lives and is not ready.
 * Rejects with `HttpListenFailed`.
 */
export const openHttp = (options: HttpOptions): Promise<HttpApi> => {
  const { id, host, port, log, startingWords, metrics = null, tls = null } = options;
  const limits = { ...defaultHttpLimits, ...options.limits };
  const open = new OpenExchanges(limits.outcomeTimeoutMs);
  const uploads = new UploadRoom(limits);
  const handshakes = tls === null ? 0 : maxHandshakesOf(limits);
  const connections = new ClientConnections(
    { ...limits, maxConnections: limits.maxConnections - handshakes },
    systemClock,
  );
  const access = new Access(options.tokens ?? null, options.hostNames ?? new Set(), systemClock, log);
  let api: ClientApi | null = null;
  let isClosing = false;
  let closed: Promise<void> | null = null;

  const answerStarting = (request: IncomingMessage, response: ServerResponse): void => {
    const route = routeOf(request.url!, limits.maxKeyBytes);
    const { type } = route;
    const send = (answer: Answer): void => sendAnswer(response, answer, id, isClosing);
    const refused = access.refusalOf(request, operationOf(route, request.method));
    if (refused !== null) send(refused);
    else if (type === 'metrics') void metricsAnswer(metrics, request.method, load).then(send);
    else send(startingAnswer(type, request.method, startingWords()));
  };
  const answer = (request: IncomingMessage, response: ServerResponse, isAnnounced: boolean): void => {
    const connection = connections.of(request.socket);
    if (connection === undefined) return;
    if (api === null) {
      answerStarting(request, response);
      return;
    }
    connections.admit(
      new Exchange(api, connection, new HttpCarrier(api, request, response, isAnnounced)),
      connection,
    );
  };
  const framed = new FramedClients();
  const { server, serveOn } = createHttpServer(limits, {
    request: (request, response) => answer(request, response, false),
    announced: (request, response) => answer(request, response, true),
    upgraded: (request, socket, head) => framed.open(api, request, socket, head),
    failed: (error, socket) => onClientError(connections.of(socket)?.isOwed ?? false, error, socket),
  });
  const accept = (socket: Socket): void => {
    const paced = connections.open(socket);
    if (paced !== null) serveOn(paced);
  };
  const secured =
    tls === null
      ? null
      : new SecuredConnections({
          credentials: tls,
          maxHandshakes: handshakes,
          handshakeMs: limits.handshakeTimeoutMs,
          clock: systemClock,
          log,
          accept,
        });
  server.on('connection', (raw) => {
    if (secured === null) accept(raw);
    else secured.open(raw);
  });
  const load = (): HttpLoad => connections.load;
  const serve = (served: Served): void => {
    const { node } = served;
    assert(api === null, 'one node is served', api?.node.id ?? null, null);
    assert(node.id === id, `node ${id} is served`, node.id, id);
    const wallClock = options.wallClock ?? Date.now;
    const serving: ClientApi = {
      node,
      readValue: served.readValue,
      kv: served.kv,
      watchStreams: new WatchStreams(served.kv.store, served.watches, limits),
      openApi: options.openApi ?? (() => null),
      leaseReads: served.leaseReads ?? false,
      backups: served.backups === undefined ? null : new Backups(node, served.backups, log, wallClock),
      metrics,
      tracing: options.tracing ?? null,
      load,
      limits,
      budget: new ByteBudget(limits.maxBufferedBytes),
      uploads,
      connections,
      access,
      open,
      wallClock,
      clientEndpointOf: served.clientEndpointOf ?? ((peer) => clientEndpointIn(node.status(), peer)),
      get isClosing() {
        return isClosing;
      },
      isNodeStopped: false,
    };
    void node.stopped.then(() => {
      serving.isNodeStopped = true;
      serving.watchStreams.close();
    });
    api = serving;
  };
  const stopTimers = (): void => {
    open.close();
    uploads.close();
  };
  const close = (graceMs = 1000): Promise<void> => {
    isClosing = true;
    secured?.close();
    api?.watchStreams.close();
    framed.close();
    closed ??= closeServer(server, graceMs, () => framed.destroy()).then(stopTimers);
    return closed;
  };

  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      stopTimers();
      reject(listenFailed(error, host, port));
    });
    // Many may connect at once: what does not fit into the line is tried again by its system after a second.
    server.listen({ port, host, backlog: 4096 }, () => {
      server.removeAllListeners('error');
      server.on('error', (error) => log.error({ error: error.message }, 'client API failed'));
      const address = server.address() as AddressInfo;
      log.info({ address: address.address, port: address.port }, 'client API listens');
      resolve({ port: address.port, serve, close });
    });
  });
};

type OnRequest = (request: IncomingMessage, response: ServerResponse) => void;

interface Handlers {
  readonly request: OnRequest;
  /** The client waits for leave to send the body (`Expect: 100-continue`). */
  readonly announced: OnRequest;
  readonly upgraded: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly failed: (error: NodeJS.ErrnoException, socket: Duplex) => void;
}

const createHttpServer = (
  limits: HttpLimits,
  { request, announced, upgraded, failed }: Handlers,
): { readonly server: Server; readonly serveOn: (socket: Duplex) => void } => {
  const server = createServer({
    requestTimeout: limits.receiveTimeoutMs,
    headersTimeout: Math.min(10_000, limits.receiveTimeoutMs),
    connectionsCheckingInterval: Math.min(1000, limits.receiveTimeoutMs),
    keepAliveTimeout: limits.idleTimeoutMs,
    // Refused by `Access`, in words: node:http would say nothing but 400.
    requireHostHeader: false,
    // Without it (Node.js before 24.9), a client that offers another protocol is refused instead of served by HTTP.
    shouldUpgradeCallback: asksForFrames,
  });
  server.timeout = limits.idleTimeoutMs;
  // node:http serves any stream (its event `connection` may be emitted with one), but listens for net.Sockets itself.
  const [serve] = server.listeners('connection') as ((socket: Duplex) => void)[];
  server.removeAllListeners('connection');
  server.on('request', request);
  server.on('checkContinue', announced);
  server.on('upgrade', upgraded);
  server.on('clientError', failed);
  return { server, serveOn: (socket) => serve!.call(server, socket) };
};

/** Bytes that are no request, or that came too slowly. */
const onClientError = (isOwed: boolean, error: NodeJS.ErrnoException, socket: Duplex): void => {
  // An answer written now would be taken for the answer to an earlier request, which may still be executed.
  if (!socket.writable || error.code === 'ECONNRESET' || isOwed) {
    socket.destroy();
    return;
  }
  const [status, name] = clientErrors[error.code ?? ''] ?? ['400 Bad Request', 'bad_request'];
  socket.end(rawAnswer(status, name), () => socket.destroy());
};

const clientErrors: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'body_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_timeout'],
};

/** `cutOthers`: connections that are none of HTTP any more. */
const closeServer = (server: Server, graceMs: number, cutOthers: () => void): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      cutOthers();
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });

const listenFailed = (error: NodeJS.ErrnoException, host: string, port: number): HttpListenFailed => {
  const address = addressText({ host, port });
  const message = `cannot serve clients on ${address}: ${listenReasonOf(error)}`;
  return new HttpListenFailed(error.code ?? 'unknown', message);
};
