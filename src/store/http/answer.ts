import { Buffer } from 'node:buffer';
import type { NodeStatus, Outcome } from '../../node/node.ts';
import type { Refusal } from '../../node/peer-trust.ts';
import type { ChartStatus } from '../../node/taken-transitions.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { KvResult } from '../kv/kv-state-machine.ts';
import type { SessionResult } from '../sessions/session-state-machine.ts';

/** What is sent back for one request. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Further headers: name, value, name, value. */
  readonly headers: readonly string[];
}

const none: readonly string[] = [];

const json = (status: number, body: string, headers = none): Answer => ({
  status,
  contentType: 'application/json',
  body,
  headers,
});

/** An error that a person can act on. `error` is for programs and never changes. */
export const refusal = (status: number, error: string, message: string, headers = none): Answer =>
  json(status, JSON.stringify({ error, message }), headers);

export const unknownOutcome = json(504, '{"error":"unknown_outcome"}');
export const overloaded = refusal(429, 'overloaded', 'too much is in flight; nothing was done, try again');
const noLeader = json(503, '{"error":"no_leader"}');

export const methodNotAllowed = (allowed: string): Answer =>
  refusal(405, 'method_not_allowed', `allowed here: ${allowed}`, ['allow', allowed]);

export const bodyTooLarge = (maxBytes: number): Answer =>
  refusal(413, 'body_too_large', `a body has at most ${maxBytes} bytes`);

/** What became of a submitted command. */
export const outcomeAnswer = (
  outcome: Outcome<SessionResult<KvResult>>,
  clientEndpointOf: (id: NodeId) => string | null,
): Answer => {
  switch (outcome.type) {
    case 'applied':
      return resultAnswer(outcome.result, outcome);
    case 'notLeader':
      return outcome.leader === null
        ? noLeader
        : json(421, notLeaderBody(outcome.leader, clientEndpointOf(outcome.leader)));
    case 'overloaded':
      return overloaded;
    case 'overwritten':
      return json(409, `{"error":"overwritten","index":${outcome.index},"term":${outcome.term}}`);
    case 'unknownOutcome':
      return unknownOutcome;
  }
};

interface Position {
  readonly index: LogIndex;
  readonly term: Term;
}

const replayed = ['idempotent-replayed', 'true'];

/** `applied` is where the request stands in the log. That is not where its command was applied, if it is a repetition. */
const resultAnswer = (result: SessionResult<KvResult>, applied: Position): Answer => {
  switch (result.type) {
    case 'applied':
      return commandAnswer(result.result, applied);
    case 'repeated': {
      const first = commandAnswer(result.result, result);
      return { ...first, headers: [...first.headers, ...replayed] };
    }
    case 'keyReused':
      return refusal(422, 'key_reused', 'this key was used for another command; nothing was done');
    case 'answerForgotten':
      return refusal(
        410,
        'answer_forgotten',
        'the client said that it has the answer; nothing was done again',
      );
    case 'sessionExpired':
      return refusal(410, 'session_expired', 'the session is not known any more; nothing was done this time');
    case 'sessionsFull':
      return refusal(429, 'sessions_full', `${fullOf[result.of]}; nothing was done, try again later`);
    case 'malformedEnvelope':
      throw new Error(
        `an envelope encoded by this server was applied as malformed at index ${applied.index}`,
      );
  }
};

const fullOf = {
  sessions: 'no more sessions and idempotency keys are remembered',
  answers: 'no more answers of this session are remembered until it says which it has received',
  bytes: 'no more answers are remembered',
};

const commandAnswer = (result: KvResult, { index, term }: Position): Answer => {
  const position = `"index":${index},"term":${term}`;
  switch (result.type) {
    case 'stored':
    case 'swapped':
      return json(200, `{${position}}`);
    case 'deleted':
      return json(200, `{${position},"deleted":${result.existed}}`);
    case 'found': {
      const headers = ['x-raft-index', String(index), 'x-raft-term', String(term)];
      return { status: 200, contentType: 'application/octet-stream', body: result.value, headers };
    }
    case 'absent':
      return json(404, `{"error":"key_not_found",${position}}`);
    case 'mismatch':
      return json(409, `{"error":"cas_failed",${actualField(result.actual)},${position}}`);
    case 'malformed':
      throw new Error(`a command encoded by this server was applied as malformed at index ${index}`);
  }
};

const notLeaderBody = (leader: NodeId, endpoint: string | null): string =>
  JSON.stringify({ error: 'not_leader', leader: `node${leader}`, endpoint });

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A value in JSON: text where it is UTF-8, base64 under another name where it is not. */
const actualField = (actual: Uint8Array | null): string => {
  if (actual === null) return '"actual":null';
  try {
    return `"actual":${JSON.stringify(decoder.decode(actual))}`;
  } catch {
    return `"actualBase64":"${Buffer.from(actual).toString('base64')}"`;
  }
};

/** The states of the node's charts; null once it has stopped. */
export const chartsAnswer = (charts: readonly ChartStatus[] | null): Answer =>
  charts === null ? refusal(503, 'stopped', 'the node has stopped') : json(200, JSON.stringify(charts));

/** What the node says about itself; null once it has stopped. */
export const reportAnswer = (report: 'status' | 'livez' | 'readyz', node: NodeStatus | null): Answer => {
  if (node === null) return refusal(503, 'stopped', 'the node has stopped');
  if (report === 'status') return json(200, JSON.stringify(node));
  if (report === 'livez') return json(200, '{"status":"live"}');
  const refusals = node.peers.flatMap(({ id, refusal: each }) =>
    each === undefined ? [] : [{ peer: `node${id}`, by: `node${each.by}`, reason: each.reason }],
  );
  const blocking = blockingRefusal(node);
  if (blocking !== null) return refusal(503, 'refused', blocking.reason);
  if (node.leader === null) return refusal(503, 'not_ready', 'no leader is known');
  if (node.lastApplied < node.commitIndex) {
    return refusal(503, 'not_ready', `replaying ${Math.floor(node.replayed * 100)} %`);
  }
  return json(
    200,
    JSON.stringify(refusals.length === 0 ? { status: 'ready' } : { status: 'ready', refusals }),
  );
};

/** What keeps this node out of its cluster: a peer refuses it, and either leads or is not made up for by a leader. */
const blockingRefusal = ({ id, leader, peers }: NodeStatus): Refusal | null =>
  peers.find(
    ({ refusal: each }) => each !== undefined && each.by !== id && (leader === null || leader === each.by),
  )?.refusal ?? null;
