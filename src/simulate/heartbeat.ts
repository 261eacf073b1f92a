import type { Message } from '../raft/messages.ts';

/** Whether `message` is an AppendEntries without entries, or the answer to one: a success that matches nothing new. */
export const isHeartbeat = (message: Message): boolean =>
  (message.type === 'AppendEntries' && message.entries.length === 0) ||
  (message.type === 'AppendEntriesResponse' &&
    message.success &&
    message.matchIndex === message.prevLogIndex);
