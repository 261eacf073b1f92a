import type { PeerLinkSettings } from '../../machines/peer-link.setup.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { Transport } from '../ports/transport.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { judgeDisk } from './judge-disk.ts';
import type { Membership } from './membership.ts';
import type { TraceCarrier } from './trace-carrier.ts';

/** What the connections of one node are made of. */
export interface PeerLinksParts {
  readonly self: NodeId;
  readonly clusterId: string;
  readonly incarnation: string;
  /** When the node starts. */
  readonly membership: Membership;
  /** What this node runs on, and where it keeps what it knows of its peers' disks. */
  readonly disk: Disk;
  /** Those with which its cluster began, ascending, this node included. */
  readonly firstMembers: readonly NodeId[];
  /** Where a founder of the cluster is, as far as this node knows: told to nodes that join. */
  readonly addressOf?: (founder: NodeId) => string | null;
  /** If not the original: a test may have it believe anything. */
  readonly judge?: typeof judgeDisk;
  readonly transport: Transport;
  readonly clock: Clock;
  /** For the jitter in the waits before dialling again. */
  readonly seed: number;
  readonly clientEndpoint: string | null;
  /** Where its peers reach this node, told to them; null: they know. */
  readonly peerEndpoint: string | null;
  readonly log: Log;
  readonly settings?: PeerLinkSettings;
  /** A peer says that this node was removed from the cluster. */
  readonly toldRemoved?: () => void;
  /** A peer says, in one line, that another process runs as this node, and that this one has to stop. */
  readonly toldSecond?: (reason: string) => void;
  /** Default: entries travel without traces, and those that come with them are dropped. */
  readonly traces?: TraceCarrier;
  /** What a member has sent to what runs here besides Raft. Default: it is dropped. */
  readonly deliverApplication?: (from: NodeId, message: Uint8Array) => void;
  /** A valid message from a peer has arrived. */
  readonly deliver: (message: Message) => void;
}
