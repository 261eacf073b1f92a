import type { NodeId } from '../raft/types.ts';

/** A member of the cluster and where its peers reach it, as `host:port`; null if only the transport knows. */
export interface Member {
  readonly id: NodeId;
  readonly peer: string | null;
}

/** One run of a node on a disk: which start numbers were its own, from `start` on. */
export interface Run {
  readonly start: number;
  /** 4 random bytes in hexadecimal: two runs on two copies of a disk count alike, but their tags differ. */
  readonly tag: string;
}

/** So many runs of a disk are kept and told: those before are past checking. */
export const maxRuns = 64;

/** Of what form a `logId` is. */
export const logIdPattern = /^[0-9a-f]{32}$/;

/** What a disk says of itself to the peers of its node. */
export interface DiskClaim {
  /** 16 random bytes in hexadecimal, drawn when the disk was set up. */
  readonly logId: string;
  /** How often it was started. Grows by one with each start, and once a minute while the node runs. */
  readonly start: number;
  /** Its latest runs, ascending; the last one made this claim. */
  readonly runs: readonly Run[];
}

/** The latest claim that was accepted from a peer: its start number, and the tag of the run that had it. */
export interface KnownDisk {
  readonly logId: string;
  readonly start: number;
  readonly run: string;
}

/** What is to be remembered of an accepted claim. */
export const knownFrom = ({ logId, start, runs }: DiskClaim): KnownDisk => ({
  logId,
  start,
  run: runs[runs.length - 1]!.tag,
});

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
