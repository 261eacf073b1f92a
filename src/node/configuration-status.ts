import { currentConfiguration, membersOf } from '../raft/configuration.ts';
import type { RaftContext } from '../raft/context.ts';
import type { NodeId } from '../raft/types.ts';
import type { ConfigurationStatus, MemberStatus, Standing } from './node.ts';

type Known = Pick<RaftContext, 'configurations' | 'commitIndex' | 'progress'>;

/** The latest configuration that a node knows, as it tells of it. */
export const configurationStatus = ({
  configurations,
  commitIndex,
  progress,
}: Known): ConfigurationStatus => {
  const current = currentConfiguration(configurations);
  const { index, voters, outgoing, learners } = current;
  const members = membersOf(current).map((id): [NodeId, MemberStatus] => {
    const { peer = null, client = null, logId = null, wasVoter } = current.members[id] ?? {};
    const known = progress[id];
    const member = { peer, client, logId, ...(wasVoter ? { wasVoter } : {}) };
    return [id, known === undefined ? member : { ...member, matchIndex: known.matchIndex }];
  });
  const isCommitted = index <= commitIndex;
  return { index, isCommitted, voters, outgoing, learners, members: Object.fromEntries(members) };
};

/** What node `id` is in its cluster, which `founders` began. `wasMember`: it has been one, as is known from before. */
export const standingOf = (
  id: NodeId,
  { configurations }: Pick<RaftContext, 'configurations'>,
  founders: readonly NodeId[],
  wasMember: boolean,
): Standing => {
  const { voters, outgoing, learners } = currentConfiguration(configurations);
  if (voters.includes(id)) return 'voter';
  if (learners.includes(id)) return outgoing.includes(id) ? 'leaving' : 'learner';
  if (outgoing.includes(id)) return 'leaving';
  // These may tell it, unless a snapshot stands for them.
  const was =
    wasMember || founders.includes(id) || configurations.some((each) => membersOf(each).includes(id));
  return was ? 'removed' : 'waiting';
};
