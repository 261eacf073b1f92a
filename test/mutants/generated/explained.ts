/** Why neither the paths nor the explorer find some mutants. */
export interface Explanation {
  readonly reason: string;
  /**
   * The unit test that finds them: the rule called by itself differs; a node, on all that can happen to it, does nothing that it
   * may not. Without: the rule itself is the same.
   */
  readonly test?: string;
  /** Keys of the mutants. */
  readonly mutants: readonly string[];
}

export const explained: readonly Explanation[] = [
  {
    reason: 'Equal terms do not come here: the line before has compared them.',
    mutants: ['src/raft/election.ts isLogBehind: request.lastLogTerm < ours → request.lastLogTerm <= ours'],
  },
  {
    reason:
      'Every rule compares an index with the last one before it asks for the term there, and none is below 0, the snapshotIndex of a node without snapshots.',
    test: 'test/raft/log-shape.test.ts',
    mutants: [
      'src/raft/log-shape.ts termAt: index > log.lastIndex || index < log.snapshotIndex → index > log.lastIndex && index < log.snapshotIndex',
    ],
  },
  {
    reason:
      'There are no snapshots yet: snapshotIndex and snapshotTerm are 0 in every node, no entry has index or term 0, and nothing is deleted from index 0 on.',
    test: 'test/raft/log-shape.test.ts',
    mutants: [
      'src/raft/log-shape.ts termAt: index < log.snapshotIndex → index <= log.snapshotIndex',
      'src/raft/log-shape.ts lastIndexOfTerm: term === log.snapshotTerm → term !== log.snapshotTerm',
      'src/raft/log-shape.ts lastIndexOfTerm: Math.min(log.snapshotIndex, limit) → Math.max(log.snapshotIndex, limit)',
      'src/raft/log-shape.ts append: log.snapshotIndex + 1 → log.snapshotIndex',
      'src/raft/log-shape.ts append: entry.term >= term → entry.term > term',
      'src/raft/log-shape.ts truncateFrom: index > log.snapshotIndex → index >= log.snapshotIndex',
    ],
  },
  {
    reason:
      'There are no snapshots yet: no index is below snapshotIndex, which is 0, and 0 is never that of an entry.',
    test: 'test/raft/append-entries.test.ts',
    mutants: [
      'src/raft/append-entries.ts isLogMismatch: return false; → return true;',
      'src/raft/append-entries.ts firstDifference: index >= log.snapshotIndex → index > log.snapshotIndex',
    ],
  },
  {
    reason:
      'Differs at prevLogIndex 0 with a prevLogTerm: no frame can carry that, the codec refuses it (src/adapters/codec/message-rules.ts).',
    test: 'test/raft/append-entries.test.ts',
    mutants: [
      'src/raft/append-entries.ts isLogMismatch: request.prevLogIndex < log.snapshotIndex → request.prevLogIndex <= log.snapshotIndex',
    ],
  },
  {
    reason:
      'The longest election timeout is never drawn, and any spread will do (Raft paper §5.2): paths and explorer let timers expire by decree.',
    test: 'test/raft/election-timeout.test.ts',
    mutants: [
      'src/raft/election.ts drawElectionTimeout: electionTimeoutMaxMs - electionTimeoutMinMs + 1 → electionTimeoutMaxMs - electionTimeoutMinMs',
    ],
  },
  {
    reason:
      'Differs only when asked for the last term of the log up to its very end. backtrack, which alone asks, goes to prevLogIndex then, either way: it takes the smaller of that and what stands behind the answer, and never less than 1.',
    test: 'test/raft/log-shape.test.ts',
    mutants: ['src/raft/log-shape.ts lastIndexOfTerm: log.lastIndex + 1 → log.lastIndex'],
  },
];
