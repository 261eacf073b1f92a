import { type Configuration, type Member, membersOf } from '../raft/configuration.ts';
import type { MemberChange, Target } from '../raft/members.ts';
import { targetAfter } from '../raft/target.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import type { Stream } from './dice.ts';

/** With fewer voters than this, a client takes another away only now and then. */
const enoughVoters = 3;

/** What a client wants of a cluster with these members, of `nodes`: now and then nonsense, which must be refused. */
export const drawChanges = (
  stream: Stream,
  configuration: Configuration,
  nodes: readonly NodeId[],
): readonly MemberChange[] => {
  if (stream.chance(0.1)) return nonsense(stream, configuration, nodes);
  const count = stream.chance(0.3) ? stream.between(2, 3) : 1;
  const changes: MemberChange[] = [];
  for (let each = 0; each < count; each++) {
    const change = drawChange(stream, targetAfter(configuration, changes)!, nodes, configuration.learners);
    if (change !== null) changes.push(change);
  }
  return changes;
};

/** `promotable`: who was a learner before all of this. */
const drawChange = (
  stream: Stream,
  { voters, learners }: Target,
  nodes: readonly NodeId[],
  promotable: readonly NodeId[],
): MemberChange | null => {
  const strangers = nodes.filter((id) => !voters.includes(id) && !learners.includes(id));
  const known = learners.filter((id) => promotable.includes(id));
  const isEnough = voters.length > enoughVoters || (voters.length > 1 && stream.chance(0.1));
  const demotable = isEnough ? voters : [];
  const removable = isEnough ? [...voters, ...learners] : learners;
  const possible = [
    strangers.map(add),
    known.map((node): MemberChange => ({ type: 'promote', node })),
    demotable.map((node): MemberChange => ({ type: 'demote', node })),
    removable.map((node): MemberChange => ({ type: 'remove', node })),
  ].filter((each) => each.length > 0);
  return possible.length === 0 ? null : stream.pick(stream.pick(possible));
};

const nonsense = (
  stream: Stream,
  configuration: Configuration,
  nodes: readonly NodeId[],
): readonly MemberChange[] => {
  const unknown = nodes.length + 1;
  return stream.pick<readonly MemberChange[]>([
    [],
    [{ type: 'promote', node: unknown }],
    [{ type: 'demote', node: unknown }],
    // Whom it removes is not a member.
    [{ type: 'remove', node: unknown }],
    configuration.voters.map((node) => ({ type: 'remove', node })),
    configuration.voters.map((node) => ({ type: 'demote', node })),
    membersOf(configuration).map(add),
  ]);
};

const add = (node: NodeId): MemberChange => ({ type: 'add', ...memberOf(node) });

/** A node, and where it is. */
export const memberOf = (node: NodeId): { readonly node: NodeId; readonly member: Member } => ({
  node,
  member: { peer: nodeName(node), client: null, logId: null },
});
