import type { ServerResponse } from 'node:http';
import type { messageTable } from '../../../raft/message-table.ts';
import type {
  AppendEntriesResponse,
  InstallSnapshotResponse,
  Message,
  MessageType,
  ReadIndexResponse,
} from '../../../raft/messages.ts';

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

type RequestType = {
  [Type in MessageType]: (typeof messageTable)[Type]['is'] extends 'request' ? Type : never;
}[MessageType];

/** The kind of message that answers each request. */
export const answerTypes = {
  RequestVote: 'RequestVoteResponse',
  PreVote: 'PreVoteResponse',
  AppendEntries: 'AppendEntriesResponse',
  InstallSnapshot: 'InstallSnapshotResponse',
  ReadIndex: 'ReadIndexResponse',
} as const satisfies Record<RequestType, MessageType>;

/** Whether `response` is the answer to `request`, of the messages between two nodes. */
export const answers = (response: Message, request: Message): boolean => {
  if ((answerTypes as Partial<Record<MessageType, MessageType>>)[request.type] !== response.type)
    return false;
  switch (request.type) {
    case 'AppendEntries': {
      const { prevLogIndex, round, term } = response as AppendEntriesResponse;
      // The rounds of an older term than the answer's are not repeated.
      return prevLogIndex === request.prevLogIndex && (round === request.round || term > request.term);
    }
    case 'InstallSnapshot':
      return (response as InstallSnapshotResponse).lastIncludedIndex === request.lastIncludedIndex;
    case 'ReadIndex':
      return (response as ReadIndexResponse).readId === request.readId;
    default:
      return true;
  }
};
