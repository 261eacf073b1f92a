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
  transfer: false,
  readIndex: false,
  leaseReads: false,
  snapshots: false,
  members: false,
};

/** Of the chart, and so of this repository's own node: a heartbeat is an AppendEntries without entries, as in Figure 2. */
export const chartCapabilities: Capabilities = {
  preVote: true,
  leaderLease: true,
  quorumCheck: true,
  hints: true,
  batches: true,
  pipeline: true,
  noop: true,
  separateHeartbeats: false,
  answersStale: true,
  durable: true,
  showsLog: true,
  slowDisk: true,
  showsTimers: true,
  hostilePeers: true,
  transfer: true,
  readIndex: true,
  leaseReads: true,
  snapshots: true,
  members: true,
};

export const capabilityNames = Object.keys(noCapabilities) as readonly (keyof Capabilities)[];
