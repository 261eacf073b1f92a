import { nodeOf, type Property, violation } from './property.ts';

/**
 * Terms, commit index and applied index never go back while a node runs; a vote stands for its term; and across a crash no
 * durable term goes back, and no vote is forgotten. Raft paper Figure 2, "State"; §5.1, §5.2.
 */
export const neverBack: Property = (before, step, after) => {
  if (step.type !== 'stepped' && step.type !== 'started') return null;
  const was = nodeOf(before, step.node);
  const is = nodeOf(after, step.node);
  const name = `node${is.id}`;
  if (step.type === 'started') {
    const { durable } = was;
    if (is.currentTerm < durable.currentTerm) {
      return violation(
        'Term Never Falls',
        `${name} had term ${durable.currentTerm} on disk`,
        `it starts in term ${is.currentTerm}`,
      );
    }
    if (
      is.currentTerm === durable.currentTerm &&
      durable.votedFor !== null &&
      is.votedFor !== durable.votedFor
    ) {
      return violation(
        'One Vote Per Term',
        `${name} had a vote for node${durable.votedFor} in term ${durable.currentTerm} on disk`,
        is.votedFor === null ? 'it starts without one' : `it starts with one for node${is.votedFor}`,
      );
    }
    return null;
  }
  if (is.currentTerm < was.currentTerm) {
    return violation(
      'Term Never Falls',
      `${name} was in term ${was.currentTerm}`,
      `it is in term ${is.currentTerm}`,
    );
  }
  if (is.currentTerm === was.currentTerm && was.votedFor !== null && is.votedFor !== was.votedFor) {
    const now = is.votedFor === null ? 'it has no vote' : `its vote is node${is.votedFor}'s`;
    return violation(
      'One Vote Per Term',
      `${name} voted for node${was.votedFor} in term ${was.currentTerm}`,
      now,
    );
  }
  if (is.commitIndex < was.commitIndex) {
    return violation(
      'Commit Index Never Falls',
      `${name} had committed up to ${was.commitIndex}`,
      `its commit index is ${is.commitIndex}`,
    );
  }
  if (is.lastApplied < was.lastApplied) {
    return violation(
      'Applied Index Never Falls',
      `${name} had applied up to ${was.lastApplied}`,
      `its applied index is ${is.lastApplied}`,
    );
  }
  return null;
};
