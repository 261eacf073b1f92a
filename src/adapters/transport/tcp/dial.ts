import { connect, type Socket } from 'node:net';
import { type Address, addressText } from '../../../ports/address.ts';
import type { Connection, ConnectionHandlers } from '../../../ports/transport.ts';
import type { NodeId } from '../../../raft/types.ts';
import { frameLimitsOf } from '../frame-limits.ts';
import { type Lookups, lookupsOfJoining } from './addresses.ts';
import type { PeerTls } from './peer-tls.ts';
import { TcpConnection } from './tcp-connection.ts';

/** A socket that connects to whoever listens at `address`; with `tls` it fails unless that proves to be `peer`, or, where `peer` is null, any node of the cluster. */
export const socketTo = (
  address: Address,
  peer: NodeId | null,
  { lookup }: Lookups,
  tls: PeerTls | null,
): Socket =>
  tls === null ? connect({ ...address, autoSelectFamily: true, lookup }) : tls.connect(address, peer, lookup);

/** A connection that belongs to no transport: a node that joins asks before it has one. */
export const dialTcp = (
  address: Address,
  handlers: ConnectionHandlers,
  tls: PeerTls | null = null,
): Connection => {
  const socket = socketTo(address, null, lookupsOfJoining, tls);
  const connection = new TcpConnection(socket, addressText(address), frameLimitsOf({}));
  connection.attach(handlers);
  return connection;
};
