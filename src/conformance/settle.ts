import type { LogIndex, NodeId } from '../raft/types.ts';
import type { Conversation } from './conversation.ts';
import type { Difference } from './difference.ts';
import type { Expected } from './expected.ts';
import type { HonestPeers } from './honest-peers.ts';
import type { AdapterRequest, Capabilities } from './protocol.ts';

/** What a leader is to have sent to a peer. */
export interface Wanted {
  readonly peer: NodeId;
  /** The log of `peer` has the leader's entries up to here, and nothing behind them. */
  readonly holds: LogIndex;
  readonly upTo: LogIndex;
  /** What the adapter's answers are held to meanwhile. */
  readonly expected: Expected;
}

/** Lets a leader send what it will. */
export const heartbeat: AdapterRequest = { do: 'timeout', timer: 'heartbeatInterval' };

/** So many requests in a row may bring a follower nothing, and show no leader that goes back: a heartbeat and an answer, twice. */
const maxIdle = 4;

/**
 * Lets a leader send to a peer, at its own pace, what that is to acknowledge next: heartbeats come, and the peer answers each as its log says. Returns what is
 * wrong: an unsound message, a wrong state, or that the leader never gets there. Null: it has been sent more, and cannot say less where an answer belongs to one request.
 */
export const settle = async (
  { peer, holds: begun, upTo, expected }: Wanted,
  { has, peers, askMore }: Conversation,
): Promise<readonly Difference[] | null> => {
  let holds = begun;
  // How far it has come: the leader only ever goes back behind what was rejected last, and on from what was accepted.
  let rejected = Number.POSITIVE_INFINITY;
  let reached = -1;
  let idle = 0;
  while (!isSettled(peers, peer, holds, upTo, has)) {
    const request = has.rpc ? peers.unansweredBy(peer) : peers.nextFor(peer, holds);
    if (has.rpc && request !== null && request.prevLogIndex <= holds && endOf(request) > upTo) return null;
    const isFurther = peers.sentUpTo(peer, holds) > reached;
    const isBack = request !== null && request.prevLogIndex > holds && request.prevLogIndex < rejected;
    idle = isFurther || isBack ? 0 : idle + 1;
    if (idle > maxIdle) return [stalled(peer, holds, upTo)];
    reached = Math.max(reached, peers.sentUpTo(peer, holds));
    if (isBack) rejected = request.prevLogIndex;
    const answer = peers.answerOf(peer, holds, has.separateHeartbeats);
    if (answer?.success) holds = Math.max(holds, answer.matchIndex);
    const next: AdapterRequest = answer === null ? heartbeat : { do: 'deliver', message: answer };
    const differences = await askMore({ request: next, expected });
    if (differences.length > 0) return differences;
  }
  return [];
};

/** Whether `peer` can say next that it holds everything up to `upTo`. */
const isSettled = (
  peers: HonestPeers,
  peer: NodeId,
  holds: LogIndex,
  upTo: LogIndex,
  has: Capabilities,
): boolean => {
  if (!has.rpc) return peers.sentUpTo(peer, holds) >= upTo;
  const request = peers.unansweredBy(peer);
  return request !== null && request.prevLogIndex <= holds && endOf(request) === upTo;
};

/** The last entry that a request speaks of. */
export const endOf = ({ prevLogIndex, entries }: Request): LogIndex => prevLogIndex + entries.length;

type Request = NonNullable<ReturnType<HonestPeers['unansweredBy']>>;

const stalled = (peer: NodeId, holds: LogIndex, upTo: LogIndex): Difference => {
  const entries = holds + 1 === upTo ? `entry ${upTo}` : `entries ${holds + 1} to ${upTo}`;
  const what =
    holds < upTo ? `${entries}, which it lacks, although it answers` : 'anything that it could answer';
  return {
    kind: 'missing',
    text: `to ${peer} expected ${what}, got nothing of that with several heartbeats`,
  };
};
