import type { Configuration } from './configuration.ts';
import type { LogIndex, NodeId } from './types.ts';

/** Whether `ids` include a majority of the voters. */
export const hasQuorum = (configuration: Configuration, ids: readonly NodeId[]): boolean => {
  let present = 0;
  for (const voter of configuration.voters) if (ids.includes(voter)) present++;
  return present * 2 > configuration.voters.length;
};

/** The highest index that a majority of the voters has reached, according to `indexOf`. Figure 2, "Rules for Servers, Leaders". */
export const quorumIndex = (configuration: Configuration, indexOf: (id: NodeId) => LogIndex): LogIndex => {
  const indexes = configuration.voters.map(indexOf).sort((a, b) => b - a);
  return indexes[Math.floor(indexes.length / 2)]!;
};
