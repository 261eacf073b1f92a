import { Buffer } from 'node:buffer';
import { notAddedWords, removedWords } from '../../node/members.ts';
import type { ChangeOutcome, NodeStatus, Outcome, ReadOutcome, TransferOutcome } from '../../node/node.ts';
import type { Refusal } from '../../node/peer-trust.ts';
import type { ReplacementRefusal } from '../../node/replace-disk.ts';
import type { ChartStatus } from '../../node/taken-transitions.ts';
import type { LogIndex, NodeId, Term } from '../../raft/types.ts';
import type { KvResult } from '../kv/kv-state-machine.ts';
import type { SessionResult } from '../sessions/session-state-machine.ts';
import type { Route } from './route.ts';

/** What is sent back for one request. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Further headers: name, value, name, value. */
  readonly headers: readonly string[];
}

/** A refusal, or null: the answer is still to come. */
export type Answered = Answer | null;

const none: readonly string[] = [];

export const json = (status: number, body: string, headers = none): Answer => ({
  status,
  contentType: 'application/json',
  body,
  headers,
});

/** An error that a person can act on. `error` is for programs and never changes. */
export const refusal = (status: number, error: string, message: string, headers = none): Answer =>
  json(status, JSON.stringify({ error, message }), headers);

export const unknownOutcome = json(504, '{"error":"unknown_outcome"}');
/** For a read: nothing depends on it. */
export const readTimedOut = refusal(504, 'read_timed_out', 'no leader confirmed the read in time; try again');
/** For a transfer: this node leads no longer, but no other has been heard of. */
export const leaderUnknown = refusal(
  504,
  'leader_unknown',
  'the leadership was given up, and who leads now is not known yet',
);
export const leaseReadsOff = refusal(
  409,
  'lease_reads_off',
  'this node gives no lease reads: it was started without --lease-reads',
);
export const notFound = refusal(404, 'not_found', 'no such path; a / within a key is written %2F');
/** A header: it may be different in a second. */
export const retrySoon: readonly string[] = ['retry-after', '1'];
export const overloaded = refusal(
  429,
  'overloaded',
  'too much is in flight; nothing was done, try again',
  retrySoon,
);
export const requestTimeout = refusal(
  408,
  'request_timeout',
  'the body arrived too slowly while others waited for its room',
);
export const stopped = refusal(503, 'stopped', 'the node has stopped');
const noLeader = json(503, '{"error":"no_leader"}');

export const methodNotAllowed = (allowed: string): Answer =>
  refusal(405, 'method_not_allowed', `allowed here: ${allowed}`, ['allow', allowed]);

export const bodyTooLarge = (maxBytes: number): Answer =>
  refusal(413, 'body_too_large', `a body has at most ${maxBytes} bytes`);

/** The answer to a command that was applied; `position` is where it stands in the log. */
type CommandAnswer = (result: KvResult, position: Position) => Answer;

/** What became of a submitted command. `answerTo`: of version 1, if it is not given. */
export const outcomeAnswer = (
  outcome: Outcome<SessionResult<KvResult>>,
  clientEndpointOf: (id: NodeId) => string | null,
  answerTo: CommandAnswer = commandAnswer,
): Answer => {
  switch (outcome.type) {
    case 'applied':
      return resultAnswer(outcome.result, outcome, answerTo);
    case 'notLeader':
      return notLeaderAnswer(outcome.leader, clientEndpointOf);
    case 'overloaded':
      return overloaded;
    case 'overwritten':
      return json(409, `{"error":"overwritten","index":${outcome.index},"term":${outcome.term}}`);
    case 'unknownOutcome':
      return unknownOutcome;
  }
};

/** Why a read is refused. */
export const readRefusal = (
  outcome: Exclude<ReadOutcome, { readonly type: 'ready' }>,
  clientEndpointOf: (id: NodeId) => string | null,
): Answer => {
  switch (outcome.type) {
    case 'notLeader':
      return notLeaderAnswer(outcome.leader, clientEndpointOf);
    case 'overloaded':
      return overloaded;
    case 'timedOut':
      return readTimedOut;
  }
};

/** A read's answer: `value` as of `index`, null if the key is absent. */
export const valueAnswer = (value: Uint8Array | null, { index, term }: Position): Answer =>
  value === null
    ? json(404, `{"error":"key_not_found","index":${index},"term":${term}}`)
    : {
        status: 200,
        contentType: 'application/octet-stream',
        body: value,
        headers: ['x-raft-index', String(index), 'x-raft-term', String(term)],
      };

/** What became of a request to hand over the leadership. */
export const transferAnswer = (
  outcome: TransferOutcome,
  clientEndpointOf: (id: NodeId) => string | null,
): Answer => {
  if (outcome.type === 'timedOut') return leaderUnknown;
  if (outcome.type === 'moved') return json(200, `{"leader":"node${outcome.leader}"}`);
  const { reason, leader } = outcome;
  switch (reason) {
    case 'targetLeads':
      return json(200, `{"leader":"node${leader}"}`);
    case 'targetUnknown':
      return refusal(409, 'target_unknown', 'there is no such voter to hand over to');
    case 'transferring':
      return refusal(409, 'transferring', `the leadership is already being handed over to node${leader}`);
    case 'transferTimedOut':
      return refusal(
        409,
        'transfer_timed_out',
        `the target did not take over in time, so node${leader} leads on: try again once raft-client status shows that the target has applied what is committed`,
      );
    case 'notLeader':
      return notLeaderAnswer(leader, clientEndpointOf);
    default:
      throw new Error(`a transfer was refused for a reason that is none: ${reason}`);
  }
};

export const tooManyMembers = (size: number, most: number): Answer =>
  refusal(409, 'too_many_members', `that makes ${size} members; at most ${most} are supported`);

/** Whoever dials the one would meet the other. */
export const addressTaken = (node: NodeId, other: NodeId, peer: string): Answer =>
  refusal(
    409,
    'address_taken',
    `node${node} cannot have the peer address ${peer}: it is that of node${other}`,
  );

/** A new member would not find these. */
export const addressUnknown = (members: readonly NodeId[]): Answer =>
  refusal(
    409,
    'address_unknown',
    `a new member cannot reach ${members.map((id) => `node${id}`).join(' and ')}: the cluster does not know the peer address; first give it: ` +
      members.map((id) => `raft-client member update ${id} --peer HOST:PORT`).join('; '),
  );

/** The members, as this node knows them; `node` is null once it has stopped. */
export const membersAnswer = (node: NodeStatus | null): Answer => {
  if (node === null) return stopped;
  const { leader, configuration } = node;
  return json(200, JSON.stringify({ leader: leader === null ? null : `node${leader}`, ...configuration }));
};

/** What became of a request for other members; `node` is the status by now, `promoted` are those who were to vote. */
export const changeAnswer = (
  outcome: ChangeOutcome,
  node: NodeStatus,
  promoted: readonly NodeId[],
  clientEndpointOf: (id: NodeId) => string | null,
): Answer => {
  switch (outcome.type) {
    case 'changed':
      return json(200, `{"changed":true,"index":${outcome.index}}`);
    case 'unknownOutcome':
      return unknownOutcome;
    case 'refused':
      return changeRefusal(outcome, node, promoted, clientEndpointOf);
  }
};

const changeRefusal = (
  { reason, leader }: Extract<ChangeOutcome, { readonly type: 'refused' }>,
  node: NodeStatus,
  promoted: readonly NodeId[],
  clientEndpointOf: (id: NodeId) => string | null,
): Answer => {
  switch (reason) {
    case 'unchanged':
      return json(200, `{"changed":false,"index":${node.configuration.index}}`);
    case 'notLeader':
      return notLeaderAnswer(leader, clientEndpointOf);
    case 'notReady':
      return refusal(503, 'not_ready', 'the leader has only just been elected; try again');
    case 'transferring':
      return refusal(409, 'transferring', `the leadership is being handed over to node${leader}; try again`);
    case 'changing':
      return refusal(409, 'changing', 'another change of the members is under way: one at a time');
    case 'memberUnknown':
      return refusal(
        409,
        'member_unknown',
        'a change names a node that is not a member; one that is being added can be promoted once that is done',
      );
    case 'noVoter':
      return refusal(409, 'no_voter', 'nobody would be left to vote');
    case 'voterOnOtherDisk':
      return refusal(
        409,
        'voter_on_other_disk',
        'the disk of a voter is not exchanged: demote it first, or use raft-client member replace',
      );
    case 'notCaughtUp':
      return refusal(
        409,
        'not_caught_up',
        `a learner that is to vote did not catch up${farOf(promoted, node)}`,
      );
    default:
      throw new Error(`a change of the members was refused for a reason that it cannot have: ${reason}`);
  }
};

/** Why no other disk takes the place of the one that counts as `node`. */
export const replacementAnswer = (reason: ReplacementRefusal, node: NodeId, status: NodeStatus): Answer => {
  switch (reason) {
    case 'noOtherDisk':
      return refusal(
        409,
        'no_other_disk',
        `node${node} has not come with another disk: start it on an empty data directory first, and try again`,
      );
    case 'addressUnknown':
      return refusal(
        409,
        'address_unknown',
        `the cluster does not know the peer address of node${node}; first give it: raft-client member update ${node} --peer HOST:PORT`,
      );
    case 'memberUnknown':
      return refusal(409, 'member_unknown', `node${node} is not a member`);
    case 'changing':
      return changeRefusal({ type: 'refused', reason, leader: status.leader }, status, [], () => null);
  }
};

/** How far those learners have come who were to vote, and why one that is refused gets no further. */
const farOf = (promoted: readonly NodeId[], node: NodeStatus): string => {
  const { configuration, lastLogIndex } = node;
  const far = configuration.learners
    .filter((id) => promoted.includes(id))
    .map((id) => {
      const { matchIndex = 0 } = configuration.members[id] ?? {};
      return `node${id} has ${matchIndex} of ${lastLogIndex} entries${hindranceOf(id, node)}`;
    });
  return far.length === 0 ? '' : `: ${far.join(', ')}`;
};

const hindranceOf = (id: NodeId, { configuration, lastLogIndex, peers }: NodeStatus): string => {
  const peer = peers.find((each) => each.id === id);
  if (peer?.refusal !== undefined) return ` (refused: ${peer.refusal.reason})`;
  const { matchIndex, logId = null } = configuration.members[id] ?? {};
  // A change names the disks on which its nodes had come when it was asked for.
  if (logId === null && matchIndex === lastLogIndex)
    return ' (it came only after that was asked for: try again)';
  if (peer === undefined) return '';
  if (peer.link !== 'open') return ' (it is not connected: start it, and try again)';
  return logId === null ? ' (it is connected: try again)' : '';
};

/** Who leads, as this node knows; `node` is null once it has stopped. */
export const leaderAnswer = (
  node: NodeStatus | null,
  clientEndpointOf: (id: NodeId) => string | null,
): Answer => {
  if (node === null) return stopped;
  const { leader, term } = node;
  if (leader === null) return noLeader;
  return json(200, JSON.stringify({ leader: `node${leader}`, endpoint: clientEndpointOf(leader), term }));
};

/** Where something stands in the log. */
export interface Position {
  readonly index: LogIndex;
  readonly term: Term;
}

const replayed = ['idempotent-replayed', 'true'];

/** `applied` is where the request stands in the log. That is not where its command was applied, if it is a repetition. */
const resultAnswer = (
  result: SessionResult<KvResult>,
  applied: Position,
  answerTo: CommandAnswer,
): Answer => {
  switch (result.type) {
    case 'applied':
      return answerTo(result.result, applied);
    case 'repeated': {
      const first = answerTo(result.result, result);
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
    case 'found':
    case 'absent':
    case 'requested':
      throw new Error(`a read was taken for a write at index ${index}`);
    case 'mismatch':
      return json(409, `{"error":"cas_failed",${actualField(result.actual)},${position}}`);
    case 'malformed':
      throw new Error(`a command encoded by this server was applied as malformed at index ${index}`);
  }
};

export const notLeaderAnswer = (
  leader: NodeId | null,
  clientEndpointOf: (id: NodeId) => string | null,
): Answer =>
  leader === null
    ? noLeader
    : json(
        421,
        JSON.stringify({ error: 'not_leader', leader: `node${leader}`, endpoint: clientEndpointOf(leader) }),
      );

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
  charts === null ? stopped : json(200, JSON.stringify(charts));

const live = json(200, '{"status":"live"}');

/** What a request is answered before there is a node; `words` say what it is doing. Nothing was done. */
export const startingAnswer = (type: Route['type'], method: string | undefined, words: string): Answer => {
  switch (type) {
    case 'livez':
      return method === 'GET' || method === 'HEAD' ? live : methodNotAllowed('GET, HEAD');
    case 'key':
    case 'cas':
    case 'v2':
    case 'leader':
      // As for any node that knows no leader: clients know that nothing was done, and ask another one.
      return refusal(503, 'no_leader', words, retrySoon);
    default:
      return refusal(503, 'not_ready', words, retrySoon);
  }
};

/** What the node says about itself; null once it has stopped. */
export const reportAnswer = (report: 'status' | 'livez' | 'readyz', node: NodeStatus | null): Answer => {
  if (node === null) return stopped;
  if (report === 'status') return json(200, JSON.stringify(node));
  if (report === 'livez') return live;
  const { id: self, standing, peerEndpoint } = node;
  if (standing === 'removed') return refusal(503, 'removed', removedWords(self));
  if (standing === 'waiting') {
    // One that was added already may be kept out for another reason.
    const isOther = (reason: string) =>
      ![notAddedWords(self, peerEndpoint), removedWords(self)].includes(reason);
    const kept = node.peers.find(({ refusal: each }) => each && each.by !== self && isOther(each.reason));
    if (kept?.refusal) return refusal(503, 'refused', kept.refusal.reason);
    return refusal(503, 'not_ready', notAddedWords(self, peerEndpoint));
  }
  const refusals = node.peers.flatMap(({ id, refusal: each }) =>
    each === undefined ? [] : [{ peer: `node${id}`, by: `node${each.by}`, reason: each.reason }],
  );
  const blocking = blockingRefusal(node);
  if (blocking !== null) {
    // One that was down meanwhile knows it from the others only.
    const isRemoved = blocking.reason === removedWords(self);
    return refusal(503, isRemoved ? 'removed' : 'refused', blocking.reason);
  }
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
