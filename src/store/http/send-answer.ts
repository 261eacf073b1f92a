import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { NodeId } from '../../raft/types.ts';
import { protectiveHeaders } from './access/protective-headers.ts';
import type { Answer } from './answer.ts';

/** Sends `answer` from node `id`; nothing if the client has left. `isLast`: the connection ends with it. */
export const sendAnswer = (response: ServerResponse, answer: Answer, id: NodeId, isLast: boolean): void => {
  if (response.destroyed) return;
  const { status, contentType, body, headers } = answer;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // What has not changed has no body here, and the length of none to tell (RFC 9110 §15.4.5).
  const all = status === 304 ? [] : ['content-type', contentType, 'content-length', String(length)];
  all.push('x-raft-node', String(id), ...protectiveHeaders, ...headers);
  if (isLast) all.push('connection', 'close');
  response.writeHead(status, all);
  response.end(body);
};
