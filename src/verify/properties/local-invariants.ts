import { lastTerm } from '../../raft/log-shape.ts';
import type { Violation } from '../../trace/violation.ts';
import { nodeOf, type Property, violation } from './property.ts';
import type { NodeView } from './view.ts';

/** What each node preserves, whatever its peers send. The node asserts the same itself; this check does not rely on that. */
export const localInvariants: Property = (before, step, after) => {
  if (step.type !== 'stepped' && step.type !== 'started') return null;
  const is = nodeOf(after, step.node);
  const name = `node${is.id}`;
  if (is.commitIndex > is.log.lastIndex) {
    return violation(
      'Committed Is In The Log',
      `${name} has committed up to ${is.commitIndex}`,
      `its log ends at ${is.log.lastIndex}`,
    );
  }
  if (is.lastApplied > is.commitIndex) {
    return violation(
      'Applied Is Committed',
      `${name} has applied up to ${is.lastApplied}`,
      `it has committed up to ${is.commitIndex}`,
    );
  }
  const was = nodeOf(before, step.node);
  if (is.log === was.log && is.currentTerm === was.currentTerm) return null;
  if (lastTerm(is.log) > is.currentTerm) {
    return violation(
      'No Entry Of A Later Term',
      `${name} is in term ${is.currentTerm}`,
      `its log ends with an entry of term ${lastTerm(is.log)}`,
    );
  }
  return wrongRun(is);
};

/** The runs of a log are contiguous from its first entry to its last, and their terms rise. */
const wrongRun = ({ id, log }: NodeView): Violation | null => {
  const { snapshotIndex, snapshotTerm, lastIndex, runs } = log;
  const first = runs[0]?.firstIndex ?? lastIndex + 1;
  if (first !== snapshotIndex + 1) {
    return violation(
      'Each Entry Has A Term',
      `node${id} holds entries ${snapshotIndex + 1} to ${lastIndex}`,
      `its terms are known from ${first} on`,
    );
  }
  let previous = { term: snapshotTerm, firstIndex: snapshotIndex };
  for (const run of runs) {
    if (run.term < previous.term) {
      return violation(
        'Terms Rise Along A Log',
        `node${id} holds an entry of term ${previous.term} before ${run.firstIndex}`,
        `entry ${run.firstIndex} is of term ${run.term}`,
      );
    }
    if (run.firstIndex <= previous.firstIndex || run.firstIndex > lastIndex) {
      return violation(
        'Each Entry Has A Term',
        `node${id} holds entries ${snapshotIndex + 1} to ${lastIndex}`,
        `those of term ${run.term} begin at ${run.firstIndex}, behind ${previous.firstIndex}`,
      );
    }
    previous = run;
  }
  return null;
};
