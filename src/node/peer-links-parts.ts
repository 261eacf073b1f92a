import type { PeerLinkSettings } from '../../machines/peer-link.machine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Transport } from '../ports/transport.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';

/** What the connections of one node are made of. */
export interface PeerLinksParts {
  readonly self: NodeId;
  readonly clusterId: string;
  readonly incarnation: string;
  readonly peers: readonly NodeId[];
  readonly transport: Transport;
  readonly clock: Clock;
  /** For the jitter in the waits before dialling again. */
  readonly seed: number;
  readonly clientEndpoint: string | null;
  readonly log: Log;
  readonly settings?: PeerLinkSettings;
  /** A valid message from a peer has arrived. */
  readonly deliver: (message: Message) => void;
}
