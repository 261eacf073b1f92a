import { Buffer, isUtf8 } from 'node:buffer';
import { exitCodes } from '../exit-codes.ts';
import type { Reply } from './send-request.ts';
import { jsonBody, type SessionEnd } from './session.ts';

/** What the command prints, and its exit code. */
export interface Report {
  readonly stdout: string | Uint8Array;
  /** Without the newline; empty for nothing. */
  readonly stderr: string;
  readonly exitCode: number;
}

/** How a success is printed. `command` decides how the answer is read. */
export interface Success {
  readonly command: 'put' | 'get' | 'del' | 'cas';
  readonly key: string;
  readonly asJson: boolean;
}

/** What a person or a script is told about `end`. */
export const reportSession = (end: SessionEnd, success: Success, timeoutMs: number): Report =>
  reportEnd(end, success.command === 'get', timeoutMs, (reply) => succeeded(reply, success));

/** The same; `done` tells of a success, which is the answer of one of our nodes. */
export const reportEnd = (
  end: SessionEnd,
  isRead: boolean,
  timeoutMs: number,
  done: (reply: Reply) => Report,
): Report => {
  switch (end.state) {
    case 'succeeded':
      return nodeOf(end.reply!) === null ? failure(exitCodes.failure, foreign(end.reply!)) : done(end.reply!);
    case 'failed':
      return failure(exitCodes.failure, isUnsupported(end.reply!) ? unsupported : answeredError(end.reply!));
    case 'notLeader':
      return failure(exitCodes.notLeader, { error: 'not_leader', leader: jsonBody(end.reply!)?.leader });
    case 'inconsistent':
      return failure(exitCodes.inconsistency, answeredError(end.reply!));
    case 'unreachable':
      return outOfReach(end.problem!);
    case 'timedOut':
      return failure(exitCodes.timeout, {
        error: 'timeout',
        message: `timed out after ${timeoutMs} ms (${end.problem ?? 'no answer'})${isRead ? '' : '; nothing was written'}`,
        mayHaveHappened: false,
      });
    case 'outcomeUnknown':
      return failure(exitCodes.timeout, {
        error: 'unknown_outcome',
        message: `the write may have happened (${end.problem})`,
        mayHaveHappened: true,
      });
  }
};

/** The path of the request is unknown there. */
const isUnsupported = (reply: Reply): boolean =>
  nodeOf(reply) !== null && reply.status === 404 && jsonBody(reply)?.error === 'not_found';

const unsupported = {
  error: 'unsupported',
  message: 'the node runs an older version, without this command: upgrade it',
};

/** Which node has answered; null: none of ours. */
export const nodeOf = ({ headers }: Reply): number | null => {
  const node = Number(headers['x-raft-node']);
  return Number.isInteger(node) ? node : null;
};

export const failure = (exitCode: number, error: Readonly<Record<string, unknown>>): Report => ({
  stdout: '',
  stderr: JSON.stringify(error),
  exitCode,
});

/** Nothing was asked of the cluster, and trying again does not change why. */
export const outOfReach = (message: string, mayHaveHappened = false): Report =>
  failure(exitCodes.failure, { error: 'unreachable', message, mayHaveHappened });

export const printed = (stdout: string | Uint8Array): Report => ({
  stdout,
  stderr: '',
  exitCode: exitCodes.success,
});

const succeeded = (reply: Reply, { command, key, asJson }: Success): Report => {
  const node = nodeOf(reply);
  if (command === 'get') {
    if (!asJson) return printed(Buffer.concat([reply.body, Buffer.from('\n')]));
    const index = Number(reply.headers['x-raft-index']);
    const term = Number(reply.headers['x-raft-term']);
    return printed(jsonLine({ key, ...readable(reply.body), node, index, term }));
  }
  // Only a leader writes.
  const leader = node;
  const answer = jsonBody(reply);
  if (answer === null) return failure(exitCodes.failure, foreign(reply));
  if (asJson) return printed(jsonLine({ ok: true, leader, ...answer }));
  const deleted = command === 'del' ? ` deleted=${answer.deleted}` : '';
  return printed(`OK leader=${leader} index=${answer.index}${deleted}\n`);
};

export const jsonLine = (fields: object): string => `${JSON.stringify(fields)}\n`;

const readable = (value: Buffer) =>
  isUtf8(value) ? { value: value.toString() } : { valueBase64: value.toString('base64') };

/** The node's own message, if it is one of our nodes. */
export const answeredError = (reply: Reply): Readonly<Record<string, unknown>> => {
  const body = jsonBody(reply);
  return typeof body?.error === 'string' ? body : foreign(reply);
};

export const foreign = (reply: Reply) => ({
  error: 'unexpected_answer',
  message: `status ${reply.status}, which is not how a raftchart node answers; is this the client port?`,
});
