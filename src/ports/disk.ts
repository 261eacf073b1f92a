import type { NodeId } from '../raft/types.ts';

/** A member of the cluster and where its peers reach it, as `host:port`; null if only the transport knows. */
export interface Member {
  readonly id: NodeId;
  readonly peer: string | null;
}

/** What a disk says of itself to the peers of its node. */
export interface DiskClaim {
  /** 16 random bytes in hexadecimal, drawn when the disk was set up. */
  readonly logId: string;
  /** How often it was started. Grows by one with each start, and once a minute while the node runs. */
  readonly start: number;
}

/** The latest claim that was accepted from a peer, and the run of that peer that made it. */
export interface KnownDisk extends DiskClaim {
  readonly incarnation: string;
}

/** `failure` is null once it would survive a power loss. Never called inside the call that it answers. */
type Done = (failure: Error | null) => void;

/**
 * What makes a lost or rolled-back disk recognizable: the claim of this one, and those of the peers' disks. A failure changes nothing and
 * can be tried again; the log is not affected.
 */
export interface Disk extends DiskClaim {
  /** Configuration 0: the members that the first start named, ascending, this node included. Null: it named none. */
  readonly firstMembers: readonly Member[] | null;

  /** Counts one more start. `start` shows it as soon as it is durable, and not before. */
  advanceStart(done: Done): void;

  /** The claim remembered last for `peer`, durable or not yet; null: it has never been heard of. */
  knownOf(peer: NodeId): KnownDisk | null;

  /** Replaces the claim remembered for `peer`; `knownOf` shows it at once. */
  remember(peer: NodeId, known: KnownDisk, done: Done): void;
}
