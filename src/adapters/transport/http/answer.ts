import type { ServerResponse } from 'node:http';
import type { Message } from '../../../raft/messages.ts';

/** Answers a request. False: nobody waits for the answer any more. */
export type Give = (
  status: number,
  json: object | null,
  headers?: Readonly<Record<string, string>>,
) => boolean;

export const replyTo =
  (answer: ServerResponse): Give =>
  (status, json, headers = {}) => {
    if (answer.headersSent || answer.destroyed) return false;
    if (json === null) {
      answer.writeHead(status, headers).end();
      return true;
    }
    const body = Buffer.from(`${JSON.stringify(json)}\n`);
    answer
      .writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers })
      .end(body);
    return true;
  };

/** Whether `response` is the answer to `request`, of the messages between two nodes. */
export const answers = (response: Message, request: Message): boolean => {
  switch (response.type) {
    case 'RequestVoteResponse':
      return request.type === 'RequestVote';
    case 'PreVoteResponse':
      return request.type === 'PreVote';
    case 'AppendEntriesResponse':
      // The rounds of an older term than the answer's are not repeated.
      return (
        request.type === 'AppendEntries' &&
        response.prevLogIndex === request.prevLogIndex &&
        (response.round === request.round || response.term > request.term)
      );
    case 'InstallSnapshotResponse':
      return request.type === 'InstallSnapshot' && response.lastIncludedIndex === request.lastIncludedIndex;
    case 'ReadIndexResponse':
      return request.type === 'ReadIndex' && response.readId === request.readId;
    default:
      return false;
  }
};

/** The kind of message that answers a request; null: nothing does. */
export const answerTypes = {
  RequestVote: 'RequestVoteResponse',
  PreVote: 'PreVoteResponse',
  AppendEntries: 'AppendEntriesResponse',
  InstallSnapshot: 'InstallSnapshotResponse',
  ReadIndex: 'ReadIndexResponse',
} as const;
