import {
  ascending,
  type Configuration,
  currentConfiguration,
  type Member,
  membersOf,
  sameIds,
} from './configuration.ts';
import type { RaftContext } from './context.ts';
import type { ConfigurationProposed } from './inputs.ts';
import type { MemberChange, Target } from './members.ts';
import type { NodeId } from './types.ts';

/** The members as the proposal wants them; null: it names one that is not there, or not in that part. */
export const targetOf = (context: RaftContext, { changes }: ConfigurationProposed): Target | null =>
  targetAfter(currentConfiguration(context.configurations), changes);

/** The members after these changes, one after the other; null: one of them names a node that is not there, or not in that part. */
export const targetAfter = (
  current: Omit<Configuration, 'index'>,
  changes: readonly MemberChange[],
): Target | null => {
  const voters = new Set(current.voters);
  const learners = new Set(current.learners);
  const members: Record<NodeId, Member> = { ...current.members };
  for (const change of changes) {
    const { node } = change;
    const isMember = voters.has(node) || learners.has(node);
    switch (change.type) {
      case 'add':
        if (!isMember) learners.add(node);
        members[node] = updated(members[node], change.member);
        break;
      case 'promote':
        // One that is only being added has to catch up first, as a learner.
        if (!isMember || !membersOf(current).includes(node)) return null;
        learners.delete(node);
        voters.add(node);
        if (members[node] !== undefined) {
          const { wasVoter: _, ...member } = members[node];
          members[node] = member;
        }
        break;
      case 'demote':
        if (!isMember) return null;
        if (change.isReplaced && voters.has(node) && members[node] !== undefined) {
          members[node] = { ...members[node], wasVoter: true };
        }
        voters.delete(node);
        learners.add(node);
        break;
      case 'remove':
        voters.delete(node);
        learners.delete(node);
        delete members[node];
        break;
      case 'update':
        if (!isMember) return null;
        members[node] = updated(members[node], change.member);
        break;
      case 'name': {
        const { logId, seen } = change;
        const member = members[node] ?? { peer: null, client: null, logId: null };
        // Of another disk than the one that counts, nothing is said; nor of one that belongs to no member.
        if (!isMember || (member.logId !== null && member.logId !== logId)) break;
        members[node] = { ...member, logId, ...(seen === undefined ? {} : { seen }) };
      }
    }
  }
  return { voters: ascending(voters), learners: ascending(learners), members };
};

/** A member that stays on its disk unless another is named. */
const updated = (before: Member | undefined, after: Member): Member => {
  const logId = after.logId ?? before?.logId ?? null;
  return {
    ...after,
    logId,
    ...(before?.seen !== undefined && before.logId === logId ? { seen: before.seen } : {}),
    ...(before?.wasVoter ? { wasVoter: true } : {}),
  };
};

/** Whether both have the same members, each in the same part, at the same place and on the same disk: nothing else can be asked for. */
export const isSameTarget = (one: Target, other: Target): boolean =>
  sameIds(one.voters, other.voters) &&
  sameIds(one.learners, other.learners) &&
  JSON.stringify(fieldsOf(one.members)) === JSON.stringify(fieldsOf(other.members));

const fieldsOf = (members: Target['members']) =>
  Object.entries(members)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, { peer, client, logId }]) => [id, peer, client, logId]);
