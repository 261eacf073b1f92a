import { isHeartbeat } from '../raft/early-heartbeat.ts';
import type { Message } from '../raft/messages.ts';

/** Whether `message` is a heartbeat, or the answer to one: a success that matches nothing new. */
export const belongsToHeartbeat = (message: Message): boolean =>
  isHeartbeat(message) ||
  (message.type === 'AppendEntriesResponse' &&
    message.success &&
    message.matchIndex === message.prevLogIndex);
