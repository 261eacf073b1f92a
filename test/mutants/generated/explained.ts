/** Why neither the paths nor the explorer find some mutants. */
export interface Explanation {
  readonly reason: string;
  /**
   * The unit test that finds them: they show in what neither paths nor explorer look at. Without: they are equivalent, no input
   * that a node can have tells them from the clean build.
   */
  readonly test?: string;
  /** Keys of the mutants. */
  readonly mutants: readonly string[];
}

export const explained: readonly Explanation[] = [
  {
    reason:
      'The branch does nothing, has no target, and nothing behind it or above it handles the event: without it nothing is enabled, which shows the same. That it is written down shows in the diagrams and docs/protocol.md, which npm run verify compares with the chart.',
    mutants: [
      'machines/raft/raft.machine.ts raft Persisted otherwise removed',
      'machines/raft/raft.machine.ts follower RequestVoteResponse otherwise removed',
      'machines/raft/raft.machine.ts follower PreVoteResponse otherwise removed',
      'machines/raft/raft.machine.ts follower AppendEntriesResponse otherwise removed',
      'machines/raft/raft.machine.ts preCandidate RequestVoteResponse otherwise removed',
      'machines/raft/raft.machine.ts preCandidate AppendEntriesResponse otherwise removed',
      'machines/raft/raft.machine.ts candidate PreVoteResponse otherwise removed',
      'machines/raft/raft.machine.ts candidate AppendEntriesResponse otherwise removed',
      'machines/raft/raft.machine.ts leader AppendEntries otherwise removed',
      'machines/raft/raft.machine.ts leader RequestVoteResponse otherwise removed',
      'machines/raft/raft.machine.ts leader PreVoteResponse otherwise removed',
    ],
  },
  {
    reason:
      'A voter that is in the tally twice counts once: hasQuorum counts voters, not votes. The tally itself leaves the node nowhere.',
    mutants: [
      'machines/raft/guards.ts isVoteCounted forced false',
      'machines/raft/raft.machine.ts preCandidate PreVoteResponse isVoteCounted removed',
      'machines/raft/raft.machine.ts candidate RequestVoteResponse isVoteCounted removed',
    ],
  },
  {
    reason: 'Only the names of the effects are read, not what stands behind them.',
    mutants: [
      'src/raft/effects.ts effectNames: persist: true → persist: false',
      'src/raft/effects.ts effectNames: send: true → send: false',
      'src/raft/effects.ts effectNames: replicate: true → replicate: false',
      'src/raft/effects.ts effectNames: apply: true → apply: false',
      'src/raft/effects.ts effectNames: accept: true → accept: false',
      'src/raft/effects.ts effectNames: reject: true → reject: false',
    ],
  },
  {
    reason: 'Equal terms do not come here: the line before has compared them.',
    mutants: ['src/raft/election.ts isLogBehind: request.lastLogTerm < ours → request.lastLogTerm <= ours'],
  },
  {
    reason: 'Where both are equal, either answer is commitIndex.',
    mutants: [
      'src/raft/commit.ts nextCommitIndex: replicated <= leader.commitIndex → replicated < leader.commitIndex',
    ],
  },
  {
    reason:
      'A message of an older term that is not a response was taken by isStaleRequest; a refused pre-vote of an older term, delivered, is ignored by each role.',
    mutants: [
      "src/raft/term.ts isStaleResponse: message.type === 'PreVoteResponse' → message.type !== 'PreVoteResponse' (2)",
    ],
  },
  {
    reason: 'There are no snapshots yet: snapshotIndex and snapshotTerm are 0 in every node.',
    test: 'test/raft/log-shape.test.ts',
    mutants: [
      'src/raft/log-shape.ts termAt: index > log.lastIndex || index < log.snapshotIndex → index > log.lastIndex && index < log.snapshotIndex',
      'src/raft/log-shape.ts termAt: index < log.snapshotIndex → index <= log.snapshotIndex',
      'src/raft/log-shape.ts lastIndexOfTerm: term === log.snapshotTerm → term !== log.snapshotTerm',
      'src/raft/log-shape.ts lastIndexOfTerm: Math.min(log.snapshotIndex, limit) → Math.max(log.snapshotIndex, limit)',
      'src/raft/log-shape.ts append: log.snapshotIndex + 1 → log.snapshotIndex',
      'src/raft/log-shape.ts append: entry.term >= term → entry.term > term',
      'src/raft/log-shape.ts truncateFrom: index > log.snapshotIndex → index >= log.snapshotIndex',
    ],
  },
  {
    reason: 'There are no snapshots yet: no index is below snapshotIndex, and 0 is never that of an entry.',
    test: 'test/raft/append-entries.test.ts',
    mutants: [
      'src/raft/append-entries.ts isLogMismatch: return false; → return true;',
      'src/raft/append-entries.ts firstDifference: index >= log.snapshotIndex → index > log.snapshotIndex',
    ],
  },
  {
    reason: 'Differs at prevLogIndex 0 with a prevLogTerm, which no leader sends.',
    test: 'test/raft/append-entries.test.ts',
    mutants: [
      'src/raft/append-entries.ts isLogMismatch: request.prevLogIndex < log.snapshotIndex → request.prevLogIndex <= log.snapshotIndex',
    ],
  },
  {
    reason:
      'The node applies up to lastIndex: an empty stretch, or one that starts too early, applies nothing more.',
    test: 'test/raft/append-entries.test.ts',
    mutants: [
      'src/raft/append-entries.ts acceptAppend: commitIndex > context.commitIndex → commitIndex >= context.commitIndex',
      'src/raft/append-entries.ts acceptAppend: context.commitIndex + 1 → context.commitIndex',
    ],
  },
  {
    reason: 'The node applies up to lastIndex; where the stretch starts is not read.',
    test: 'test/raft/commit.test.ts',
    mutants: ['src/raft/commit.ts advanceCommit: leader.commitIndex + 1 → leader.commitIndex'],
  },
  {
    reason: 'The die: paths and explorer let timers expire by decree.',
    test: 'test/raft/election-timeout.test.ts',
    mutants: [
      'src/raft/election.ts drawElectionTimeout: electionTimeoutMaxMs - electionTimeoutMinMs + 1 → electionTimeoutMaxMs - electionTimeoutMinMs',
    ],
  },
  {
    reason:
      "A follower whose term at prevLogIndex is the leader's own has nothing to reject: no correct follower hints at it.",
    test: 'test/raft/log-shape.test.ts',
    mutants: [
      'src/raft/log-shape.ts lastIndexOfTerm: log.lastIndex + 1 → log.lastIndex',
      'src/raft/log-shape.ts lastIndexOfTerm: log.runs[at]!.firstIndex > limit → log.runs[at]!.firstIndex >= limit',
    ],
  },
  {
    reason: 'Only a hint that no correct follower gives leads back to what is known to match.',
    test: 'test/raft/progress.test.ts',
    mutants: ['src/raft/progress.ts backtracked: progress.matchIndex + 1 → progress.matchIndex'],
  },
  {
    reason: 'What is not sent yet is not answered: only a hostile follower rejects at nextIndex.',
    test: 'test/raft/replication.test.ts',
    mutants: [
      'src/raft/replication.ts isStaleRejection: response.prevLogIndex >= nextIndex → response.prevLogIndex > nextIndex',
    ],
  },
  {
    reason:
      'One cut more than needed, with tailBytes still an upper bound: smaller messages, the same entries.',
    mutants: [
      'src/raft/log-shape.ts truncateFrom: cut < index → cut <= index',
      'src/raft/log-shape.ts truncateFrom: cuts.length < log.cuts.length → cuts.length <= log.cuts.length',
      'src/raft/log-shape.ts append: tailBytes > entry.payload.length → tailBytes >= entry.payload.length',
    ],
  },
  {
    reason: 'Leaves an empty run behind the new last entry, which what is appended there hides.',
    test: 'test/raft/log-shape.test.ts',
    mutants: ['src/raft/log-shape.ts truncateFrom: run.firstIndex < index → run.firstIndex <= index'],
  },
];
