import type { LogShape } from '../../raft/log-shape.ts';
import { termAt } from '../../raft/log-shape.ts';
import type { LogIndex } from '../../raft/types.ts';
import { nodeOf, type Property, violation } from './property.ts';

/** "A leader never overwrites or deletes entries in its log; it only appends new entries." Raft paper Figure 3, §5.3. */
export const leaderAppendOnly: Property = (before, step, after) => {
  if (step.type !== 'stepped') return null;
  const was = nodeOf(before, step.node);
  const is = nodeOf(after, step.node);
  if (was.log === is.log || was.role !== 'leader' || is.role !== 'leader') return null;
  if (!was.isUp || was.currentTerm !== is.currentTerm) return null;
  const index = firstChange(was.log, is.log);
  if (index === 0) return null;
  const now = index > is.log.lastIndex ? 'it has none' : `it is of term ${termAt(is.log, index)}`;
  return violation(
    'Leader Append-Only',
    `node${is.id}, leading term ${is.currentTerm}, held entry ${index} of term ${termAt(was.log, index)}`,
    `one step later ${now}`,
  );
};

/** The first index at which `log` no longer holds what `before` held; 0 if it still holds all of it. */
const firstChange = (before: LogShape, log: LogShape): LogIndex => {
  const { runs } = before;
  for (let at = 0; at < runs.length; at++) {
    const run = runs[at]!;
    const last = (runs[at + 1]?.firstIndex ?? before.lastIndex + 1) - 1;
    const first = Math.max(run.firstIndex, log.snapshotIndex + 1);
    if (first > last || (termAt(log, first) === run.term && termAt(log, last) === run.term)) continue;
    for (let index = first; index <= last; index++) if (termAt(log, index) !== run.term) return index;
  }
  return 0;
};
