import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer } from '../../adapters/system/node-http.ts';
import { UsageError } from '../usage-error.ts';
import { isForHere, isLoopback } from './loopback.ts';
import type { ProgramSockets } from './program-sockets.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

export interface ProgramListener {
  /** Where programs connect. */
  readonly url: string;
  close(): Promise<void>;
}

/** Which web pages may be inspected. */
export interface Origins {
  /** Why messages from this origin are not taken, in one line; null where they are. */
  readonly faultOf: (origin: string) => string | null;
}

/** `localhost` is either, by the taste of the program. */
const hosts = ['127.0.0.1', '::1'] as const;

/** Pages of this machine, and those of the origins in `allowed`. */
export const originsWith = (allowed: readonly string[]): Origins => ({
  faultOf: (origin) => {
    if (allowed.includes(origin) || isLoopback(URL.parse(origin)?.hostname ?? '')) return null;
    return `pages of ${shown(origin)} are not inspected: start raftchart view with --allow-origin ${shown(origin)}`;
  },
});

const shown = (origin: string): string => origin.slice(0, 200).replaceAll(/[^\x21-\x7e]/g, '?');

/**
 * Listens on this machine for programs that are inspected. Who comes with a browser is sent on to the page. Throws `UsageError` if it cannot listen.
 */
export const listenForPrograms = async (
  port: number,
  parts: {
    readonly sockets: ProgramSockets;
    readonly origins: Origins;
    readonly pageUrl: string;
    readonly tell: (line: string) => void;
  },
): Promise<ProgramListener> => {
  const told = new Set<string>();
  const [first, second] = hosts.map(() => serverFor({ ...parts, told })) as [Server, Server];
  await listen(first, port, hosts[0]);
  const { port: chosen } = first.address() as AddressInfo;
  const servers = [first];
  try {
    await listen(second, chosen, hosts[1]);
    servers.push(second);
  } catch (error) {
    // A machine may do without IPv6; any free port may be free there only.
    if (error instanceof UsageError && port !== 0) {
      first.close();
      throw error;
    }
  }
  return {
    url: `ws://localhost:${chosen}`,
    close: async () => {
      parts.sockets.close();
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise<void>((resolve) => server.close(() => resolve()));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
};

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const isMissing = code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
      const reason =
        code === 'EADDRINUSE'
          ? 'the port is in use; choose another with --listen <port>, and give it to the programs'
          : (code ?? message);
      const error = new UsageError(`cannot listen for programs on ${host}:${port}: ${reason}`);
      reject(isMissing && host === hosts[1] ? new Error(error.message) : error);
    });
    server.listen({ port, host, ipv6Only: true }, resolve);
  });

/** Of origins that are refused: whoever makes up more gets no lines. */
const maxTold = 100;

type Parts = Parameters<typeof listenForPrograms>[1] & {
  /** Why pages were refused; each is told of once. */
  readonly told: Set<string>;
};

const serverFor = (parts: Parts): Server => {
  const server = createServer((request, response) => sendToPage(request, response, parts.pageUrl));
  server.on('upgrade', (request, socket, head) => take(request, socket, head, parts));
  return server;
};

const sendToPage = (request: IncomingMessage, response: ServerResponse, pageUrl: string): void => {
  if (isForHere(request)) response.writeHead(302, { location: pageUrl }).end();
  else response.writeHead(403).end();
};

const take = (request: IncomingMessage, socket: Duplex, head: Buffer, parts: Parts): void => {
  const { origin } = request.headers;
  socket.on('error', () => socket.destroy());
  const fault = origin === undefined ? null : parts.origins.faultOf(origin);
  if (fault !== null) {
    // In a browser nobody sees why. A page tries again every few seconds.
    if (!parts.told.has(fault) && parts.told.size < maxTold) {
      parts.told.add(fault);
      parts.tell(fault);
    }
    refuseUpgrade(socket, 403, fault);
  } else if (!isForHere(request)) refuseUpgrade(socket, 403, 'only programs on this machine are inspected');
  else if (parts.sockets.isFull) refuseUpgrade(socket, 503, 'too many programs are connected');
  else parts.sockets.accept(request, socket, head);
};
