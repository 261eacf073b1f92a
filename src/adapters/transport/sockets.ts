import type { Server, Socket } from 'node:net';
import { type Address, parseAddress } from '../../ports/address.ts';
import type { Connection, ConnectionHandlers, Transport } from '../../ports/transport.ts';
import type { NodeId } from '../../raft/types.ts';

/** Who is at the other end, for people. */
export const remoteOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress?.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;

/** Dials a peer by `dialAddress`, at the address that is given, or where `peers` say that it is. */
export const dialling =
  (
    peers: Readonly<Record<NodeId, Address>>,
    dialAddress: (peer: NodeId, address: Address, handlers: ConnectionHandlers) => Connection,
  ): Transport['dial'] =>
  (peer, handlers, text = null) => {
    const address = text === null ? peers[peer] : parseAddress(text);
    if (address) return dialAddress(peer, address, handlers);
    const reason = text === null ? 'its address is not known' : `its address is no host:port: ${text}`;
    return unreachable(handlers, reason);
  };

/** A connection that fails at once. */
const unreachable = (handlers: ConnectionHandlers, reason: string): Connection => {
  setImmediate(() => handlers.closed(reason));
  return { remote: 'nowhere', send: () => false, close: () => {} };
};

/** Calls `done` once all of `servers` have stopped listening and their connections are closed. */
export const closeServers = (servers: readonly Server[], done: () => void): void => {
  let open = servers.length;
  for (const server of servers) {
    server.close(() => {
      open--;
      if (open === 0) done();
    });
  }
};
