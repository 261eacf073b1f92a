import { crashBeforeCommit } from './stories/crash-before-commit.ts';
import { delayedReplication } from './stories/delayed-replication.ts';
import { election } from './stories/election.ts';
import { electionRestriction } from './stories/election-restriction.ts';
import { figure7 } from './stories/figure-7.ts';
import { figure8, figure8Committed } from './stories/figure-8.ts';
import { golden } from './stories/golden.ts';
import { healing } from './stories/healing.ts';
import { lateVoteRequest } from './stories/late-vote-request.ts';
import { leaderIsolation } from './stories/leader-isolation.ts';
import { logDivergence } from './stories/log-divergence.ts';
import { lostHeartbeats } from './stories/lost-heartbeats.ts';
import { perpetualSplitVote } from './stories/perpetual-split-vote.ts';
import { reElection } from './stories/re-election.ts';
import { restartKeepsTerm } from './stories/restart-keeps-term.ts';
import { simultaneousCrashes } from './stories/simultaneous-crashes.ts';
import { splitBrain } from './stories/split-brain.ts';
import { splitVote } from './stories/split-vote.ts';
import { staleLeader } from './stories/stale-leader.ts';
import type { Story } from './story.ts';

/** Every story, in the order in which one may want to read them. */
export const stories: readonly Story[] = [
  golden,
  election,
  reElection,
  splitVote,
  perpetualSplitVote,
  electionRestriction,
  lateVoteRequest,
  restartKeepsTerm,
  delayedReplication,
  lostHeartbeats,
  staleLeader,
  leaderIsolation,
  splitBrain,
  healing,
  crashBeforeCommit,
  logDivergence,
  simultaneousCrashes,
  figure7,
  figure8,
  figure8Committed,
];
