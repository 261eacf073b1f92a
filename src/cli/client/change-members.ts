import type { NodeStatus } from '../../node/node.ts';
import { otherDiskOf } from '../../node/replace-disk.ts';
import { nodeName } from '../../raft/types.ts';
import type { RequestedChange, RequestedReplacement } from '../../store/http/members-request.ts';
import { exitCodes } from '../exit-codes.ts';
import { ask, deadEndIn, type KnownLeader, leaderIn, type NoReply, undecidedWords } from './leader.ts';
import { membersOperation } from './operations.ts';
import { plainReach, type Reach } from './reach.ts';
import { answeredError, failure, jsonLine, printed, type Report } from './report.ts';
import type { Reply } from './send-request.ts';
import { jsonBody } from './session.ts';
import { askStatus, denialIn, isLeader } from './status.ts';

export interface ChangeOptions {
  /** Base addresses such as `http://127.0.0.1:8001`. */
  readonly endpoints: readonly string[];
  /** Asks this one endpoint only. */
  readonly isTargeted: boolean;
  /** How long to try while no leader works on the change; one that does, and answers when it is asked for its status, is given as long as it takes. */
  readonly timeoutMs: number;
  readonly asJson: boolean;
  /** Default: for an unprotected cluster. */
  readonly reach?: Reach;
  /** Told what the members have come to, while that changes; default: nobody. */
  readonly progress?: (line: string) => void;
}

type Asked = RequestedChange | RequestedReplacement;

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
  changes: readonly Asked[],
  { endpoints, isTargeted, timeoutMs, asJson, reach = plainReach, progress = () => {} }: ChangeOptions,
): Promise<Report> => {
  let asked = changes;
  const waitMs = Math.max(shortestWaitMs, timeoutMs / 4);
  let problem: string | null = null;
  /** The disk that is to take the place of another has not come yet: what is reported if it does not come in time. */
  let missing: Report | null = null;
  /** Whether some leader was asked that may have begun. */
  let isBegun = false;
  /** The latest term in which a leader was seen at work. */
  let lastTerm = 0;
  // It may go on where somebody stopped waiting for it.
  const isGoingOn = changes.some(({ type }) => type === 'replace');
  let deadlineMs = performance.now() + timeoutMs;

  while (performance.now() < deadlineMs) {
    const answers = await askStatus(reach, endpoints, waitMs, isLeader);
    const denial = denialIn(answers, isBegun);
    if (denial !== null) return denial;
    const leader = leaderIn(answers);
    const endpoint = isTargeted ? endpoints[0]! : leader?.endpoint;
    if (endpoint) {
      asked = await namingDisk(reach, asked, endpoint, waitMs);
      const watch = watchLeader({
        reach,
        endpoints,
        endpoint,
        leader,
        deadlineMs,
        timeoutMs,
        waitMs,
        seen: (status) => {
          const line = progressLine(asked, status);
          if (line !== null) progress(line);
        },
      });
      const reply = await ask(reach, endpoint, membersOperation(asked), Number.POSITIVE_INFINITY, watch.lost);
      const seenTerm = watch.stop();
      const isInItsOwnWay = isBegun || isGoingOn;
      const decision = 'problem' in reply ? null : decisionIn(reply, { isTargeted, isInItsOwnWay, asJson });
      if (decision !== null && !isDiskMissing(reply)) return decision;
      if ('status' in reply) missing = decision;
      isBegun ||= 'problem' in reply ? reply.mayHaveArrived : isOpen(reply);
      // A leader that is lost at work leaves time to find the next one; but once a term, or this would never end.
      if (isOpen(reply) || seenTerm > lastTerm) deadlineMs = performance.now() + timeoutMs;
      lastTerm = Math.max(lastTerm, seenTerm);
      problem = undecidedWords(reply, endpoint);
      const deadEnd = deadEndIn(answers, reply, isBegun);
      if (deadEnd !== null) return deadEnd;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
  if (missing !== null) return missing;
  return failure(exitCodes.timeout, {
    error: 'timeout',
    message: `timed out after ${timeoutMs} ms ${problem === null ? 'without a leader (no leader is known)' : `(${problem})`}`,
    mayHaveHappened: isBegun,
  });
};

/** A replacement by the disk of which its leader knows: the next leader may not have seen it yet. */
const namingDisk = async (
  reach: Reach,
  asked: readonly Asked[],
  endpoint: string,
  waitMs: number,
): Promise<readonly Asked[]> => {
  const unnamed = asked.some((each) => each.type === 'replace' && each.logId === undefined);
  const [answer] = unnamed ? await askStatus(reach, [endpoint], waitMs) : [];
  if (answer === undefined || 'unreachable' in answer) return asked;
  const { status } = answer;
  return asked.map((each) => {
    if (each.type !== 'replace' || each.logId !== undefined) return each;
    const logId = otherDiskOf(status, each.node);
    return logId === null ? each : { ...each, logId };
  });
};

/** How far those have come who are being replaced or promoted. */
const progressLine = (
  asked: readonly Asked[],
  { configuration, lastLogIndex }: NodeStatus,
): string | null => {
  const { learners, members, outgoing } = configuration;
  const awaited = asked
    .filter(({ type }) => type === 'replace' || type === 'promote')
    .map(({ node }) => node);
  const behind = awaited.filter((id) => learners.includes(id));
  if (behind.length > 0) {
    return behind
      .map((id) => `${nodeName(id)} has ${members[id]?.matchIndex ?? 0} of ${lastLogIndex} entries`)
      .join(', ');
  }
  return outgoing.length > 0 ? 'old and new voters decide together' : null;
};

/** Whether a replacement waits for a disk: a node that has just started, or a leader that has just been elected, may soon meet the other. */
const isDiskMissing = (reply: Reply | NoReply): boolean =>
  'status' in reply && jsonBody(reply)?.error === 'no_other_disk';

/** Whether this answer leaves open what becomes of the change: a leader has begun it, or is in the middle of one. */
const isOpen = (reply: Reply | NoReply): boolean =>
  'status' in reply && (reply.status === 504 || jsonBody(reply)?.error === 'changing');

interface Watched {
  readonly reach: Reach;
  readonly endpoints: readonly string[];
  /** Where the change was asked for. */
  readonly endpoint: string;
  /** Who was believed to lead there. */
  readonly leader: KnownLeader | null;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  /** How long an answer to a look is waited for. */
  readonly waitMs: number;
  /** Told what the leader that works on the change says of itself. */
  readonly seen: (leader: NodeStatus) => void;
}

interface Watch {
  /** Resolves once there is a leader of a later term, or the one that was asked has not answered for `timeoutMs`, though not before `deadlineMs`. */
  readonly lost: Promise<string>;
  /** Returns the term in which the leader was seen at work; 0: it was not. */
  stop(): number;
}

/** Looks again and again at the leader that was asked, itself: what the others say of it does not tell whether it is alive. */
const watchLeader = ({
  reach,
  endpoints,
  endpoint,
  leader,
  deadlineMs,
  timeoutMs,
  waitMs,
  seen,
}: Watched): Watch => {
  const { promise: lost, resolve } = Promise.withResolvers<string>();
  const all = [...new Set([...endpoints, endpoint])];
  // With a shorter one it would be given up between two looks.
  const patienceMs = Math.max(timeoutMs, 2 * watchMs);
  let isStopped = false;
  let seenTerm = 0;
  let nextLook: NodeJS.Timeout | undefined;
  const giveUpAt = (ms: number) =>
    setTimeout(() => resolve('no answer'), Math.max(0, ms - performance.now()));
  let giveUp = giveUpAt(deadlineMs);
  const look = async (): Promise<void> => {
    const answers = await askStatus(reach, all, waitMs);
    if (isStopped) return;
    const now = leaderIn(answers);
    // The first look finds out the term, which the others may not know yet.
    const isSame = now !== null && now.id === leader?.id && (seenTerm === 0 || now.term === seenTerm);
    const own = answers.find((answer) => 'status' in answer && answer.status.id === now?.id);
    if (isSame && own && 'status' in own) {
      seen(own.status);
      seenTerm = now.term;
      clearTimeout(giveUp);
      giveUp = giveUpAt(Math.max(deadlineMs, performance.now() + patienceMs));
    } else if (now !== null && now.term > (seenTerm || (leader?.term ?? 0))) {
      return resolve('there is a leader of a later term');
    }
    nextLook = setTimeout(look, watchMs);
  };
  look();
  return {
    lost,
    stop: () => {
      isStopped = true;
      clearTimeout(nextLook);
      clearTimeout(giveUp);
      return seenTerm;
    },
  };
};

/** What the command reports; null: this reply decides nothing. */
const decisionIn = (
  reply: Reply,
  { isTargeted, isInItsOwnWay, asJson }: { isTargeted: boolean; isInItsOwnWay: boolean; asJson: boolean },
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
  const isPassing = (body?.error === 'changing' && isInItsOwnWay) || body?.error === 'transferring';
  const isUndecided = isPassing || reply.status === 421 || reply.status === 429 || reply.status >= 500;
  return isUndecided ? null : failure(exitCodes.failure, answeredError(reply));
};
