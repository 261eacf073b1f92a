import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../../../ports/log.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../../ports/transport.ts';
import { assert } from '../../../raft/assert.ts';
import type { NodeId } from '../../../raft/types.ts';
import { lookupAll } from './addresses.ts';
import { listenOn, type TcpAddress } from './listen.ts';
import { type FrameLimits, TcpConnection } from './tcp-connection.ts';

export interface TcpOptions extends Partial<FrameLimits> {
  readonly listen: TcpAddress;
  readonly peers: Readonly<Record<NodeId, TcpAddress>>;
  readonly log: Log;
}

export interface TcpTransport extends Transport {
  /** The port it listens on: the one asked for, unless that was 0. */
  readonly port: number;
}

/** A frame carries at most one AppendEntries, whose payload is bounded by half a megabyte or one value. */
const defaultLimits: FrameLimits = {
  maxFrameBytes: 8 * 1024 * 1024,
  maxFirstFrameBytes: 4096,
  maxWaitingBytes: 64 * 1024 * 1024,
};
/** The most incoming connections at once: some for each peer, and room to refuse strangers. */
const maxIncoming = 128;

/** Listens on `options.listen`, a name on all of its addresses. Rejects with `ListenFailed`. Frames as in docs/wire.md. */
export const openTcpTransport = async (options: TcpOptions): Promise<TcpTransport> => {
  const { listen, peers, log } = options;
  const limits: FrameLimits = {
    maxFrameBytes: options.maxFrameBytes ?? defaultLimits.maxFrameBytes,
    maxFirstFrameBytes: options.maxFirstFrameBytes ?? defaultLimits.maxFirstFrameBytes,
    maxWaitingBytes: options.maxWaitingBytes ?? defaultLimits.maxWaitingBytes,
  };
  const connections = new Set<TcpConnection>();
  let accept: ((connection: Connection) => ConnectionHandlers) | null = null;

  const connectionOn = (socket: Socket, remote: string): TcpConnection => {
    const connection = new TcpConnection(socket, remote, limits);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
    return connection;
  };
  const newServer = (): Server => {
    const server = createServer((socket) => {
      if (accept === null) {
        socket.destroy();
        return;
      }
      const connection = connectionOn(socket, remoteOf(socket));
      connection.attach(accept(connection));
    });
    server.maxConnections = maxIncoming;
    return server;
  };
  const { servers, port } = await listenOn(listen, newServer);
  for (const server of servers) {
    server.on('error', (error) => log.error({ error: error.message }, 'the peer port failed'));
  }

  return {
    port,
    listen: (handlersOf) => {
      accept = handlersOf;
    },
    dial: (peer, handlers) => {
      const address = peers[peer];
      assert(address !== undefined, 'an address for the peer', peer, Object.keys(peers));
      const { host } = address;
      const socket = connect({ host, port: address.port, autoSelectFamily: true, lookup: lookupAll });
      const connection = connectionOn(socket, `${host}:${address.port}`);
      connection.attach(handlers);
      return connection;
    },
    close: (done) => {
      accept = null;
      let open = servers.length;
      for (const server of servers) {
        server.close(() => {
          open--;
          if (open === 0) done();
        });
      }
      for (const connection of connections) connection.close();
    },
  };
};

const remoteOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress?.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
