import type { ConfigurationStatus } from '../../src/node/node.ts';
import type { NodeId } from '../../src/raft/types.ts';
import type { RequestedChange, RequestedReplacement } from '../../src/store/http/members-request.ts';
import type { Chance } from './chance.ts';

export const changeKinds = ['add', 'promote', 'demote', 'remove', 'replace', 'several'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What one round asks of the cluster. */
export interface MemberPlan {
  readonly kind: ChangeKind;
  /** One after the other; what stands together takes effect together. */
  readonly steps: readonly (readonly RequestedChange[])[] | readonly [readonly [RequestedReplacement]];
  /** A node that has to run for it. */
  readonly joins: NodeId | null;
  readonly nodes: readonly NodeId[];
}

const leastVoters = 3;
const mostVoters = 5;
const mostMembers = 6;

type Parts = Pick<ConfigurationStatus, 'voters' | 'learners'>;

/** A change of this kind, drawn; null: none is possible. Leaves 3 to 5 voters and at most 6 members. */
export const drawChange = (
  kind: ChangeKind,
  { voters, learners }: Parts,
  nodes: readonly NodeId[],
  addressOf: (node: NodeId) => string,
  chance: Chance,
): MemberPlan | null => {
  const members = [...voters, ...learners];
  const others = nodes.filter((id) => !members.includes(id));
  const canAdd = others.length > 0 && members.length < mostMembers;
  const simple = (type: 'promote' | 'demote' | 'remove', among: readonly NodeId[]): MemberPlan | null => {
    if (among.length === 0) return null;
    const node = chance.pick(among);
    return { kind, steps: [[{ type, node }]], joins: null, nodes: [node] };
  };
  const hasEnough = voters.length > leastVoters;
  switch (kind) {
    case 'add': {
      if (!canAdd) return null;
      const node = chance.pick(others);
      const add = { type: 'add', node, peer: addressOf(node) } as const;
      const isToVote = voters.length < mostVoters;
      const steps = isToVote ? [[add], [{ type: 'promote', node } as const]] : [[add]];
      return { kind, steps, joins: node, nodes: [node] };
    }
    case 'promote':
      return voters.length < mostVoters ? simple('promote', learners) : null;
    case 'demote':
      return hasEnough ? simple('demote', voters) : null;
    case 'remove':
      return simple('remove', hasEnough ? members : learners);
    case 'replace': {
      const node = chance.pick(members);
      return { kind, steps: [[{ type: 'replace', node }]], joins: null, nodes: [node] };
    }
    case 'several': {
      const node = chance.pick(voters);
      const leaving = { type: chance.pick(['demote', 'remove'] as const), node };
      // The place of one voter is taken by another, or a node is added beside.
      if (learners.length > 0) {
        const promoted = chance.pick(learners);
        const steps = [[{ type: 'promote', node: promoted } as const, leaving]];
        return { kind, steps, joins: null, nodes: [promoted, node] };
      }
      if (!canAdd || !hasEnough) return null;
      const added = chance.pick(others);
      const steps = [[{ type: 'add', node: added, peer: addressOf(added) } as const, leaving]];
      return { kind, steps, joins: added, nodes: [added, node] };
    }
  }
};

/** The members once `changes` are made, as text. Nothing but who votes and who does not. */
export const partsText = ({ voters, learners }: Parts, changes: readonly RequestedChange[] = []): string => {
  const parts = new Map<NodeId, 'votes' | 'learns'>();
  for (const id of voters) parts.set(id, 'votes');
  for (const id of learners) parts.set(id, 'learns');
  for (const { type, node } of changes) {
    if (type === 'remove') parts.delete(node);
    if (type === 'promote') parts.set(node, 'votes');
    if (type === 'demote' || (type === 'add' && !parts.has(node))) parts.set(node, 'learns');
  }
  const sorted = [...parts].toSorted(([a], [b]) => a - b);
  return sorted.map(([id, part]) => `node${id} ${part}`).join(', ');
};
