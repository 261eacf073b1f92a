import { createServer, type Server, type Socket } from 'node:net';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Log } from '../../../ports/log.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { maxIncoming as defaultMaxIncoming, type FrameLimits, frameLimitsOf } from '../frame-limits.ts';
import { closeServers, dialling, remoteOf } from '../sockets.ts';
import { Lookups, type Resolve } from './addresses.ts';
import { socketTo } from './dial.ts';
import { listenOn } from './listen.ts';
import { handshakesWithin, type PeerTls } from './peer-tls.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface TcpOptions extends Partial<FrameLimits> {
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

export interface TcpTransport extends Transport {
  /** The port it listens on: the one asked for, unless that was 0. */
  readonly port: number;
}

/** Listens on `options.listen`, a name on all of its addresses. Rejects with `ListenFailed`. Frames as in docs/wire.md. */
export const openTcpTransport = async (options: TcpOptions): Promise<TcpTransport> => {
  const { listen, peers, log, tls = null, maxIncoming = defaultMaxIncoming } = options;
  const limits = frameLimitsOf(options);
  const lookups = new Lookups(options);
  const connections = new Set<TcpConnection>();
  let accept: ((connection: Connection) => ConnectionHandlers) | null = null;

  const connectionOn = (
    socket: Socket,
    remote: string,
    about: { readonly isIncoming?: boolean; readonly provenId?: NodeId } = {},
  ): TcpConnection => {
    const connection = new TcpConnection(socket, remote, limits, about);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
    return connection;
  };
  const take = (socket: Socket, provenId?: NodeId): void => {
    if (accept === null) {
      socket.destroy();
      return;
    }
    const about = { isIncoming: true, ...(provenId === undefined ? {} : { provenId }) };
    const connection = connectionOn(socket, remoteOf(socket), about);
    connection.attach(accept(connection));
  };
  const newServer = (): Server => {
    const server =
      tls === null ? createServer((socket) => take(socket)) : tls.server(take, handshakesWithin(maxIncoming));
    server.maxConnections = maxIncoming;
    return server;
  };
  const { servers, port } = await listenOn(listen, newServer);
  for (const server of servers) {
    server.on('error', (error) => log.error({ error: error.message }, 'the peer port failed'));
  }

  const dialAddress = (peer: NodeId, address: Address, handlers: ConnectionHandlers): Connection => {
    const connection = connectionOn(socketTo(address, peer, lookups, tls), addressText(address));
    connection.attach(handlers);
    return connection;
  };

  // Everybody has to prove anew who they are: some may not be trusted any more.
  const forget = tls?.onChange(() => {
    for (const connection of connections) connection.close();
  });

  return {
    port,
    maxIncoming,
    listen: (handlersOf) => {
      accept = handlersOf;
    },
    dial: dialling(peers, dialAddress),
    close: (done) => {
      accept = null;
      forget?.();
      tls?.cutHandshakes();
      closeServers(servers, done);
      for (const connection of connections) connection.close();
    },
  };
};
