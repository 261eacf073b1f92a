import type { NodeId, Term } from '../../raft/types.ts';
import { distrustOf, type Reach } from './reach.ts';
import { outOfReach, type Report } from './report.ts';
import { type Operation, type Reply, sendRequest } from './send-request.ts';
import { jsonBody } from './session.ts';
import { type EndpointStatus, isSettled } from './status.ts';

export interface KnownLeader {
  readonly id: NodeId;
  readonly term: Term;
  /** Null: nobody knows where it is. */
  readonly endpoint: string | null;
}

/** Who leads by the newest term that somebody knows of. */
export const leaderIn = (answers: readonly EndpointStatus[]): KnownLeader | null => {
  const nodes = answers.filter((answer) => 'status' in answer);
  const [newest] = nodes
    .filter(({ status }) => status.leader !== null)
    .toSorted((a, b) => b.status.term - a.status.term);
  if (newest === undefined) return null;
  const { term } = newest.status;
  const id = newest.status.leader!;
  const own = nodes.find(({ status }) => status.id === id)?.endpoint;
  const peer = nodes.flatMap(({ status }) => status.peers).find((each) => each.id === id && each.endpoint);
  return { id, term, endpoint: own ?? peer?.endpoint ?? null };
};

/** Why there is no reply. */
export interface NoReply {
  /** A few words, such as `ECONNREFUSED`; if `isLasting`, a sentence that names the endpoint and the remedy. */
  readonly problem: string;
  /** Trying again does not change it. */
  readonly isLasting: boolean;
  /** False: nothing was sent. */
  readonly mayHaveArrived: boolean;
}

export const noAnswer = 'no answer in time';

/** The reply, or why there is none. Infinity: it is waited for as long as it takes, until `given` says why no more. */
export const ask = (
  reach: Reach,
  endpoint: string,
  operation: Operation,
  waitMs: number,
  given: Promise<string> = new Promise(() => {}),
): Promise<Reply | NoReply> =>
  new Promise((resolve) => {
    const settle = (result: Reply | NoReply): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const distrust = distrustOf(reach, endpoint);
    if (distrust !== null) {
      resolve({ problem: distrust, isLasting: true, mayHaveArrived: false });
      return;
    }
    const giveUp = (problem: string): void => settle({ problem, isLasting: false, mayHaveArrived: cancel() });
    const cancel = sendRequest(
      reach,
      endpoint,
      operation,
      {},
      {
        answered: settle,
        refused: (problem, isLasting) => settle({ problem, isLasting, mayHaveArrived: false }),
        broken: (problem) => settle({ problem, isLasting: false, mayHaveArrived: true }),
      },
    );
    const timer =
      waitMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => giveUp(noAnswer), Math.max(1, waitMs));
    given.then(giveUp);
  });

/** Why `endpoint` has decided nothing. */
export const undecidedWords = (reply: Reply | NoReply, endpoint: string): string => {
  if (!('problem' in reply)) return `${problemIn(reply)} at ${endpoint}`;
  return reply.isLasting ? reply.problem : `${reply.problem} at ${endpoint}`;
};

/** What a reply says that decides nothing. */
export const problemIn = (reply: Reply): string => {
  const error = jsonBody(reply)?.error;
  return typeof error === 'string' ? error : `status ${reply.status}`;
};

/** The report if the leader that `answers` name can never be reached, nor any endpoint that has not answered; otherwise null. */
export const deadEndIn = (
  answers: readonly EndpointStatus[],
  reply: Reply | NoReply,
  mayHaveHappened: boolean,
): Report | null =>
  'problem' in reply && reply.isLasting && answers.every(isSettled)
    ? outOfReach(reply.problem, mayHaveHappened)
    : null;
