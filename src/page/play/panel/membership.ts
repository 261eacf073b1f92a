import type { Configuration } from '../../../raft/configuration.ts';
import type { NodeId } from '../../../raft/types.ts';

/** Whether two majorities decide. Thesis §4.3. */
export const isJoint = ({ outgoing }: Configuration): boolean => outgoing.length > 0;

export type Standing = 'voter' | 'learner' | 'none';

export const standingOf = (configuration: Configuration | null, id: NodeId): Standing => {
  if (configuration?.voters.includes(id) === true) return 'voter';
  return configuration?.learners.includes(id) === true ? 'learner' : 'none';
};
