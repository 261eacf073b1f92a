import type { Configuration } from './configuration.ts';
import type { LogIndex, NodeId } from './types.ts';

/** Whether `ids` include a majority of the voters, and, while the configuration is joint, of those before as well. Thesis §4.3. */
export const hasQuorum = ({ voters, outgoing }: Configuration, ids: readonly NodeId[]): boolean =>
  hasMajority(voters, ids) && (outgoing.length === 0 || hasMajority(outgoing, ids));

/** The highest index that every quorum of the configuration has reached, according to `indexOf`. Figure 2, "Rules for Servers, Leaders"; thesis §4.3. */
export const quorumIndex = (
  { voters, outgoing }: Configuration,
  indexOf: (id: NodeId) => LogIndex,
): LogIndex => {
  const index = majorityIndex(voters, indexOf);
  return outgoing.length === 0 ? index : Math.min(index, majorityIndex(outgoing, indexOf));
};

const hasMajority = (voters: readonly NodeId[], ids: readonly NodeId[]): boolean => {
  let present = 0;
  for (const voter of voters) if (ids.includes(voter)) present++;
  return present * 2 > voters.length;
};

const majorityIndex = (voters: readonly NodeId[], indexOf: (id: NodeId) => LogIndex): LogIndex => {
  const indexes = voters.map(indexOf).sort((a, b) => b - a);
  return indexes[Math.floor(indexes.length / 2)]!;
};
