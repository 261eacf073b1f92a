import { assert } from './assert.ts';
import type { RaftContext } from './context.ts';
import { lastTerm } from './log-shape.ts';

/** What each step of a node must preserve, whatever its peers send. On in production: our own bug stops the node. */
export const assertStep = (before: RaftContext, after: RaftContext): void => {
  assert(after.currentTerm >= before.currentTerm, 'terms never fall', after.currentTerm, before.currentTerm);
  assert(
    after.currentTerm > before.currentTerm || before.votedFor === null || after.votedFor === before.votedFor,
    'one vote per term (paper §5.2)',
    after.votedFor,
    before.votedFor,
  );
  assert(
    after.commitIndex >= before.commitIndex,
    'the commit index never falls',
    after.commitIndex,
    before.commitIndex,
  );
  assert(
    after.lastApplied >= before.lastApplied,
    'lastApplied never falls',
    after.lastApplied,
    before.lastApplied,
  );
  assert(
    after.commitIndex <= after.log.lastIndex,
    'only entries in the log are committed',
    after.commitIndex,
    after.log.lastIndex,
  );
  assert(
    after.lastApplied <= after.commitIndex,
    'only committed entries are applied',
    after.lastApplied,
    after.commitIndex,
  );
  assert(
    lastTerm(after.log) <= after.currentTerm,
    'no entry is of a later term than the node',
    lastTerm(after.log),
    after.currentTerm,
  );
};
