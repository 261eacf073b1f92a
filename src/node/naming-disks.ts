import { type Configuration, isVoter, membersOf } from '../raft/configuration.ts';
import type { MemberChange } from '../raft/members.ts';
import type { PeerLinks } from './peer-links.ts';

/**
 * `changes`, with the disks that the leader knows. A new member's is the one on which it waits; that of a learner which is promoted is the one on which it
 * catches up: from then on every node knows whose votes count, however little it has met of its peers. Who has not come yet is named by nobody: it is
 * whichever disk each node hears first.
 */
export const namingDisks = (
  changes: readonly MemberChange[],
  current: Configuration,
  links: Pick<PeerLinks, 'believedLogIdOf' | 'strangersLogIdOf'>,
): readonly MemberChange[] =>
  changes.map((change) => {
    const { type, node } = change;
    if (type === 'add' && change.member.logId === null && !membersOf(current).includes(node)) {
      return { ...change, member: { ...change.member, logId: links.strangersLogIdOf(node) } };
    }
    if (type === 'promote' && !isVoter(current, node) && current.members[node]?.logId === null) {
      const logId = links.believedLogIdOf(node);
      return logId === null ? change : { ...change, logId };
    }
    return change;
  });
