import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../../ports/log.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../ports/transport.ts';
import type { NodeId } from '../../raft/types.ts';
import { type FrameLimits, TcpConnection } from './tcp-connection.ts';

/** `host` is a name or an address; IPv6 without brackets. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export interface TcpOptions extends Partial<FrameLimits> {
  readonly listen: TcpAddress;
  readonly peers: Readonly<Record<NodeId, TcpAddress>>;
  readonly log: Log;
}

/** The peer port cannot be listened on. The message is one line for a person. */
export class ListenFailed extends Error {
  override readonly name = 'ListenFailed';
}

export interface TcpTransport extends Transport {
  /** The port it listens on: another than asked for only if that was 0. */
  readonly port: number;
}

/** A frame carries at most one AppendEntries, whose payload is bounded by half a megabyte or one value. */
const defaultLimits: FrameLimits = { maxFrameBytes: 8 * 1024 * 1024, maxWaitingBytes: 64 * 1024 * 1024 };
/** Incoming connections at one time: some for each peer, and room for strangers to be refused. */
const maxIncoming = 128;
const closeGraceMs = 500;

/** Listens on `options.listen`. Rejects with `ListenFailed`. Frames as in docs/wire.md. */
export const openTcpTransport = async (options: TcpOptions): Promise<TcpTransport> => {
  const { listen, peers, log } = options;
  const limits = {
    maxFrameBytes: options.maxFrameBytes ?? defaultLimits.maxFrameBytes,
    maxWaitingBytes: options.maxWaitingBytes ?? defaultLimits.maxWaitingBytes,
  };
  const sockets = new Set<Socket>();
  let accept: ((connection: Connection) => ConnectionHandlers) | null = null;

  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((socket) => {
    if (accept === null) {
      socket.destroy();
      return;
    }
    track(socket);
    const connection = new TcpConnection(socket, `${socket.remoteAddress}:${socket.remotePort}`, limits);
    connection.attach(accept(connection));
  });
  server.maxConnections = maxIncoming;
  await listening(server, listen);
  server.on('error', (error) => log.error({ error: error.message }, 'the peer port failed'));

  return {
    port: (server.address() as { port: number }).port,
    listen: (handlersOf) => {
      accept = handlersOf;
    },
    dial: (peer, handlers) => {
      const { host, port } = peers[peer]!;
      // `localhost` may be IPv4, IPv6 or both: the one that answers is taken.
      const socket = connect({ host, port, autoSelectFamily: true });
      track(socket);
      const connection = new TcpConnection(socket, `${host}:${port}`, limits);
      connection.attach(handlers);
      return connection;
    },
    close: (done) => {
      accept = null;
      server.close(() => done());
      for (const socket of sockets) socket.destroySoon();
      // A peer that reads no more must not keep this process.
      setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, closeGraceMs).unref();
    },
  };
};

const listening = (server: Server, { host, port }: TcpAddress): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ListenFailed(`cannot listen for peers on ${host}:${port}: ${reasonOf(error)}`));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });

const reasonOf = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'EADDRINUSE') return 'the port is in use';
  if (error.code === 'EACCES') return 'not permitted';
  return error.code ?? error.message;
};
