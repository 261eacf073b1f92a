import { Buffer } from 'node:buffer';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpRequest } from '../../adapters/system/node-http.ts';
import { connectionWords } from '../../store/client/connection-words.ts';
import type { Reach } from './reach.ts';

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

/** Exactly one of these but `connected` is called, never from within `sendRequest`, and none after a cancel. */
export interface ReplyHandlers {
  /** From now on the request may arrive. */
  connected?(): void;
  answered(reply: Reply): void;
  /** If this is there, it takes the body of an answer of 200, which goes on for as long as it may: `answered` is called with an empty one. */
  takes?(incoming: IncomingMessage): void;
  /**
   * There was no connection to a node: nothing was done. `reason` is one word, such as `ECONNREFUSED`; if `isLasting`, it is a sentence that names the endpoint and
   * the remedy, without which another try fails as well.
   */
  refused(reason: string, isLasting: boolean): void;
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
  const request = isTls ? process.getBuiltinModule('node:https').request : httpRequest;
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

/** Why a request to `endpoint` failed: a short reason, such as `ECONNREFUSED`, or if it is a lasting one, a sentence. */
export const failureOf = (
  endpoint: string,
  error: NodeJS.ErrnoException,
): { readonly reason: string; readonly isLasting: boolean } => {
  const words = connectionWords(endpoint, error, 'see --cacert');
  return { reason: words ?? error.code ?? error.message, isLasting: words !== null };
};

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
  let isTaken = false;
  const settle = (report: () => void): void => {
    if (isSettled) return;
    isSettled = true;
    report();
  };
  const fail = (error: NodeJS.ErrnoException): void => {
    const { reason, isLasting } = failureOf(endpoint, error);
    settle(() => (isConnected ? handlers.broken(reason) : handlers.refused(reason, isLasting)));
  };

  const outgoing = beginRequest(reach, endpoint, operation, headers);
  outgoing.on('socket', (socket) => {
    // Over TLS nothing is sent before the other side has proved who it is.
    socket.once(endpoint.startsWith('https:') ? 'secureConnect' : 'connect', () => {
      isConnected = true;
      if (!isSettled) handlers.connected?.();
    });
  });
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    if (incoming.statusCode === 200 && handlers.takes !== undefined && !isSettled) {
      isTaken = true;
      handlers.takes(incoming);
      settle(() => handlers.answered({ status: 200, headers: incoming.headers, body: Buffer.alloc(0) }));
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', fail);
    incoming.on('end', () => {
      const reply = { status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) };
      // Whatever is still to be sent of a request that is refused early.
      outgoing.destroy();
      settle(() =>
        isHttpsNeeded(reply)
          ? handlers.refused(`${endpoint} speaks HTTPS: use https://`, true)
          : handlers.answered(reply),
      );
    });
  });
  outgoing.end(operation.body ?? undefined);

  return () => {
    isSettled = true;
    if (!isTaken) outgoing.destroy();
    return isConnected;
  };
};

/** A port for HTTPS says so, and has read nothing. */
const isHttpsNeeded = ({ status, body }: Reply): boolean =>
  status === 400 && body.subarray(0, 200).toString().startsWith('{"error":"https_needed"');
