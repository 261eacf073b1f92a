import type { AppendEntries, AppendEntriesResponse, Message } from './messages.ts';

/** No log is so long: whoever gets an AppendEntries behind it knows that its sender leads, and refuses it. */
const beyondEveryLog = Number.MAX_SAFE_INTEGER;

/** Whether it only says that its sender leads, and up to where the logs should match. */
export const isHeartbeat = (message: Message): message is AppendEntries =>
  message.type === 'AppendEntries' && message.entries.length === 0;

/**
 * What overtakes `heartbeat` where that has to wait behind entries. The heartbeat itself must not: it would be refused for want of what it overtook, and the leader would send
 * all of that again. This one is refused by every log, and the leader takes the refusal for what it is, an answer to its round and no word on the log (`isStaleRejection`).
 */
export const signOfLifeFor = (heartbeat: AppendEntries): AppendEntries => ({
  ...heartbeat,
  prevLogIndex: beyondEveryLog,
  prevLogTerm: heartbeat.term,
  leaderCommit: 0,
});

/** Whether it is a sign of life, or the answer to one: neither tells anything of a log. */
export const isSignOfLife = (message: Message): boolean =>
  message.type === 'AppendEntries'
    ? message.prevLogIndex === beyondEveryLog
    : message.type === 'AppendEntriesResponse' && answersSignOfLife(message);

/** Whether it answers a sign of life. */
export const answersSignOfLife = ({ prevLogIndex }: AppendEntriesResponse): boolean =>
  prevLogIndex === beyondEveryLog;

/** Whether a message must keep its place among those to the same node: entries follow one another, and a heartbeat follows all that was sent before. */
export const keepsItsPlace = ({ type }: Message): boolean =>
  type === 'AppendEntries' || type === 'InstallSnapshot';
