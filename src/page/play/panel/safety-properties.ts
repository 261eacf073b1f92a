import type { properties } from '../../../verify/properties/check-step.ts';

export interface SafetyProperty {
  readonly name: string;
  /** What must be so, in one sentence. */
  readonly says: string;
  readonly source: string;
  /** Under which other names a violation of it is reported. */
  readonly alsoNamed?: readonly string[];
}

/** Each property that is checked after every step, for people. */
export const safetyProperties: Readonly<Record<keyof typeof properties, SafetyProperty>> = {
  electionSafety: {
    name: 'Election Safety',
    says: 'At most one leader is elected in a term.',
    source: 'Raft paper §5.2',
  },
  leaderAppendOnly: {
    name: 'Leader Append-Only',
    says: 'A leader never changes or deletes entries of its log; it only appends.',
    source: 'Raft paper §5.3',
  },
  logMatching: {
    name: 'Log Matching',
    says: 'Two logs that hold an entry of the same index and term are equal up to it.',
    source: 'Raft paper §5.3',
  },
  leaderCompleteness: {
    name: 'Leader Completeness',
    says: 'What is committed in a term is in the log of each leader of later terms.',
    source: 'Raft paper §5.4',
  },
  stateMachineSafety: {
    name: 'State Machine Safety',
    says: 'No two nodes apply different entries at the same index.',
    source: 'Raft paper §5.4.3',
  },
  committedOnMajority: {
    name: 'Committed On Majority',
    says: 'A leader commits only what is on the disks of a majority.',
    source: 'Raft paper §5.3, §5.4.2',
  },
  durableBeforePromised: {
    name: 'Durable Before Promised',
    says: 'A message leaves only when what it promises is on the disk.',
    source: 'Raft paper Figure 2, §5.1',
  },
  neverBack: {
    name: 'Never Back',
    says: 'Terms, commit and applied indexes never fall, and a vote never changes within its term.',
    source: 'Raft paper Figure 2',
    alsoNamed: [
      'Term Never Falls',
      'One Vote Per Term',
      'Commit Index Never Falls',
      'Applied Index Never Falls',
    ],
  },
  snapshotSafety: {
    name: 'Snapshot Safety',
    says: 'A snapshot stands only for what is committed, and for all of it up to its index.',
    source: 'Raft paper §7',
  },
  configurationSafety: {
    name: 'Configuration Safety',
    says: 'Any two configurations that may decide at the same time share a majority.',
    source: 'Thesis §4.1, §4.3',
  },
  readSafety: {
    name: 'Read Safety',
    says: 'A read misses nothing that was committed before it was asked for.',
    source: 'Thesis §6.4',
  },
  noFalseReport: {
    name: 'No False Report',
    says: 'No node claims that another has lost entries which it still holds.',
    source: 'Raft paper §5.3',
  },
  localInvariants: {
    name: 'Local Invariants',
    says: 'Each node agrees with itself: applied is committed, committed is in the log, terms rise along it.',
    source: 'Raft paper Figure 2',
    alsoNamed: [
      'Each Entry Has A Term',
      'Terms Rise Along A Log',
      'No Entry Of A Later Term',
      'Applied Is Committed',
      'Committed Is In The Log',
    ],
  },
};
