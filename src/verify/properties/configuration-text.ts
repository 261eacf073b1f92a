import type { Configuration } from '../../raft/configuration.ts';
import type { NodeId } from '../../raft/types.ts';

/** For people: who decides, such as `1,2,3`, or `2,3,4 together with 1,2,3`. */
export const decidersText = ({ voters, outgoing }: Configuration): string =>
  outgoing.length > 0 ? `${list(voters)} together with ${list(outgoing)}` : list(voters);

/** The same after `of`, as a plain number where all nodes vote. */
export const votersText = (configuration: Configuration, nodes: number): string =>
  configuration.outgoing.length === 0 && configuration.voters.length === nodes
    ? `${nodes}`
    : `the voters ${decidersText(configuration)}`;

const list = (ids: readonly NodeId[]): string => ids.join(',');
