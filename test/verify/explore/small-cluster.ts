import type { ExploreOptions } from '../../../src/verify/explore/cluster-event.ts';

/** What small explored clusters are made from. */
export const smallCluster: ExploreOptions = {
  nodes: 3,
  spares: 0,
  maxTerm: 1,
  maxLog: 1,
  messages: 2,
  loss: false,
  duplicates: false,
  crashes: 0,
  transfers: 0,
  reads: 0,
  snapshots: 0,
  reconfigurations: 0,
  disk: 'prompt',
};
