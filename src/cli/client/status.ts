import { wireVersion } from '../../adapters/codec/wire-versions.ts';
import type { NodeStatus, PeerStatus } from '../../node/node.ts';
import { nodeName } from '../../raft/types.ts';
import { exitCodes } from '../exit-codes.ts';
import { statusOperation } from './operations.ts';
import { distrustOf, type Reach } from './reach.ts';
import { answeredError, failure, outOfReach, type Report } from './report.ts';
import { type Reply, sendRequest } from './send-request.ts';
import { jsonBody } from './session.ts';
import { textTable } from './text-table.ts';

/** What one endpoint reports about its node, or why it reports nothing. */
export type EndpointStatus =
  | { readonly endpoint: string; readonly status: NodeStatus }
  | {
      readonly endpoint: string;
      readonly unreachable: string;
      /** Trying again does not change that; `unreachable` names the endpoint and the remedy. */
      readonly isLasting?: true;
      /** The node denies this client access, so there is no point in asking again. */
      readonly denied?: Reply;
    };

/** How much of the time the others have once a node has answered: one that is stopped or cut off would cost all of it. */
const patience = 1 / 4;

/**
 * Asks all endpoints at once; resolves with the answers in their order, after `timeoutMs` at the latest: once all have answered, or those answers are there that
 * are `enough`, or some node has answered and the others are a good deal slower.
 */
export const askStatus = async (
  reach: Reach,
  endpoints: readonly string[],
  timeoutMs: number,
  enough: (status: NodeStatus) => boolean = () => false,
): Promise<EndpointStatus[]> => {
  const over = new AbortController();
  const { signal } = over;
  const timers = [setTimeout(() => over.abort(), timeoutMs)];
  const answers = await Promise.all(
    endpoints.map(async (endpoint) => {
      const answer = await askOne(reach, endpoint, signal);
      if ('status' in answer) {
        if (enough(answer.status)) over.abort();
        timers.push(setTimeout(() => over.abort(), timeoutMs * patience));
      }
      return answer;
    }),
  );
  for (const timer of timers) clearTimeout(timer);
  return answers;
};

/** The report if no node gave its status, and one denied access or none can be reached however often it is tried; otherwise null. */
export const denialIn = (answers: readonly EndpointStatus[], mayHaveHappened = false): Report | null => {
  if (answers.some((answer) => 'status' in answer)) return null;
  const denied = answers.flatMap((answer) => ('denied' in answer ? [answer.denied!] : []))[0];
  if (denied !== undefined) return failure(exitCodes.failure, answeredError(denied));
  const [first] = answers;
  return first !== undefined && 'unreachable' in first && answers.every(isSettled)
    ? outOfReach(first.unreachable, mayHaveHappened)
    : null;
};

/** Whether asking again would change nothing: this node has answered, or can never be reached. */
export const isSettled = (answer: EndpointStatus): boolean =>
  'status' in answer || answer.isLasting !== undefined;

/** Whoever leads knows best who does. */
export const isLeader = ({ role }: NodeStatus): boolean => role === 'leader';

const askOne = (reach: Reach, endpoint: string, signal: AbortSignal): Promise<EndpointStatus> =>
  new Promise((resolve) => {
    const unreachable = (reason: string, isLasting = false): void =>
      resolve({ endpoint, unreachable: reason, ...(isLasting ? { isLasting } : {}) });
    const distrust = distrustOf(reach, endpoint);
    if (distrust !== null) {
      unreachable(distrust, true);
      return;
    }
    const cancel = sendRequest(
      reach,
      endpoint,
      statusOperation,
      {},
      {
        answered: (reply) => {
          const body = jsonBody(reply);
          if (reply.status === 200 && isStatus(body)) resolve({ endpoint, status: body });
          else if (reply.status === 401 || reply.status === 403)
            resolve({ endpoint, unreachable: `answered ${reply.status}${reasonIn(body)}`, denied: reply });
          else unreachable(`answered ${reply.status}${reasonIn(body)}`);
        },
        refused: unreachable,
        broken: unreachable,
      },
    );
    signal.addEventListener('abort', () => {
      cancel();
      unreachable('timeout');
    });
  });

/** What a starting node is doing, or why a node refuses to answer. */
const reasonIn = (body: ReturnType<typeof jsonBody>): string =>
  typeof body?.message === 'string' ? `: ${body.message}` : '';

/** Only what is read here: another version may report more or less. */
const isStatus = (body: unknown): body is NodeStatus => {
  const { id, peers } = (body ?? {}) as Partial<NodeStatus>;
  return Number.isInteger(id) && Array.isArray(peers);
};

/**
 * A table with a line per endpoint, and below it which snapshots are being sent, who refuses whom, and which peers speak an earlier wire version; or a
 * JSON array. Fails with a timeout if none answered.
 */
export const reportStatus = (answers: readonly EndpointStatus[], asJson: boolean): Report => {
  const isReachable = answers.some((answer) => 'status' in answer);
  const failed =
    denialIn(answers) ??
    failure(exitCodes.timeout, { error: 'timeout', message: 'no endpoint is reachable' });
  return {
    stdout: asJson
      ? `${JSON.stringify(answers.map(flat))}\n`
      : table(answers) + snapshotsSent(answers) + refusals(answers) + earlierVersions(answers),
    stderr: isReachable ? '' : failed.stderr,
    exitCode: isReachable ? exitCodes.success : failed.exitCode,
  };
};

const flat = (answer: EndpointStatus): object =>
  'status' in answer
    ? { endpoint: answer.endpoint, ...answer.status }
    : { endpoint: answer.endpoint, error: 'unreachable', reason: answer.unreachable };

const heads = ['ENDPOINT', 'NODE', 'ROLE', 'TERM', 'LEADER', 'COMMITTED', 'APPLIED', 'SNAPSHOT', 'MEMBER'];

const table = (answers: readonly EndpointStatus[]): string => textTable([heads, ...answers.map(row)]);

/** A line for each snapshot that is being sent. */
const snapshotsSent = (answers: readonly EndpointStatus[]): string =>
  linesOf(answers, (status, { id, snapshot }) =>
    snapshot === undefined
      ? null
      : `${nodeName(status.id)} sends ${nodeName(id)} its snapshot up to entry ${snapshot.index}: ${snapshot.sentBytes} bytes so far`,
  );

/** A line for each refusal that some node reports; both sides may report the same one. */
const refusals = (answers: readonly EndpointStatus[]): string =>
  linesOf(answers, (status, { id, refusal }) => {
    if (refusal === undefined) return null;
    const refused = refusal.by === id ? status.id : id;
    return `${nodeName(refusal.by)} refuses ${nodeName(refused)}: ${refusal.reason}`;
  });

/** A line for each peer that is spoken to in an earlier wire version than this program's: not all nodes have been upgraded. */
const earlierVersions = (answers: readonly EndpointStatus[]): string =>
  linesOf(answers, (status, { id, wireVersion: spoken = wireVersion }) =>
    spoken < wireVersion
      ? `${nodeName(status.id)} speaks wire version ${spoken} to ${nodeName(id)}, not ${wireVersion}: docs/upgrades.md`
      : null,
  );

/** What there is to say of each node's peers, each line once. */
const linesOf = (
  answers: readonly EndpointStatus[],
  lineOf: (status: NodeStatus, peer: PeerStatus) => string | null,
): string => {
  const lines = answers.flatMap((answer) =>
    'unreachable' in answer ? [] : answer.status.peers.map((peer) => lineOf(answer.status, peer)),
  );
  return [...new Set(lines)].map((line) => (line === null ? '' : `${line}\n`)).join('');
};

const row = (answer: EndpointStatus): readonly string[] => {
  if ('unreachable' in answer) return [answer.endpoint, '-', `unreachable (${answer.unreachable})`];
  const { id, role, term, leader, commitIndex, lastApplied, snapshot, standing } = answer.status;
  const leaderName = leader === null ? '-' : `node${leader}`;
  return [
    answer.endpoint,
    `node${id}`,
    role,
    String(term),
    leaderName,
    String(commitIndex),
    String(lastApplied),
    // A node of an older version says nothing of snapshots, nor of members.
    String(snapshot?.index ?? '-'),
    standing ?? '-',
  ];
};
