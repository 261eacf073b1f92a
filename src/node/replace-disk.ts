import type { MemberChange } from '../raft/members.ts';
import type { NodeId } from '../raft/types.ts';
import type { NodeStatus } from './node.ts';

/** What has to be done next so that another disk counts as a member. */
export type ReplacementStep =
  /** These changes, all at once; the next step follows when they are committed. */
  | { readonly type: 'change'; readonly changes: readonly MemberChange[] }
  /** Nothing: it counts, and votes if the old one did. */
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly reason: ReplacementRefusal };

export type ReplacementRefusal =
  /** The node is not a member. */
  | 'memberUnknown'
  /** The node has not come with another disk. */
  | 'noOtherDisk'
  /** The configuration has no peer address of the node. */
  | 'addressUnknown'
  /** Another change of the members is under way. */
  | 'changing';

/** The disk that is to take the place of the one that counts as `node`: the one on which it has come; null: it has not come on another. */
export const otherDiskOf = ({ peers }: Pick<NodeStatus, 'peers'>, node: NodeId): string | null =>
  peers.find(({ id }) => id === node)?.refusal?.otherLogId ?? null;

/**
 * The next step by which the disk `logId` takes the place of the one that counts as `node`, as the leader sees it: a voter first becomes a learner, on whom
 * nothing depends; a learner's disk is exchanged; and who was a voter becomes one again once it has caught up. Each step is a committed configuration, so
 * that whoever asks again goes on where the last one stopped. `logId` null: the one to which the cluster was told to change before. A voter that is there
 * on the disk that counts keeps it, whatever disk is named: a mistyped log id must not take its vote.
 */
export const replacementStep = (status: NodeStatus, node: NodeId, logId: string | null): ReplacementStep => {
  const { voters, learners, outgoing, members, isCommitted } = status.configuration;
  const refused = (reason: ReplacementRefusal): ReplacementStep => ({ type: 'refused', reason });
  const change = (...changes: readonly MemberChange[]): ReplacementStep => ({ type: 'change', changes });
  const isVoter = voters.includes(node);
  if (!isVoter && !learners.includes(node)) return refused('memberUnknown');
  if (!isCommitted || outgoing.length > 0) return refused('changing');
  const { peer = null, client = null, logId: counted = null, wasVoter } = members[node] ?? {};
  if (logId === null) {
    if (!isVoter && wasVoter) return change({ type: 'promote', node });
    return counted !== null && isHeard(status, node) ? { type: 'done' } : refused('noOtherDisk');
  }
  if (isVoter) {
    // One that has lost what it held has to be filled again, although it is the same disk.
    if (logId === counted && otherDiskOf(status, node) !== logId) return { type: 'done' };
    if (peer === null) return refused('addressUnknown');
    return isHeard(status, node)
      ? refused('noOtherDisk')
      : change({ type: 'demote', node, isReplaced: true });
  }
  if (logId !== counted) {
    if (peer === null) return refused('addressUnknown');
    return change({ type: 'update', node, member: { peer, client, logId } });
  }
  return wasVoter ? change({ type: 'promote', node }) : { type: 'done' };
};

/** Whether `node` is there on a disk that is not refused, as this leader sees it. */
const isHeard = ({ id: self, peers }: NodeStatus, node: NodeId): boolean =>
  node === self ||
  peers.some(({ id, link, refusal }) => id === node && link === 'open' && refusal?.otherLogId === undefined);
