import { currentConfiguration } from '../../../src/raft/configuration.ts';
import { withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { logNotCompared, voteSentBeforePersisted } from '../../../src/simulate/broken/broken-charts.ts';
import { preCandidatesRefuse } from '../../mutants/broken-rules.ts';

/** Charts that `raftchart explore --chart` is tried on. */
export const votesTwice = withGuards({ votedForAnother: () => false });
export const staleLogsWin = logNotCompared;
/** Half of the voters elect: of three, that is still a majority. */
export const halfElects = withGuards({
  isVoteQuorum: ({ context: { votesGranted, configurations } }) =>
    (votesGranted.length + 1) * 2 >= currentConfiguration(configurations).voters.length,
});
export const earlyVote = voteSentBeforePersisted;
export const mutualRefusal = preCandidatesRefuse;
