import type { PathTransition } from './path.ts';

/** Whether this only keeps the books beside what a step is about: what is durable or applied, and that a new leader finds no change of the members to finish. */
export const isBookkeeping = ({ id, event, guard }: PathTransition): boolean =>
  event === 'Applied' ||
  (event === 'Persisted' && guard !== 'isSoleVoter') ||
  (guard === null && id.startsWith('raft.leader.configuration.entering/'));
