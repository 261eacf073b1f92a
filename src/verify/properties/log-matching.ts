import { type LogShape, termAt } from '../../raft/log-shape.ts';
import type { LogIndex } from '../../raft/types.ts';
import { nodeOf, type Property, violation } from './property.ts';

/**
 * "If two logs contain an entry with the same index and term, then the logs are identical in all entries up through the
 * given index." Raft paper Figure 3, §5.3. Over log shapes: whether the payloads are equal as well is left to those who hold them.
 */
export const logMatching: Property = (before, step, after) => {
  if (step.type !== 'stepped') return null;
  const node = nodeOf(after, step.node);
  if (node.log === nodeOf(before, step.node).log) return null;
  for (const other of after.nodes) {
    if (other === node || !other.isUp || other.log.runs === node.log.runs) continue;
    const clash = firstClash(node.log, other.log);
    if (clash === null) continue;
    const { index, same } = clash;
    return violation(
      'Log Matching',
      `node${node.id} and node${other.id} both hold entry ${same} of term ${termAt(node.log, same)}`,
      `entry ${index} is of term ${termAt(node.log, index)} on node${node.id} and of term ${termAt(other.log, index)} on node${other.id}`,
    );
  }
  return null;
};

/** An index at which the logs differ, before one, `same`, at which they agree. Walks the runs, not the entries. */
const firstClash = (
  a: LogShape,
  b: LogShape,
): { readonly index: LogIndex; readonly same: LogIndex } | null => {
  const end = Math.min(a.lastIndex, b.lastIndex);
  let index = Math.max(a.snapshotIndex, b.snapshotIndex) + 1;
  let differs = 0;
  for (let atA = 0, atB = 0; index <= end; ) {
    while ((a.runs[atA + 1]?.firstIndex ?? Number.POSITIVE_INFINITY) <= index) atA++;
    while ((b.runs[atB + 1]?.firstIndex ?? Number.POSITIVE_INFINITY) <= index) atB++;
    const isEqual = a.runs[atA]!.term === b.runs[atB]!.term;
    if (isEqual && differs > 0) return { index: differs, same: index };
    if (!isEqual && differs === 0) differs = index;
    const nextA = a.runs[atA + 1]?.firstIndex ?? end + 1;
    const nextB = b.runs[atB + 1]?.firstIndex ?? end + 1;
    index = Math.min(nextA, nextB);
  }
  return null;
};
