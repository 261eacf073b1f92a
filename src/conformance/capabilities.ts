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
  byteLimits: false,
  leaseUntilTimeout: false,
  rpc: false,
  retriesAtHeartbeat: false,
  silentRefusals: false,
  termlessAnswers: false,
  leadsAloneAtOnce: false,
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
  byteLimits: true,
  leaseUntilTimeout: false,
  rpc: false,
  retriesAtHeartbeat: false,
  silentRefusals: false,
  termlessAnswers: false,
  leadsAloneAtOnce: false,
};

export const capabilityNames = Object.keys(noCapabilities) as readonly (keyof Capabilities)[];

interface Need {
  readonly of: keyof Capabilities;
  readonly needs: keyof Capabilities;
  readonly because: string;
}

/** Capabilities that mean nothing without another, or promise what they cannot keep. */
const needed: readonly Need[] = [
  { of: 'leaseReads', needs: 'readIndex', because: 'a lease answers at once the reads that rounds confirm' },
  {
    of: 'leaseReads',
    needs: 'leaderLease',
    because: 'a lease holds only if followers vote for nobody meanwhile',
  },
  { of: 'leaseUntilTimeout', needs: 'leaderLease', because: 'it says how long that lease lasts' },
  { of: 'members', needs: 'noop', because: 'a new leader changes members once its no-op is committed' },
  { of: 'byteLimits', needs: 'pipeline', because: 'only then is it compared how much goes with a message' },
  { of: 'byteLimits', needs: 'batches', because: 'a message of one entry has nothing to leave out' },
];

/** Why no implementation has exactly these, in one line; null: one may. */
export const contradictionIn = (has: Capabilities): string | null => {
  const broken = needed.find(({ of, needs }) => has[of] && !has[needs]);
  if (broken !== undefined) return `${broken.of} needs ${broken.needs}: ${broken.because}`;
  return has.pipeline && has.retriesAtHeartbeat
    ? 'pipeline and retriesAtHeartbeat exclude each other: one sends on before an answer, the other waits for the next heartbeat'
    : null;
};

/** The same without these, and without what needs one of them. */
export const without = (has: Capabilities, names: readonly (keyof Capabilities)[]): Capabilities => {
  const left = { ...has, ...Object.fromEntries(names.map((name) => [name, false])) };
  const orphans = needed.filter(({ of, needs }) => left[of] && !left[needs]).map(({ of }) => of);
  return orphans.length === 0 ? left : without(left, orphans);
};
