/** A bug that a real implementation of Raft had, and the rules here that rule it out. */
export interface HistoricBug {
  readonly title: string;
  /** Names of guards and actions, in any chart. */
  readonly rules: readonly string[];
}

/** Each is also a test (`test/raft/known-raft-bugs.test.ts` and others). */
export const historicBugs: readonly HistoricBug[] = [
  {
    title:
      'A vote was answered before it was on disk: after a restart the node voted again in the same term.',
    rules: ['grantVote', 'votedForAnother'],
  },
  {
    title: 'Votes were counted instead of collected: a reply delivered twice made a leader of a minority.',
    rules: ['isVoteCounted', 'isVoteQuorum', 'recordVote'],
  },
  {
    title: 'Only the index of the previous entry was compared, not its term, and logs diverged in silence.',
    rules: ['isLogMismatch'],
  },
  {
    title: 'A grant from an earlier term was counted in a new campaign.',
    rules: ['isStaleResponse'],
  },
  {
    title: 'Stepping down within a term forgot the vote of that term, and a second one was given.',
    rules: ['redeliver', 'isQuorumLost', 'isDiskStalled'],
  },
  {
    title: 'A candidate did not record its own vote, and helped a rival to win the same term.',
    rules: ['startElection'],
  },
  {
    title:
      'Figure 8: an entry of an earlier term was committed by counting copies, and was overwritten later.',
    rules: ['recordMatch', 'recordPersisted'],
  },
  {
    title:
      'With pre-votes, a long log at an old term and a short log at a new one refused each other forever.',
    rules: ['grantPreVote', 'denyPreVote', 'isVoteRefused'],
  },
  {
    title: 'A leader without a majority still reached one node, whose silence kept the others from electing.',
    rules: ['isQuorumLost', 'startQuorumCheck'],
  },
  {
    title: 'A node that was cut off came back with a high term and deposed a healthy leader.',
    rules: ['isVoteRequest', 'startPreVote'],
  },
  {
    title: 'An empty append with a high commit index committed a tail that the leader does not have.',
    rules: ['acceptAppend'],
  },
  {
    title: 'A delayed append cut off entries that matched, or were committed.',
    rules: ['acceptAppend', 'isCommittedConflict'],
  },
  {
    title: 'A follower whose disk was wiped was told a commit index that it did not hold, and crashed.',
    rules: ['acceptAppend', 'backtrack'],
  },
  {
    title: 'An acknowledgement from before the log was overwritten was counted towards a majority.',
    rules: ['isStaleResponse', 'isStaleRejection', 'isMatchBeyondLog'],
  },
  {
    title: 'A write issued in an earlier term was taken to cover what had replaced it.',
    rules: ['isPersistedInOtherTerm'],
  },
  {
    title: 'A sync failed once, the next one succeeded, and the data in between was gone.',
    rules: ['reportFailure'],
  },
  {
    title: 'A single node answered its client before its disk did, and lost the write in a crash.',
    rules: ['recordPersisted'],
  },
  {
    title: 'A leader whose disk hung kept its leadership by heartbeats, and the cluster stood still.',
    rules: ['isDiskStalled'],
  },
  {
    title: 'A client repeated a write whose answer was lost, and it was applied twice.',
    rules: ['isWriteUndecided', 'isWrite'],
  },
];

/** The bugs that a rule of this name prevents. */
export const bugsPreventedBy = (name: string): readonly string[] =>
  historicBugs.filter(({ rules }) => rules.includes(name)).map(({ title }) => title);
