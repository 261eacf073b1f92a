import type { KnownDisk } from '../ports/disk.ts';
import { type Configuration, membersOf, votersOf } from '../raft/configuration.ts';
import type { MemberChange } from '../raft/members.ts';
import type { NodeId } from '../raft/types.ts';

/** What a node knows of disks. */
export interface KnownDisks {
  /** The disk of a member, or of this node, that has been believed, and how far it had come; null: it has never been heard. */
  readonly knownOf: (node: NodeId) => KnownDisk | null;
  /** The disk on which a node that is not a member has come last; null: it has never come. */
  readonly strangersLogIdOf: (node: NodeId) => string | null;
}

/**
 * `changes`, with the disks that the leader knows. A new member's is the one on which it waits; and every voter, and whoever becomes one, is named the disk by which the
 * leader knows it, unless a configuration names another. Of every member whose disk is named, one that comes back included, they say how far it had come. A disk
 * that takes the place of another, and a node that joins, have met nobody: they would believe whatever comes first in the name of a peer, be its disk lost or not.
 */
export const namingDisks = (
  changes: readonly MemberChange[],
  current: Configuration,
  { knownOf, strangersLogIdOf }: KnownDisks,
): readonly MemberChange[] => {
  const members = membersOf(current);
  const completed = changes.map((change) =>
    change.type === 'add' && change.member.logId === null && !members.includes(change.node)
      ? { ...change, member: { ...change.member, logId: strangersLogIdOf(change.node) } }
      : change,
  );
  const promoted = changes.flatMap(({ type, node }) => (type === 'promote' ? [node] : []));
  const added = new Map(
    completed.flatMap((change) => (change.type === 'add' ? [[change.node, change.member]] : [])),
  );
  const voters = new Set([...votersOf(current), ...promoted]);
  const names = [...new Set([...members, ...added.keys()])].flatMap((node): MemberChange[] => {
    const known = knownOf(node);
    if (known === null) return [];
    const { logId, start, run } = known;
    const member = current.members[node] ?? added.get(node);
    const named = member?.logId ?? null;
    const isNamed = named === logId || (named === null && voters.has(node));
    // Another leader may have known more of it: what is said never goes back.
    const isNews = member?.seen === undefined || member.seen.start < start;
    return isNamed && isNews ? [{ type: 'name', node, logId, seen: { start, run } }] : [];
  });
  return [...completed, ...names];
};
