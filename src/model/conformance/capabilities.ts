import type { Capabilities } from './protocol.ts';

/** Of an adapter that declares nothing: plain Figure 2 of the Raft paper. */
export const noCapabilities: Capabilities = {
  preVote: false,
  leaderLease: false,
  quorumCheck: false,
  hints: false,
  batches: false,
  pipeline: false,
  noop: false,
  separateHeartbeats: false,
  answersStale: false,
  durable: false,
  showsLog: false,
  slowDisk: false,
  showsTimers: false,
  hostilePeers: false,
};

export const capabilityNames = Object.keys(noCapabilities) as readonly (keyof Capabilities)[];
