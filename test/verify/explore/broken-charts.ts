import { currentConfiguration } from '../../../src/raft/configuration.ts';
import { withGuards } from '../../mutants/broken-chart.ts';
import { preCandidatesRefuse, voteSentBeforePersisted } from '../../mutants/broken-rules.ts';

/** Charts that `raftchart explore --chart` is tried on. */
export const votesTwice = withGuards({ votedForAnother: () => false });
export const staleLogsWin = withGuards({ isLogBehind: () => false });
/** Half of the voters elect: of three, that is still a majority. */
export const halfElects = withGuards({
  isVoteQuorum: ({ context: { votesGranted, configurations } }) =>
    (votesGranted.length + 1) * 2 >= currentConfiguration(configurations).voters.length,
});
export const earlyVote = voteSentBeforePersisted;
export const mutualRefusal = preCandidatesRefuse;
