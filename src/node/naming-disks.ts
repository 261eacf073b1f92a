import { type Configuration, membersOf, votersOf } from '../raft/configuration.ts';
import type { MemberChange } from '../raft/members.ts';
import type { NodeId } from '../raft/types.ts';

/** What a node knows of disks. */
export interface KnownDisks {
  /** The disk of a member, or of this node, that has been believed; null: it has never been heard. */
  readonly logIdOf: (node: NodeId) => string | null;
  /** The disk on which a node that is not a member has come last; null: it has never come. */
  readonly strangersLogIdOf: (node: NodeId) => string | null;
}

/**
 * `changes`, with the disks that the leader knows. A new member's is the one on which it waits; and every voter whose disk no configuration names yet
 * is named the one by which the leader knows it, as is whoever becomes one. A disk that takes the place of another, and a node that joins, have met nobody: they would believe
 * whatever comes first in the name of a peer, be its disk lost or not.
 */
export const namingDisks = (
  changes: readonly MemberChange[],
  current: Configuration,
  { logIdOf, strangersLogIdOf }: KnownDisks,
): readonly MemberChange[] => {
  const members = membersOf(current);
  const completed = changes.map((change) =>
    change.type === 'add' && change.member.logId === null && !members.includes(change.node)
      ? { ...change, member: { ...change.member, logId: strangersLogIdOf(change.node) } }
      : change,
  );
  const promoted = changes.flatMap(({ type, node }) => (type === 'promote' ? [node] : []));
  const voters = new Set([...votersOf(current), ...promoted]);
  const names = [...voters].flatMap((node): MemberChange[] => {
    const logId = logIdOf(node);
    return logId === null || current.members[node]?.logId !== null ? [] : [{ type: 'name', node, logId }];
  });
  return [...completed, ...names];
};
