import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer } from '../../adapters/system/node-http.ts';
import { UsageError } from '../usage-error.ts';
import type { ClusterPoll } from './cluster-poll.ts';
import { startEvents } from './event-stream.ts';
import { isForHere } from './loopback.ts';
import type { PageFile } from './page-files.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

/** What is served. Who serves it may change the maps meanwhile. */
export interface PageContent {
  /** By path, such as `/data/charts.json`; `/` is the page itself. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** By path, what is made when the page first asks for it. */
  readonly made?: ReadonlyMap<string, MadeFile>;
  /** The nodes of a live cluster. */
  readonly poll?: ClusterPoll | null;
  /** By path, what answers by itself, requests of any method. */
  readonly routes?: ReadonlyMap<string, Route>;
  /** By path, what takes requests for a WebSocket. */
  readonly upgrades?: ReadonlyMap<string, Upgrade>;
  /** Whether the page starts workers from what it has loaded. */
  readonly startsWorkers?: boolean;
  /** Where to listen. Left out: on the loopback address, and whoever asks for another host is refused. */
  readonly host?: string;
}

export type Route = (request: IncomingMessage, response: ServerResponse) => unknown;

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A file that takes its time. */
export interface MadeFile {
  /** Rejects if it cannot be made, with a line for people; another call tries again. */
  file(): Promise<PageFile>;
  /** How far it is, in a line; null while it is not being made, or where nobody knows. */
  progress(): string | null;
  /** Stops making it. */
  close(): Promise<void>;
}

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/** Nothing is loaded from elsewhere, and no other site may frame the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const withWorkers = `${policy}; worker-src blob:`;

/**
 * Serves the page to this machine, unless `content` names another host, and at `/live` what the nodes of `poll` are doing, as server-sent events; without a cluster, `/live` answers
 * 204. What is made is closed with the server. Port 0: any free one. Throws `UsageError` if it cannot listen.
 */
export const servePage = async (port: number, content: PageContent): Promise<PageServer> => {
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', content.startsWorkers ? withWorkers : policy);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    answer(request, response, content);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const upgrade = content.upgrades?.get(pathOf(request));
    if (upgrade === undefined || !isForHere(request)) refuseUpgrade(socket, 404, '404');
    else upgrade(request, socket, head);
  });
  const { host = loopback } = content;
  await listen(server, port, host);
  const { port: listening } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
  return {
    url,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, ...[...(content.made?.values() ?? [])].map((each) => each.close())]);
    },
  };
};

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const reason =
        code === 'EADDRINUSE' ? 'the port is in use; choose another with --port' : (code ?? message);
      reject(new UsageError(`cannot serve the page on ${host}:${port}: ${reason}`));
    });
    server.listen(port, host, resolve);
  });

const answer = (
  request: IncomingMessage,
  response: ServerResponse,
  { files, made, routes, poll = null, host }: PageContent,
): void => {
  const path = pathOf(request);
  const route = isForHere(request) ? routes?.get(path) : undefined;
  const refusal = refusalOf(request, host !== undefined);
  const file = files.get(path);
  const later = made?.get(path);
  const making = path.startsWith(progressOf) ? made?.get(path.slice(progressOf.length)) : undefined;
  if (route !== undefined) route(request, response);
  else if (refusal !== null) refuse(response, refusal);
  else if (path === '/inspected' || path === '/changes') tellNothing(response);
  else if (path === '/live') tellLive(response, poll);
  else if (later !== undefined) void sendMade(request, response, later);
  else if (making !== undefined) tellProgress(response, making);
  else if (file === undefined) refuse(response, 404);
  else sendFile(request, response, file);
};

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0]!;

const refusalOf = (request: IncomingMessage, isForAnybody: boolean): number | null => {
  const { method } = request;
  if (!isForAnybody && !isForHere(request)) return 403;
  return method === 'GET' || method === 'HEAD' ? null : 405;
};

const refuse = (response: ServerResponse, status: number, reason = `${status}`): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
};

const sendFile = (request: IncomingMessage, response: ServerResponse, file: PageFile): void => {
  const isGzipped = /\bgzip\b/.test(String(request.headers['accept-encoding']));
  const body = isGzipped ? file.gzipped : file.plain;
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': body.length,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    ...(isGzipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};

const sendMade = async (
  request: IncomingMessage,
  response: ServerResponse,
  made: MadeFile,
): Promise<void> => {
  const file = await made.file().catch((error: Error) => error);
  if (file instanceof Error) refuse(response, 500, file.message);
  else sendFile(request, response, file);
};

/** Before the path of what is being made. */
const progressOf = '/progress';

const tellProgress = (response: ServerResponse, made: MadeFile): void => {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(made.progress()));
};

/** A reader that falls this far behind misses reports; the next one contains everything again. */
const maxWaitingBytes = 256 * 1024;

const tellLive = (response: ServerResponse, poll: ClusterPoll | null): void => {
  if (poll === null) {
    tellNothing(response);
    return;
  }
  startEvents(response);
  const stop = poll.follow((nodes) => {
    if (response.writableLength < maxWaitingBytes) response.write(`data: ${JSON.stringify(nodes)}\n\n`);
  });
  response.once('close', stop);
};

/** This tells an EventSource not to ask again. */
const tellNothing = (response: ServerResponse): void => {
  response.writeHead(204).end();
};
