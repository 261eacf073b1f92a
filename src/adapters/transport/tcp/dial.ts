import { connect, type Socket } from 'node:net';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import { frameLimitsOf } from '../frame-limits.ts';
import { type Lookups, lookupsOfJoining } from './addresses.ts';
import type { PeerTls } from './peer-tls.ts';
import { TcpConnection } from './tcp-connection.ts';

/** A socket that connects to whoever listens at `address`. */
export const connectTo = ({ host, port }: Address, { lookup }: Lookups): Socket =>
  connect({ host, port, autoSelectFamily: true, lookup });

/** A connection that belongs to no transport: a node that joins asks before it has one. */
export const dialTcp = (
  address: Address,
  handlers: ConnectionHandlers,
  tls: PeerTls | null = null,
): Connection => {
  const socket =
    tls === null ? connectTo(address, lookupsOfJoining) : tls.connect(address, null, lookupsOfJoining.lookup);
  const connection = new TcpConnection(socket, addressText(address), frameLimitsOf({}));
  connection.attach(handlers);
  return connection;
};
