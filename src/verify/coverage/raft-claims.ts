import type { Input } from '../../raft/inputs.ts';
import type { Claim } from '../../statechart/coverage/grounds.ts';

const leased = 'the lease ignores vote requests before the role sees them (thesis §4.2.3)';
const leading = 'a leader ignores vote requests before the role sees them (thesis §4.2.3)';

/** What no message can reach in the role chart. */
export const raftClaims: readonly Claim[] = [
  { state: 'follower.leased', event: 'PreVote', reason: leased },
  { state: 'leader', event: 'PreVote', reason: leading },
];

/** What the role chart is sent from outside; messages are raised only by the term gate. */
export const raftInputs: ReadonlySet<string> = new Set(
  Object.keys({
    Received: true,
    Persisted: true,
    Applied: true,
    Proposed: true,
    TransferRequested: true,
    ReadRequested: true,
  } satisfies Record<Input['type'], true>),
);
