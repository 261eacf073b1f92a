import { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';

/** An import would read each property of the module, and WebSocket among them loads all of undici: some 60 ms of processor time. */
const { request } = process.getBuiltinModule('node:http');

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

/** Sends one request on a connection of its own; a reused one could break during a write. Returns a function that cancels it, and says whether there was a connection by then. */
export const sendRequest = (
  endpoint: string,
  operation: Operation,
  headers: Headers,
  handlers: ReplyHandlers,
): (() => boolean) => {
  const { method, path, body } = operation;
  let isConnected = false;
  let isSettled = false;
  const settle = (report: () => void): void => {
    if (isSettled) return;
    isSettled = true;
    report();
  };
  const fail = (error: NodeJS.ErrnoException): void => {
    const reason = error.code ?? error.message;
    settle(() => (isConnected ? handlers.broken(reason) : handlers.refused(reason)));
  };

  // The path is given by itself: as part of a URL, the keys `.` and `..` would be taken for folders.
  const { hostname, port } = new URL(endpoint);
  const outgoing = request({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 80 : port,
    path,
    method,
    agent: false,
    headers: { 'content-length': body?.length ?? 0, ...headers },
  });
  outgoing.on('socket', (socket) => {
    socket.once('connect', () => {
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
  outgoing.end(body ?? undefined);

  return () => {
    isSettled = true;
    outgoing.destroy();
    return isConnected;
  };
};
