import type { Problem } from '../raft/effects.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import { lostDiskWords } from './members.ts';

/** What a peer did wrong, and what to do about it, in one line. */
export const problemWords = (peer: NodeId, problem: Problem): string => {
  switch (problem.type) {
    case 'termTooFar':
      return `${nodeName(peer)} names term ${problem.term}, which no correct cluster gets to: its message is ignored. Check what runs there.`;
    case 'lostEntries':
      return `${nodeName(peer)} has lost entries that it had acknowledged, up to ${problem.matchIndex}: this leader counts it no more: ${lostDiskWords(peer)}`;
  }
};
