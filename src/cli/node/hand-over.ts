import type { RaftNode } from '../../node/node.ts';
import type { Log } from '../../ports/log.ts';
import { nodeName } from '../../raft/types.ts';
import type { HttpApi } from '../../store/http/server.ts';

/** Makes another node lead, and lets the requests that were accepted before be answered. Takes two election timeouts at most. */
export const handOver = async (
  node: RaftNode<unknown>,
  http: HttpApi,
  electionTimeoutMs: number,
  log: Log,
): Promise<void> => {
  // The node itself gives a target that does not take over one election timeout.
  const outcome = await within(electionTimeoutMs + answerMarginMs, node.transferLeadership(null));
  if (outcome?.type !== 'moved') {
    log.info({ outcome: outcome ?? 'timedOut' }, 'nobody took over the leadership');
    return;
  }
  log.info({ leader: nodeName(outcome.leader) }, 'handed over the leadership');
  await within(electionTimeoutMs, http.close());
};

const answerMarginMs = 50;

/** What `promise` resolves with, or null if that takes longer. */
const within = async <Value>(ms: number, promise: Promise<Value>): Promise<Value | null> => {
  const { promise: over, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  const first = await Promise.race([promise, over]);
  clearTimeout(timer);
  return first;
};
