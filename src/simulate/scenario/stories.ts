import { readFileSync } from 'node:fs';
import { election } from './stories/election.ts';
import { figure8, figure8Committed } from './stories/figure-8.ts';
import { golden } from './stories/golden.ts';
import { healing } from './stories/healing.ts';
import { lostHeartbeats } from './stories/lost-heartbeats.ts';
import { perpetualSplitVote } from './stories/perpetual-split-vote.ts';
import { reElection } from './stories/re-election.ts';
import { simultaneousCrashes } from './stories/simultaneous-crashes.ts';
import type { Story } from './story.ts';
import { type TextStory, textStory } from './text/text-story.ts';

/** The story in `stories/NAME.txt`. */
const toldInText = (name: string): TextStory => {
  const file = `${name}.txt`;
  return textStory(file, readFileSync(new URL(`stories/${file}`, import.meta.url), 'utf8'));
};

/** Every story, in the order in which one may want to read them. */
export const stories: readonly Story[] = [
  golden,
  election,
  toldInText('vote-by-vote'),
  reElection,
  toldInText('split-vote'),
  perpetualSplitVote,
  toldInText('pre-vote'),
  toldInText('election-restriction'),
  toldInText('late-vote-request'),
  toldInText('restart-keeps-term'),
  toldInText('delayed-replication'),
  toldInText('lagging-commit'),
  toldInText('probe-and-replicate'),
  lostHeartbeats,
  toldInText('stale-leader'),
  toldInText('leader-isolation'),
  toldInText('check-quorum'),
  toldInText('split-brain'),
  healing,
  toldInText('crash-before-commit'),
  toldInText('log-divergence'),
  simultaneousCrashes,
  toldInText('figure-7'),
  figure8,
  figure8Committed,
  toldInText('snapshot'),
  toldInText('snapshot-with-newer-entries'),
  toldInText('add-and-remove-voter'),
  toldInText('joint-configuration'),
  toldInText('leader-transfer'),
  toldInText('read-index'),
];
