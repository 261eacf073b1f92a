import { configurationsIn } from './configuration-payload.ts';
import type { RaftContext } from './context.ts';
import { type Decision, type Effect, send } from './effects.ts';
import { append, firstIndexOfTermAt, type LogShape, termAt, truncateFrom } from './log-shape.ts';
import type { AppendEntries } from './messages.ts';
import type { LogIndex } from './types.ts';

/** "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm." Figure 2, AppendEntries 2. */
export const isLogMismatch = ({ log }: RaftContext, request: AppendEntries): boolean => {
  // What a snapshot covers is committed, so it matches: Raft paper §7.
  if (request.prevLogIndex < log.snapshotIndex) return false;
  return request.prevLogIndex > log.lastIndex || termAt(log, request.prevLogIndex) !== request.prevLogTerm;
};

/** Whether obeying would replace a committed entry, which no correct leader asks for. Raft paper §5.4.3, Leader Completeness. */
export const isCommittedConflict = (context: RaftContext, request: AppendEntries): boolean => {
  const conflict = firstDifference(context.log, request);
  return conflict > 0 && conflict <= context.commitIndex;
};

/** Refuses, with a hint that lets the leader skip a whole term per round trip. DIVERGENCE 2; Raft paper §5.3, last part. */
export const rejectAppend = (context: RaftContext, request: AppendEntries): Decision => {
  const { log } = context;
  const isShort = request.prevLogIndex > log.lastIndex;
  return {
    patch: { leaderId: request.from },
    effects: [
      send({
        type: 'AppendEntriesResponse',
        from: context.id,
        to: request.from,
        term: context.currentTerm,
        success: false,
        prevLogIndex: request.prevLogIndex,
        matchIndex: 0,
        conflictTerm: isShort ? 0 : termAt(log, request.prevLogIndex),
        conflictIndex: isShort ? log.lastIndex + 1 : firstIndexOfTermAt(log, request.prevLogIndex),
        round: request.round,
      }),
    ],
  };
};

/**
 * Takes what is new: deletes from the first conflicting entry on, appends, and commits no further than what now matches
 * the leader's log. A delayed or repeated message deletes nothing. Figure 2, AppendEntries 3–5.
 */
export const acceptAppend = (context: RaftContext, request: AppendEntries): Decision => {
  // What a snapshot covers is committed, and the leader of any later term holds it. Raft paper §7.
  const matchIndex = Math.max(request.prevLogIndex + request.entries.length, context.log.snapshotIndex);
  const firstNew = firstDifference(context.log, request);
  const effects: Effect[] = [];
  let { log, configurations } = context;
  if (firstNew > 0) {
    const entries = request.entries.slice(firstNew - request.prevLogIndex - 1);
    const { maxMessageBytes } = context.settings;
    if (firstNew <= log.lastIndex) log = truncateFrom(log, firstNew, maxMessageBytes);
    log = append(log, entries, maxMessageBytes);
    const added = configurationsIn(entries, firstNew);
    // What is truncated was never in force; what is appended is, committed or not. Thesis §4.1.
    const isTruncated = configurations[configurations.length - 1]!.index >= firstNew;
    if (isTruncated || added.length > 0) {
      configurations = [...configurations.filter(({ index }) => index < firstNew), ...added];
    }
    effects.push({
      type: 'persist',
      params: {
        currentTerm: context.currentTerm,
        votedFor: context.votedFor,
        firstIndex: firstNew,
        entries,
        lastIndex: log.lastIndex,
      },
    });
  }
  effects.push(
    send({
      type: 'AppendEntriesResponse',
      from: context.id,
      to: request.from,
      term: context.currentTerm,
      success: true,
      prevLogIndex: request.prevLogIndex,
      matchIndex,
      conflictTerm: 0,
      conflictIndex: 0,
      round: request.round,
    }),
  );
  const commitIndex = Math.max(context.commitIndex, Math.min(request.leaderCommit, matchIndex));
  if (commitIndex > context.commitIndex) {
    effects.push({ type: 'apply', params: { lastIndex: commitIndex } });
  }
  return { patch: { log, configurations, commitIndex, leaderId: request.from }, effects };
};

/** Index of the first entry sent that the log lacks or holds in another term; 0 if it holds them all. */
const firstDifference = (log: LogShape, request: AppendEntries): LogIndex => {
  let index = request.prevLogIndex;
  for (const entry of request.entries) {
    index++;
    if (index > log.lastIndex) return index;
    if (index >= log.snapshotIndex && termAt(log, index) !== entry.term) return index;
  }
  return 0;
};
