import { connect, type Socket } from 'node:net';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import { frameLimitsOf } from '../frame-limits.ts';
import { lookupAll } from './addresses.ts';
import { TcpConnection } from './tcp-connection.ts';

/** A socket that connects to whoever listens at `address`. */
export const connectTo = ({ host, port }: Address): Socket =>
  connect({ host, port, autoSelectFamily: true, lookup: lookupAll });

/** A connection that belongs to no transport: a node that joins asks before it has one. */
export const dialTcp = (address: Address, handlers: ConnectionHandlers): Connection => {
  const connection = new TcpConnection(connectTo(address), addressText(address), frameLimitsOf({}));
  connection.attach(handlers);
  return connection;
};
