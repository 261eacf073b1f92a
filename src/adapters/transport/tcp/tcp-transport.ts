import { createServer, type Server, type Socket } from 'node:net';
import { type Address, addressText, parseAddress } from '../../../ports/address.ts';
import type { Log } from '../../../ports/log.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { type FrameLimits, frameLimitsOf, maxIncoming } from '../frame-limits.ts';
import { unreachable } from '../unreachable.ts';
import { connectTo } from './dial.ts';
import { listenOn } from './listen.ts';
import { TcpConnection } from './tcp-connection.ts';

export interface TcpOptions extends Partial<FrameLimits> {
  readonly listen: Address;
  /** Where peers are that are dialled without an address. */
  readonly peers: Readonly<Record<NodeId, Address>>;
  readonly log: Log;
}

export interface TcpTransport extends Transport {
  /** The port it listens on: the one asked for, unless that was 0. */
  readonly port: number;
}

/** Listens on `options.listen`, a name on all of its addresses. Rejects with `ListenFailed`. Frames as in docs/wire.md. */
export const openTcpTransport = async (options: TcpOptions): Promise<TcpTransport> => {
  const { listen, peers, log } = options;
  const limits = frameLimitsOf(options);
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

  const dialAddress = (address: Address, handlers: ConnectionHandlers): Connection => {
    const connection = connectionOn(connectTo(address), addressText(address));
    connection.attach(handlers);
    return connection;
  };

  return {
    port,
    listen: (handlersOf) => {
      accept = handlersOf;
    },
    dial: (peer, handlers, text = null) => {
      const address = text === null ? peers[peer] : parseAddress(text);
      if (address) return dialAddress(address, handlers);
      return unreachable(
        handlers,
        text === null ? 'its address is not known' : `its address is no host:port: ${text}`,
      );
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
