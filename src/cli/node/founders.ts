import { systemClock } from '../../adapters/system/clock.ts';
import type { PeerTls } from '../../adapters/transport/tcp/peer-tls.ts';
import { joinCluster } from '../../node/join-cluster.ts';
import { namedMembersFault } from '../../node/members.ts';
import { restoredConfiguration } from '../../node/restored-log.ts';
import { type Address, addressText } from '../../ports/address.ts';
import type { Member } from '../../ports/disk.ts';
import type { Log } from '../../ports/log.ts';
import type { Storage } from '../../ports/storage.ts';
import type { ConnectionHandlers } from '../../ports/transport.ts';
import { membersOf } from '../../raft/configuration.ts';
import type { NodeId } from '../../raft/types.ts';
import { parseEndpoint } from '../flag-values.ts';
import { isStored, transports } from './node-adapters.ts';
import { defaultPeerAddress, type NodeOptions } from './node-options.ts';

interface Joining {
  readonly log: Log;
  /** Aborted: nobody wants the node any more. */
  readonly signal: AbortSignal;
  /** What it is doing, for people who ask meanwhile. */
  readonly tell: (doing: string) => void;
  readonly tls: PeerTls | null;
}

/** The founders of the cluster that this node is told to join; null: it has a data directory, or is not told to join. */
export const foundersToJoin = async (
  options: NodeOptions,
  { log, signal, tell, tls }: Joining,
): Promise<readonly Member[] | null> => {
  const { id, clusterId, join, transport } = options;
  if (join === null || (await isStored(options))) return null;
  tell(`asking ${join.map(addressText).join(', ')} with whom the cluster began`);
  const targets = join.map((address) => ({
    name: addressText(address),
    dial: (handlers: ConnectionHandlers) => transports[transport].dial(address, handlers, tls),
  }));
  return joinCluster({ id, clusterId, targets, clock: systemClock, log, signal });
};

/** The members that a new data directory would record. */
export const foundersNamed = ({ id, listenPeer, advertisePeer, peers }: NodeOptions): readonly Member[] => [
  { id, peer: advertisePeer ?? addressText(listenPeer) },
  ...Object.entries(peers ?? {}).map(([peer, address]) => ({ id: Number(peer), peer: addressText(address) })),
];

/** The addresses of peers that are known without the log: those in the data directory, and those that --peers names. A string: why --peers may not name them, in one line. */
export const peersOf = (
  { id, peers }: NodeOptions,
  storage: Storage,
): Readonly<Record<NodeId, Address>> | string => {
  const { firstMembers } = storage.disk;
  // A directory set up by an embedding program may name nobody.
  if (firstMembers === null) return peers ?? {};
  const first = firstMembers.map((member) => member.id);
  const latest = restoredConfiguration(storage);
  const current = latest === null ? first : membersOf(latest);
  const fault =
    peers === null ? null : namedMembersFault([id, ...Object.keys(peers).map(Number)], first, current);
  if (fault !== null) return fault;
  const known = Object.fromEntries(
    firstMembers
      .filter((member) => member.id !== id)
      .map(({ id: peer, peer: address }) => [
        peer,
        address === null ? defaultPeerAddress(peer) : parseEndpoint(address),
      ]),
  );
  return { ...known, ...peers };
};
