import type { KnownDisk } from '../ports/disk.ts';
import type { Configuration, Member } from '../raft/configuration.ts';
import { configurationAt, currentConfiguration, membersOf, votersOf } from '../raft/configuration.ts';
import type { RaftContext } from '../raft/context.ts';
import type { LogIndex, NodeId } from '../raft/types.ts';

/** With whom a node is connected, as far as the configurations that it knows tell. */
export interface Membership {
  /** The index of the latest of them. */
  readonly index: LogIndex;
  /** The index of the latest that it knows to be committed. */
  readonly committedIndex: LogIndex;
  /** Where this node is, by the latest of these that says so: `HOST:PORT`; null: none does. */
  readonly address: string | null;
  /** Where the others are, by id, ascending: `HOST:PORT`; null: only the transport knows. */
  readonly peers: ReadonlyMap<NodeId, string | null>;
  /** Whose vote counts by the latest configuration, or by the latest that is certain to stay; this node as well. */
  readonly voters: ReadonlySet<NodeId>;
  /** Which disks count as members, where the configurations name some. */
  readonly disks: ReadonlyMap<NodeId, NamedDisk>;
}

/**
 * The disk that counts as a member, by its `logId`; null: none is named. While a replacement is under way neither disk is heard: the old one counts for nothing
 * in the configuration in force, and the new one in none that is certain to stay.
 */
export interface NamedDisk {
  /** By the latest configuration. */
  readonly inForce: string | null;
  /**
   * By the latest configuration that is certain to stay: it is known to be committed, or another one follows it in the log, which none does before it is committed.
   * So a restart, which forgets what was committed, does not bring back what was replaced.
   */
  readonly certain: string | null;
  /** How far the disks of both had come, where the configurations say so; by the latest first. */
  readonly seen: readonly KnownDisk[];
}

export const unnamedDisk: NamedDisk = { inForce: null, certain: null, seen: [] };

/** How far the disk of a member had come. */
const seenOf = (member: Member | undefined): readonly KnownDisk[] =>
  member?.seen === undefined || member.logId === null ? [] : [{ logId: member.logId, ...member.seen }];

type Known = Pick<RaftContext, 'id' | 'configurations' | 'commitIndex' | 'progress'>;

/**
 * The membership as `context` has it. Whoever is a member of the latest committed configuration or of a later one belongs to it, so that a leader
 * which removes itself is answered until that is committed; and so does whoever this leader still sends something.
 */
export const membershipOf = ({ id, configurations, commitIndex, progress }: Known): Membership => {
  const current = currentConfiguration(configurations);
  const committed = configurationAt(configurations, commitIndex);
  const inForce = configurations.filter(({ index }) => index >= committed.index);
  const ids = new Set([...inForce.flatMap(membersOf), ...Object.keys(progress).map(Number)]);
  ids.delete(id);
  const peers = [...ids].sort((a, b) => a - b);
  const isCertain = current.index <= commitIndex || configurations.length === 1;
  const certain = isCertain ? current : configurations[configurations.length - 2]!;
  const logIdIn = ({ members }: Configuration, peer: NodeId) => members[peer]?.logId ?? null;
  const disks = peers.flatMap((peer): [NodeId, NamedDisk][] => {
    const seen = [current, certain].flatMap(({ members }) => seenOf(members[peer]));
    const named = { inForce: logIdIn(current, peer), certain: logIdIn(certain, peer), seen };
    return named.inForce === null && named.certain === null ? [] : [[peer, named]];
  });
  return {
    index: current.index,
    committedIndex: committed.index,
    address: addressIn(inForce, id),
    peers: new Map(peers.map((peer) => [peer, addressIn(inForce, peer)])),
    voters: new Set([current, certain].flatMap(votersOf)),
    disks: new Map(disks),
  };
};

const addressIn = (configurations: readonly Configuration[], node: NodeId): string | null =>
  configurations.findLast(({ members }) => members[node] !== undefined)?.members[node]?.peer ?? null;

/** Follows the membership of a node, at no cost while nothing changes. */
export class MembershipWatch {
  #configurations: RaftContext['configurations'] | null = null;
  /** Whether only another configuration can change it. */
  #isSettled = false;

  /** The membership, if it may be another one than before; otherwise null. */
  changed(context: Known): Membership | null {
    if (this.#isSettled && context.configurations === this.#configurations) return null;
    const membership = membershipOf(context);
    const members = membersOf(currentConfiguration(context.configurations));
    this.#configurations = context.configurations;
    this.#isSettled =
      membership.index === membership.committedIndex &&
      [...membership.peers.keys()].every((peer) => members.includes(peer));
    return membership;
  }
}
