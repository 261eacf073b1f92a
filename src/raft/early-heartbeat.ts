import type { AppendEntries, AppendEntriesResponse, Message } from './messages.ts';

/** No log is this long. */
const beyondEveryLog = Number.MAX_SAFE_INTEGER;

/** Whether it only says that its sender leads, and up to where the logs should match. */
export const isHeartbeat = (message: Message): message is AppendEntries =>
  message.type === 'AppendEntries' && message.entries.length === 0;

/**
 * The copy of `heartbeat` that overtakes the entries before it. The heartbeat itself must not: the follower would reject it for lack of those entries, and the
 * leader would send them all again. Every log rejects this copy, and to the leader the rejection answers the round and says nothing about the log
 * (`isStaleRejection`).
 */
export const earlyHeartbeatFor = (heartbeat: AppendEntries): AppendEntries => ({
  ...heartbeat,
  prevLogIndex: beyondEveryLog,
  prevLogTerm: heartbeat.term,
  leaderCommit: 0,
});

/** Whether `message` is an early heartbeat or the answer to one: neither says anything about a log. */
export const isEarly = (message: Message): boolean =>
  message.type === 'AppendEntries'
    ? message.prevLogIndex === beyondEveryLog
    : message.type === 'AppendEntriesResponse' && answersEarlyHeartbeat(message);

export const answersEarlyHeartbeat = ({ prevLogIndex }: AppendEntriesResponse): boolean =>
  prevLogIndex === beyondEveryLog;

/** One message on its way to a peer. */
export interface Departure {
  readonly message: Message;
  /** It need not wait for what was sent before. */
  readonly overtakes: boolean;
}

/**
 * What leaves for `message`, in order. `isBacklogged`: messages that keep their order are waiting to leave. Entries follow one another, and a heartbeat follows the entries before
 * it; everything else may overtake. A chunk of a snapshot is sent again until it is answered, so waiting copies would only pile up.
 */
export const departuresOf = (message: Message, isBacklogged: boolean): readonly Departure[] => {
  if (message.type !== 'AppendEntries' && message.type !== 'InstallSnapshot')
    return [{ message, overtakes: true }];
  const inOrder = { message, overtakes: false };
  if (!isBacklogged) return [inOrder];
  if (message.type === 'InstallSnapshot') return [];
  return isHeartbeat(message)
    ? [{ message: earlyHeartbeatFor(message), overtakes: true }, inOrder]
    : [inOrder];
};
