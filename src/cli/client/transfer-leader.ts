import type { NodeId } from '../../raft/types.ts';
import { exitCodes } from '../exit-codes.ts';
import { ask, deadEndIn, leaderIn, type NoReply, undecidedWords } from './leader.ts';
import { transferOperation } from './operations.ts';
import { plainReach, type Reach } from './reach.ts';
import { answeredError, failure, jsonLine, printed, type Report } from './report.ts';
import type { Reply } from './send-request.ts';
import { jsonBody } from './session.ts';
import { askStatus, denialIn, isLeader } from './status.ts';

export interface TransferOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  /** Asks this one endpoint only. */
  readonly isTargeted: boolean;
  readonly timeoutMs: number;
  readonly asJson: boolean;
  /** Default: for an unprotected cluster. */
  readonly reach?: Reach;
}

/** Between two attempts. */
const retryMs = 50;
/** The least that an answer is waited for: a node that is stopped or cut off says nothing, and another one may know more. */
const shortestWaitMs = 100;

/**
 * Finds the leader, asks it to hand over to `target` (null: to the follower that it chooses), and reports once the new leader is known. An answer that
 * is lost costs no second transfer: who leads by then is looked up first. Never rejects.
 */
export const transferLeader = async (target: NodeId | null, options: TransferOptions): Promise<Report> => {
  const { endpoints, isTargeted, timeoutMs, asJson, reach = plainReach } = options;
  const deadlineMs = performance.now() + timeoutMs;
  const remainingMs = (): number => deadlineMs - performance.now();
  const waitMs = (): number => Math.max(1, Math.min(remainingMs(), Math.max(shortestWaitMs, timeoutMs / 4)));
  const moved = (leader: NodeId): Report =>
    printed(asJson ? jsonLine({ ok: true, leader }) : `OK leader=${leader}\n`);
  let problem = 'no leader is known';
  /** Who was asked to hand over and may have done so; null: nobody whose name is known. */
  let asked: NodeId | null = null;
  let mayHaveHappened = false;

  while (remainingMs() > 0) {
    const answers = await askStatus(reach, endpoints, waitMs(), isLeader);
    const denial = denialIn(answers, mayHaveHappened);
    if (denial !== null) return denial;
    const leader = leaderIn(answers);
    const hasMoved = leader !== null && asked !== null && leader.id !== asked;
    if (hasMoved && (target === null || target === leader.id)) return moved(leader.id);
    const endpoint = isTargeted ? endpoints[0]! : leader?.endpoint;
    if (endpoint) {
      const reply = await ask(reach, endpoint, transferOperation(target), remainingMs());
      const decision = 'problem' in reply ? null : decisionIn(reply, isTargeted);
      if (decision !== null) return typeof decision === 'number' ? moved(decision) : decision;
      problem = undecidedWords(reply, endpoint);
      if (isOpen(reply)) {
        asked = leader?.id ?? null;
        mayHaveHappened = true;
      }
      const deadEnd = deadEndIn(answers, reply, mayHaveHappened);
      if (deadEnd !== null) return deadEnd;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(retryMs, Math.max(0, remainingMs()))));
  }
  return failure(exitCodes.timeout, {
    error: 'timeout',
    message: `timed out after ${timeoutMs} ms (${problem})`,
    mayHaveHappened,
  });
};

/** Whether the leader may have handed over: its other answers say that it has not. */
const isOpen = (reply: Reply | NoReply): boolean =>
  'problem' in reply ? reply.mayHaveArrived : reply.status === 502 || reply.status === 504;

/** The new leader, or why there will be none; null: this reply decides nothing. */
const decisionIn = (reply: Reply, isTargeted: boolean): NodeId | Report | null => {
  const body = jsonBody(reply);
  if (reply.status === 200) {
    const leader = Number(/^node(\d+)$/.exec(String(body?.leader))?.[1]);
    return Number.isInteger(leader) ? leader : failure(exitCodes.failure, answeredError(reply));
  }
  if (reply.status === 421 && isTargeted) {
    return failure(exitCodes.notLeader, { error: 'not_leader', leader: body?.leader });
  }
  const isUndecided = reply.status === 421 || reply.status === 429 || reply.status >= 500;
  return isUndecided ? null : failure(exitCodes.failure, answeredError(reply));
};
