import { withGuards } from '../../mutants/broken-chart.ts';
import { preCandidatesRefuse, voteSentBeforePersisted } from '../../mutants/broken-rules.ts';

/** Charts that `raftchart explore --chart` is tried on. */
export const votesTwice = withGuards({ votedForAnother: () => false });
export const staleLogsWin = withGuards({ isLogBehind: () => false });
export const earlyVote = voteSentBeforePersisted;
export const mutualRefusal = preCandidatesRefuse;
