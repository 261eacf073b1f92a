import type { RaftNode } from '../../node/node.ts';
import type { Log } from '../../ports/log.ts';
import { nodeName } from '../../raft/types.ts';
import type { ClientPorts } from './client-ports.ts';

/** Hands leadership over, and waits until requests that were accepted before are answered. Takes two election timeouts at most. */
export const handOver = async (
  node: RaftNode<unknown>,
  ports: ClientPorts,
  electionTimeoutMs: number,
  log: Log,
): Promise<void> => {
  // A target that does not take over is given up after one election timeout, by the node itself.
  const outcome = await within(electionTimeoutMs + answerMarginMs, node.transferLeadership(null));
  if (outcome?.type !== 'moved') {
    log.info({ outcome: outcome ?? 'timedOut' }, 'nobody took over the leadership');
    return;
  }
  log.info({ leader: nodeName(outcome.leader) }, 'handed over the leadership');
  await within(electionTimeoutMs, ports.close());
};

const answerMarginMs = 50;

/** The value of `promise`, or null if it takes longer. */
const within = async <Value>(ms: number, promise: Promise<Value>): Promise<Value | null> => {
  const { promise: over, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  const first = await Promise.race([promise, over]);
  clearTimeout(timer);
  return first;
};
