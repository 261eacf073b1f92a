/** Why nobody finds some mutants: a node with one does nothing else than it should, whatever happens to it. */
export interface Explanation {
  readonly reason: string;
  /** Keys of the mutants. */
  readonly mutants: readonly string[];
}

export const explained: readonly Explanation[] = [
  {
    reason: 'Equal terms do not come here: the line before has compared them.',
    mutants: ['src/raft/election.ts isLogBehind: request.lastLogTerm < ours → request.lastLogTerm <= ours'],
  },
  {
    reason: 'Makes what is there already once more, with the same content.',
    mutants: [
      'src/raft/append-entries.ts acceptAppend: added.length > 0 → added.length >= 0',
      'src/raft/hear.ts hear: round > known.round → round >= known.round',
      'src/raft/log-shape.ts dropUpTo: index <= log.snapshotIndex → index < log.snapshotIndex',
      'src/raft/snapshots.ts adoptSnapshot: index <= context.log.lastIndex → index < context.log.lastIndex',
      'src/raft/snapshots.ts forgetSnapshot: event.index > snapshot.index → event.index >= snapshot.index',
      'src/raft/snapshots.ts configurationsFrom: at <= 0 → at < 0',
    ],
  },
  {
    reason:
      'nextIndex is always beyond matchIndex (Raft paper, Figure 2), so it is the larger of the two either way.',
    mutants: ['src/raft/progress.ts highest: progress.matchIndex + 1 → progress.matchIndex'],
  },
  {
    reason: 'Only asked while a change of the members catches up, so there is one.',
    mutants: ['src/raft/catch-up.ts isCatchUpStuck: return false; → return true;'],
  },
  {
    reason: 'A change that names an unknown member has been refused by the branch before.',
    mutants: ['src/raft/membership.ts putsVoterOnOtherDisk: return false; → return true;'],
  },
];
