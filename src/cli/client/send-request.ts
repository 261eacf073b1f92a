import { Buffer } from 'node:buffer';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { connectionWords } from './connection-words.ts';
import type { Reach } from './reach.ts';

/** An import would read each property of the module, and WebSocket among them loads all of undici: some 60 ms of processor time. */
const http = process.getBuiltinModule('node:http');

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array | null;
}

export type Headers = Readonly<Record<string, string>>;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Exactly one of these is called, never from within `sendRequest`, and none after a cancel. */
export interface ReplyHandlers {
  answered(reply: Reply): void;
  /** There was no connection: nothing was sent. `reason` is one word, such as `ECONNREFUSED`. */
  refused(reason: string): void;
  /** The connection ended before the reply did. */
  broken(reason: string): void;
}

/** Begins a request on a connection of its own. It carries the token, so check `distrustOf` first. */
export const beginRequest = (
  reach: Reach,
  endpoint: string,
  { method, path, body }: Operation,
  headers: Headers,
): ClientRequest => {
  // The path is given by itself: as part of a URL, the keys `.` and `..` would be taken for folders.
  const { protocol, hostname, port } = new URL(endpoint);
  const isTls = protocol === 'https:';
  const { request } = isTls ? process.getBuiltinModule('node:https') : http;
  return request({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isTls ? 443 : 80) : port,
    path,
    method,
    agent: false,
    ...(isTls && reach.tls !== null ? { secureContext: reach.tls } : {}),
    headers: {
      'content-length': body?.length ?? 0,
      // A form cannot send this: docs/security.md.
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
      ...(reach.token === null ? {} : { authorization: `Bearer ${reach.token}` }),
      ...headers,
    },
  });
};

/** A short reason why a request to `endpoint` failed, such as `ECONNREFUSED`. */
export const failureWords = (endpoint: string, error: NodeJS.ErrnoException): string =>
  connectionWords(endpoint, error) ?? error.code ?? error.message;

/** Sends one request on a connection of its own; a reused one could break during a write. Returns a function that cancels it, and says whether there was a connection by then. */
export const sendRequest = (
  reach: Reach,
  endpoint: string,
  operation: Operation,
  headers: Headers,
  handlers: ReplyHandlers,
): (() => boolean) => {
  let isConnected = false;
  let isSettled = false;
  const settle = (report: () => void): void => {
    if (isSettled) return;
    isSettled = true;
    report();
  };
  const fail = (error: NodeJS.ErrnoException): void => {
    const reason = failureWords(endpoint, error);
    settle(() => (isConnected ? handlers.broken(reason) : handlers.refused(reason)));
  };

  const outgoing = beginRequest(reach, endpoint, operation, headers);
  outgoing.on('socket', (socket) => {
    // Over TLS nothing is sent before the other side has proved who it is.
    socket.once(endpoint.startsWith('https:') ? 'secureConnect' : 'connect', () => {
      isConnected = true;
    });
  });
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', fail);
    incoming.on('end', () => {
      const reply = { status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) };
      // Whatever is still to be sent of a request that is refused early.
      outgoing.destroy();
      settle(() => handlers.answered(reply));
    });
  });
  outgoing.end(operation.body ?? undefined);

  return () => {
    isSettled = true;
    outgoing.destroy();
    return isConnected;
  };
};
