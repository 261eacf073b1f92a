import { type LogShape, termAt } from '../../raft/log-shape.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import { type NodeView, nodeIn, type Step } from './view.ts';

/** Who has led a term. */
export interface Leadership {
  readonly term: Term;
  readonly node: NodeId;
}

/** Committed entries from `firstIndex` up to the next run (or the end). */
export interface CommittedRun {
  readonly firstIndex: LogIndex;
  /** Of the entries. */
  readonly term: Term;
  /** Of the node that was the first to commit them, when it did. */
  readonly committedIn: Term;
  readonly committedBy: NodeId;
}

/** A read that a client waits for. */
export interface OutstandingRead {
  readonly id: number;
  /** Where it was asked for. */
  readonly node: NodeId;
  /** The highest index that anybody had committed by then; never 0. */
  readonly due: LogIndex;
}

/** What has ever been true and must stay so: the little history that Figure 3 needs beyond the present state. Plain JSON. */
export interface History {
  /** Ascending by term; the first node that was seen to lead it. */
  readonly leaders: readonly Leadership[];
  /** Ascending by index. */
  readonly committed: readonly CommittedRun[];
  readonly lastCommitted: LogIndex;
  /** In the order in which they were asked for; those that have nothing to miss are left out. */
  readonly reads: readonly OutstandingRead[];
}

export const emptyHistory: History = { leaders: [], committed: [], lastCommitted: 0, reads: [] };

/** The history after `step`, which led to `nodes`. Returns `history` itself when nothing new happened. */
export const nextHistory = (history: History, step: Step, nodes: readonly NodeView[]): History => {
  if (step.type !== 'stepped' && step.type !== 'started') return nextReads(history, step);
  const node = nodeIn(nodes, step.node);
  const leaders = recordLeader(history.leaders, node);
  if (leaders === history.leaders && node.commitIndex <= history.lastCommitted) return history;
  return {
    ...history,
    leaders,
    committed: recordCommits(history, node),
    lastCommitted: Math.max(history.lastCommitted, node.commitIndex),
  };
};

/** Who led `term` first; undefined if nobody has. */
export const leaderOf = (history: History, term: Term): NodeId | undefined => {
  const { leaders } = history;
  // Nearly always the latest terms are asked for.
  for (let at = leaders.length - 1; at >= 0 && leaders[at]!.term >= term; at--) {
    if (leaders[at]!.term === term) return leaders[at]!.node;
  }
  return undefined;
};

/** The run that holds the committed entry at `index`; undefined beyond what is committed. */
export const committedAt = (history: History, index: LogIndex): CommittedRun | undefined => {
  if (index > history.lastCommitted) return undefined;
  return history.committed.findLast((run) => run.firstIndex <= index);
};

/**
 * The first index from `from` up to `to` whose committed entry `log` does not hold; 0 if it holds them all. Entries
 * that a snapshot covers count as held. Only what was committed before `term` counts.
 */
export const firstMissing = (
  history: History,
  log: LogShape,
  from: LogIndex,
  to: LogIndex,
  term: Term = Number.POSITIVE_INFINITY,
): LogIndex => {
  const { committed, lastCommitted } = history;
  for (let at = committed.length - 1; at >= 0; at--) {
    const run = committed[at]!;
    const last = Math.min((committed[at + 1]?.firstIndex ?? lastCommitted + 1) - 1, to);
    const first = Math.max(run.firstIndex, from, log.snapshotIndex + 1);
    if (last < from) break;
    if (first > last || run.committedIn >= term) continue;
    // Terms never fall along a log: if both ends are of one term, so is everything between.
    if (termAt(log, first) === run.term && termAt(log, last) === run.term) continue;
    for (let index = first; index <= last; index++) if (termAt(log, index) !== run.term) return index;
  }
  return 0;
};

/** A read is outstanding until it is answered, or its node crashes. One that was refused may still be confirmed, which does no harm. */
const nextReads = (history: History, step: Step): History => {
  const { lastCommitted: due, reads } = history;
  switch (step.type) {
    case 'readAsked':
      return due === 0 ? history : { ...history, reads: [...reads, { id: step.id, node: step.node, due }] };
    case 'readConfirmed':
    case 'readAnswered':
      return withoutReads(history, ({ id, node }) => id === step.id && node === step.node);
    case 'crashed':
      return withoutReads(history, ({ node }) => node === step.node);
    default:
      return history;
  }
};

const withoutReads = (history: History, isOver: (read: OutstandingRead) => boolean): History =>
  history.reads.some(isOver) ? { ...history, reads: history.reads.filter((read) => !isOver(read)) } : history;

const recordLeader = (leaders: readonly Leadership[], node: NodeView): readonly Leadership[] => {
  if (node.role !== 'leader') return leaders;
  const { id, currentTerm: term } = node;
  const last = leaders.at(-1);
  if (last === undefined || last.term < term) return [...leaders, { term, node: id }];
  if (last.term === term || leaders.some((leader) => leader.term === term)) return leaders;
  return [...leaders, { term, node: id }].sort((a, b) => a.term - b.term);
};

const recordCommits = (history: History, node: NodeView): readonly CommittedRun[] => {
  const { lastCommitted } = history;
  const { commitIndex, log, currentTerm: committedIn, id: committedBy } = node;
  if (commitIndex <= lastCommitted) return history.committed;
  const committed = [...history.committed];
  for (let index = lastCommitted + 1; index <= commitIndex; index++) {
    const term = termAt(log, index);
    const last = committed.at(-1);
    if (last?.term === term && last.committedIn === committedIn && last.committedBy === committedBy) continue;
    committed.push({ firstIndex: index, term, committedIn, committedBy });
  }
  return committed;
};
