import type { PathTransition } from './path.ts';

/** Whether this only keeps the books beside what a step is about: what is durable or applied, and that a new leader finds no change of the members to finish. */
export const isBookkeeping = (transition: PathTransition): boolean =>
  transition.event === 'Applied' ||
  (transition.event === 'Persisted' && transition.guard !== 'isSoleVoter') ||
  isUnchanged(transition);

/** Whether this only says that a new leader finds no change of the members to finish. */
export const isUnchanged = ({ id, guard }: PathTransition): boolean =>
  guard === null && id.startsWith('raft.leader.configuration.entering/');
