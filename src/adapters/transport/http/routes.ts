import type { MessageType } from '../../../raft/messages.ts';

/** Where each kind of message is posted. */
export const messagePaths = {
  RequestVote: '/vote',
  RequestVoteResponse: '/vote-response',
  PreVote: '/pre-vote',
  PreVoteResponse: '/pre-vote-response',
  AppendEntries: '/heartbeat',
  AppendEntriesResponse: '/heartbeat-response',
  InstallSnapshot: '/install-snapshot',
  InstallSnapshotResponse: '/install-snapshot-response',
  TimeoutNow: '/timeout-now',
  ReadIndex: '/read-index',
  ReadIndexResponse: '/read-index-response',
} as const satisfies Record<MessageType, string>;

/** What is posted there; undefined: no message. */
export const typeAt = new Map<string, MessageType>(
  Object.entries(messagePaths).map(([type, path]) => [path, type as MessageType]),
);

/** All else that the two ends of a connection say. */
export const controlPaths = {
  connect: '/connect',
  hello: '/hello',
  ping: '/ping',
  join: '/join',
  frame: '/frame',
  close: '/close',
} as const;

/** Which connection a request belongs to, and the how manieth frame over it that it brings, from 0 on. */
export const connectionHeader = 'raft-connection';
export const sequenceHeader = 'raft-sequence';
