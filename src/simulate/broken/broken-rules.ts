import type { Replacements } from '../node-parts.ts';
import * as charts from './broken-charts.ts';
import { voteForgotten } from './forgotten-vote.ts';

/** A rule of Raft that can be broken on purpose, to see what it is good for. */
export interface BrokenRule {
  /** As a story names it: `broken: NAME`. */
  readonly name: string;
  /** What is wrong, in one sentence. */
  readonly wrong: string;
  /** Where the rule is laid down that it breaks. */
  readonly source: string;
  /** What no longer holds, as shown by `stories/NAME.txt`. */
  readonly property: string;
  readonly replacements: Replacements;
  /** What shows that it is broken in a random run, beside leaders that are cut off or crash. */
  readonly shownBy?: readonly Circumstance[];
}

/** What there is in a random run, so that certain rules matter. */
export const circumstances = [
  'five voters',
  'repeated messages',
  'slow messages',
  'many reads',
  'lease reads',
  'learners',
  'crashes of followers',
] as const;

export type Circumstance = (typeof circumstances)[number];

/** In the order in which the paper comes to them. */
export const brokenRules: readonly BrokenRule[] = [
  {
    name: 'double-vote',
    wrong: 'A node that starts again has forgotten whom it voted for.',
    source: 'Raft paper §5.2; Figure 2, Persistent state',
    property: 'One Vote Per Term',
    replacements: { storage: voteForgotten },
    shownBy: ['crashes of followers'],
  },
  {
    name: 'vote-before-fsync',
    wrong: 'A vote is sent before the disk holds it.',
    source: 'Raft paper §5.2; Figure 2, Persistent state',
    property: 'Durable Before Promised',
    replacements: { machine: charts.voteSentBeforePersisted },
  },
  {
    name: 'vote-counted-twice',
    wrong: 'A candidate counts votes, not voters, so a repeated answer counts again.',
    source: 'Raft paper §5.2; Figure 2, Candidates',
    property: 'Election Safety',
    replacements: { machine: charts.votesCounted },
    shownBy: ['five voters', 'repeated messages'],
  },
  {
    name: 'delayed-append-truncates',
    wrong: 'A follower replaces all that follows prevLogIndex, so a late message deletes newer entries.',
    source: 'Raft paper §5.3; Figure 2, AppendEntries 3',
    property: 'Leader Completeness',
    replacements: { machine: charts.matchingEntriesDeleted },
    shownBy: ['repeated messages'],
  },
  {
    name: 'acknowledged-before-durable',
    wrong: 'A follower acknowledges entries before its disk holds them.',
    source: 'Raft paper §5.3; Figure 2, Persistent state',
    property: 'Durable Before Promised',
    replacements: { machine: charts.answerBeforeWrite },
  },
  {
    name: 'votes-without-log-check',
    wrong: 'A voter does not ask whether the log of the candidate is as up-to-date as its own.',
    source: 'Raft paper §5.4.1',
    property: 'Leader Completeness',
    replacements: { machine: charts.logNotCompared },
  },
  {
    name: 'figure-8-commit',
    wrong: 'A leader commits entries of earlier terms by counting who holds them.',
    source: 'Raft paper §5.4.2, Figure 8',
    property: 'Leader Completeness',
    replacements: { machine: charts.oldTermsCommitted },
    shownBy: ['slow messages'],
  },
  {
    name: 'learner-counts',
    wrong: 'A leader counts what a learner holds toward the majority of the voters.',
    source: 'Thesis §4.2.1',
    property: 'Committed On Majority',
    replacements: { machine: charts.learnersCounted },
    shownBy: ['learners'],
  },
  {
    name: 'read-without-round',
    wrong: 'A leader answers reads without asking anybody whether it still leads.',
    source: 'Thesis §6.4',
    property: 'Read Safety',
    replacements: { machine: charts.roundSkipped },
    shownBy: ['many reads'],
  },
  {
    name: 'lease-despite-drift',
    wrong: 'A leader trusts its lease for a whole election timeout, as if no clock were fast or slow.',
    source: 'Thesis §6.4.1',
    property: 'Read Safety',
    replacements: { machine: charts.driftIgnored },
    shownBy: ['lease reads'],
  },
];
