import type { LogShape } from '../../../raft/log-shape.ts';
import type { LogIndex, Term } from '../../../raft/types.ts';
import type { Frame, FrameNode } from '../../../simulate/play/frame.ts';

/** How many colours there are for terms before they come again. */
const termColours = 8;

/** The class that gives a term its colour. Two terms that follow each other never have the same; term 0 has none. */
export const termClass = (term: Term): string =>
  term <= 0 ? 'term-none' : `term-${(term - 1) % termColours}`;

/** One entry of a log as it is drawn. */
export interface Cell {
  readonly index: LogIndex;
  /** 0: only the snapshot stands for it. */
  readonly term: Term;
  readonly isCommitted: boolean;
  readonly isApplied: boolean;
  /** Whether it is on the disk for certain. */
  readonly isDurable: boolean;
}

/** The last `count` entries that any node has: all logs are drawn from the same index on, so that one sees who lacks what. */
export const windowOf = ({ nodes }: Frame, count: number): LogIndex => {
  const last = nodes.reduce(
    (highest, { log, disk, isUp }) => Math.max(highest, (isUp ? log : disk.log).lastIndex),
    0,
  );
  return Math.max(1, last - count + 1);
};

/** The entries of a node from index `first` on, at most `count`. Without a process it has what its disk holds. */
export const cellsOf = (node: FrameNode, first: LogIndex, count: number): readonly Cell[] => {
  const log = node.isUp ? node.log : node.disk.log;
  const cells: Cell[] = [];
  for (let index = first; index <= log.lastIndex && index < first + count; index++) {
    const term = termIn(log, index);
    cells.push({
      index,
      term,
      isCommitted: index <= node.commitIndex,
      isApplied: index <= node.lastApplied,
      isDurable:
        index <= node.disk.log.snapshotIndex || (term !== 0 && termIn(node.disk.log, index) === term),
    });
  }
  return cells;
};

/** 0 for an entry that the log does not hold. */
const termIn = ({ runs, snapshotIndex, lastIndex }: LogShape, index: LogIndex): Term => {
  if (index <= snapshotIndex || index > lastIndex) return 0;
  return runs.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? 0;
};
