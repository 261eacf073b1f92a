import { featuresOf } from '../adapters/codec/wire-versions.ts';
import type { NodeStatus } from '../node/node.ts';
import { nodeName } from '../raft/types.ts';

/**
 * Why revisions of the store must not begin, in words; null: they may. A node whose program does not know stamped commands stops at the first one (docs/upgrades.md, What a mixed cluster never
 * does); one that is not connected stops when it comes back.
 */
export const oldMembersWords = ({ peers }: Pick<NodeStatus, 'peers'>): string | null => {
  const old = peers
    .filter(({ wireVersion }) => wireVersion !== undefined && !featuresOf(wireVersion).hasStampedCommands)
    .map(({ id }) => nodeName(id));
  if (old.length === 0) return null;
  return `${old.join(' and ')} would stop at this: an older program runs there; upgrade all nodes first`;
};
