import type { RequestedChange } from '../../store/http/members-request.ts';
import { exitCodes } from '../exit-codes.ts';
import { ask, type KnownLeader, leaderIn, problemIn } from './leader.ts';
import { membersOperation } from './operations.ts';
import { answeredError, failure, jsonLine, printed, type Report } from './report.ts';
import type { Reply } from './send-request.ts';
import { jsonBody } from './session.ts';
import { askStatus } from './status.ts';

export interface ChangeOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  /** Asks this one endpoint only. */
  readonly isTargeted: boolean;
  /** How long to try while there is no leader; one that works on the change is given as long as it takes. */
  readonly timeoutMs: number;
  readonly asJson: boolean;
}

/** Between two attempts. */
const retryMs = 50;
/** How often it is asked, while the leader works, whether it still leads. */
const watchMs = 500;
/** The least that an answer is waited for. */
const shortestWaitMs = 100;

/**
 * Finds the leader, asks it for the changes and reports once they are committed. If its answer is lost, or it is deposed, the next leader is asked for the same: what
 * has been done by then changes nothing. Never rejects.
 */
export const changeMembers = async (
  changes: readonly RequestedChange[],
  { endpoints, isTargeted, timeoutMs, asJson }: ChangeOptions,
): Promise<Report> => {
  const waitMs = Math.max(shortestWaitMs, timeoutMs / 4);
  let problem = 'no leader is known';
  /** Whether some leader was asked that may have begun. */
  let isBegun = false;
  let deadlineMs = performance.now() + timeoutMs;

  while (performance.now() < deadlineMs) {
    const leader = leaderIn(await askStatus(endpoints, waitMs));
    const endpoint = isTargeted ? endpoints[0]! : leader?.endpoint;
    if (endpoint) {
      const watch = watchLeader(endpoints, leader, timeoutMs, waitMs);
      const reply = await ask(endpoint, membersOperation(changes), Number.POSITIVE_INFINITY, watch.lost);
      watch.stop();
      const decision = typeof reply === 'string' ? null : decisionIn(reply, { isTargeted, isBegun, asJson });
      if (decision !== null) return decision;
      if (isOpen(reply)) {
        isBegun = true;
        deadlineMs = performance.now() + timeoutMs;
      }
      problem = `${typeof reply === 'string' ? reply : problemIn(reply)} at ${endpoint}`;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  return failure(exitCodes.timeout, {
    error: 'timeout',
    message: `timed out after ${timeoutMs} ms without a leader (${problem})`,
    mayHaveHappened: isBegun,
  });
};

/** Whether it may have begun although this is no answer to it. */
const isOpen = (reply: Reply | string): boolean =>
  typeof reply === 'string'
    ? reply !== 'ECONNREFUSED'
    : reply.status === 504 || jsonBody(reply)?.error === 'changing';

/** `lost` resolves once another node leads than `asked`, or nobody knows of a leader for `timeoutMs`. */
const watchLeader = (
  endpoints: readonly string[],
  asked: KnownLeader | null,
  timeoutMs: number,
  waitMs: number,
): { readonly lost: Promise<string>; stop(): void } => {
  const { promise: lost, resolve } = Promise.withResolvers<string>();
  let seenMs = performance.now();
  let timer: NodeJS.Timeout;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const leader = leaderIn(await askStatus(endpoints, waitMs));
    if (isStopped) return;
    if (leader !== null && leader.id !== asked?.id) return resolve('another node leads');
    if (leader !== null) seenMs = performance.now();
    if (performance.now() - seenMs > timeoutMs) return resolve('no leader any more');
    timer = setTimeout(look, watchMs);
  };
  timer = setTimeout(look, watchMs);
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { lost, stop };
};

/** What the command reports; null: this reply decides nothing. */
const decisionIn = (
  reply: Reply,
  { isTargeted, isBegun, asJson }: { isTargeted: boolean; isBegun: boolean; asJson: boolean },
): Report | null => {
  const body = jsonBody(reply);
  if (reply.status === 200) {
    if (typeof body?.changed !== 'boolean') return failure(exitCodes.failure, answeredError(reply));
    const { changed, index } = body;
    if (asJson) return printed(jsonLine({ ok: true, changed, index }));
    return printed(`OK ${changed ? 'changed' : 'unchanged'} index=${index}\n`);
  }
  if (reply.status === 421 && isTargeted) {
    return failure(exitCodes.notLeader, { error: 'not_leader', leader: body?.leader });
  }
  // What was begun for this very command is in its own way until the next leader has finished it.
  const isInItsOwnWay = body?.error === 'changing' && isBegun;
  const isPassing = isInItsOwnWay || body?.error === 'transferring';
  const isUndecided = isPassing || reply.status === 421 || reply.status === 429 || reply.status >= 500;
  return isUndecided ? null : failure(exitCodes.failure, answeredError(reply));
};
