import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';
import { smallCluster } from '../../verify/explore/small-cluster.ts';

/** A cluster to look for mutants in, and how many of its states to look at at most: a count, not a time, so that each run sees the same. */
export interface Rung {
  readonly options: ExploreOptions;
  readonly states: number;
}

const all = Number.POSITIVE_INFINITY;

/** Small clusters first; most are exhausted, so that stuck states are found as well. Some five seconds in all on an idle core. */
export const ladder: readonly Rung[] = [
  { options: { ...smallCluster, nodes: 1, maxTerm: 2, maxLog: 3, crashes: 1 }, states: all },
  { options: { ...smallCluster, nodes: 1, maxTerm: 2, maxLog: 2, crashes: 1, disk: 'slow' }, states: all },
  { options: { ...smallCluster, nodes: 2, maxLog: 3 }, states: all },
  { options: { ...smallCluster, nodes: 2, maxTerm: 2, crashes: 1, duplicates: true }, states: all },
  {
    options: { ...smallCluster, nodes: 2, maxTerm: 2, maxLog: 2, messages: 1, crashes: 1, loss: true },
    states: all,
  },
  { options: smallCluster, states: all },
  { options: { ...smallCluster, maxTerm: 2, messages: 1, loss: true }, states: all },
  { options: { ...smallCluster, nodes: 4, loss: true }, states: 100_000 },
  { options: { ...smallCluster, maxTerm: 2, messages: 1, crashes: 1 }, states: 60_000 },
  { options: { ...smallCluster, maxTerm: 3, maxLog: 2, messages: 1 }, states: 60_000 },
  { options: { ...smallCluster, nodes: 2, maxLog: 2, disk: 'slow' }, states: 20_000 },
];
