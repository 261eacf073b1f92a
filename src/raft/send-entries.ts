import type { RaftContext } from './context.ts';
import type { Decision, Effect } from './effects.ts';
import { append, batchEnd, runsBetween, termAt } from './log-shape.ts';
import { advance, hasRoom, type Progress } from './progress.ts';
import type { Entry, LogIndex, NodeId } from './types.ts';

/**
 * An empty AppendEntries to everyone, after all that was sent: a lost message shows up as a rejection, and an
 * unanswered probe is repeated. Figure 2, Leaders: "repeat during idle periods".
 */
export const heartbeats = (context: RaftContext): readonly Effect[] =>
  peersOf(context).map((to) => {
    // Where the log begins too late for the follower, its place is as far back as the log goes.
    const nextIndex = Math.max(context.progress[to]!.nextIndex, context.log.snapshotIndex + 1);
    return replicate(context, to, nextIndex, nextIndex - 1);
  });

/** What the follower `to` has room for, after a change of what is known of it, together with `patch`. */
export const sendMore = (
  context: RaftContext,
  to: NodeId,
  from: Progress,
  patch: Partial<RaftContext>,
): Decision => {
  const { progress, effects } = fillPipeline(context, to, from);
  return { patch: { ...patch, progress: { ...context.progress, [to]: progress } }, effects };
};

/** Sends entries from `nextIndex` on, in as many messages as there is room for. A probe with nothing to send goes out empty. */
export const fillPipeline = (
  context: RaftContext,
  to: NodeId,
  from: Progress,
): { readonly progress: Progress; readonly effects: readonly Effect[] } => {
  const { log, settings } = context;
  const effects: Effect[] = [];
  let progress = from;
  if (isBehindLog(context, progress)) {
    progress = advance(progress, { type: 'compacted', snapshot: context.snapshot });
    return { progress, effects: chunkOf(context, to, progress) };
  }
  while (hasRoom(progress, settings.maxMessagesInFlight) && progress.nextIndex <= log.lastIndex) {
    const lastIndex = batchEnd(log, progress.nextIndex, settings.maxEntriesPerMessage);
    effects.push(replicate(context, to, progress.nextIndex, lastIndex));
    progress = advance(progress, { type: 'sent', lastIndex });
  }
  return { progress, effects };
};

/** Whether the log has dropped what the follower needs next. Raft paper §7. */
const isBehindLog = ({ log }: RaftContext, { state, nextIndex }: Progress): boolean =>
  (state === 'probe' || state === 'replicate') && nextIndex <= log.snapshotIndex;

/** The chunk of the snapshot that the follower waits for, if it waits for one. */
export const chunkOf = (context: RaftContext, to: NodeId, progress: Progress): readonly Effect[] => {
  if (progress.state !== 'snapshot') return [];
  const { snapshot, offset } = progress;
  const { currentTerm: term, round } = context;
  return [{ type: 'sendChunk', params: { to, term, snapshot, offset, round } }];
};

/** Appends, persists, and, without waiting for its own disk, sends to every follower that has room. Thesis §10.2.1. */
export const appendAndReplicate = (context: RaftContext, entries: readonly Entry[]): Decision => {
  const { settings, currentTerm, votedFor } = context;
  const firstIndex = context.log.lastIndex + 1;
  const log = append(context.log, entries, settings.maxMessageBytes);
  const next = { ...context, log };
  const effects: Effect[] = [];
  const progress: Record<NodeId, Progress> = { ...context.progress };
  for (const to of peersOf(context)) {
    const more = fillPipeline(next, to, progress[to]!);
    progress[to] = more.progress;
    effects.push(...more.effects);
  }
  const persist: Effect = {
    type: 'persist',
    params: { currentTerm, votedFor, firstIndex, entries, lastIndex: log.lastIndex },
  };
  return { patch: { log, progress }, effects: [persist, ...effects] };
};

/** The nodes that this leader replicates to. */
export const peersOf = (context: Pick<RaftContext, 'progress'>): readonly NodeId[] =>
  Object.keys(context.progress).map(Number);

const replicate = (context: RaftContext, to: NodeId, firstIndex: LogIndex, lastIndex: LogIndex): Effect => ({
  type: 'replicate',
  params: {
    to,
    term: context.currentTerm,
    prevLogIndex: firstIndex - 1,
    prevLogTerm: termAt(context.log, firstIndex - 1),
    runs: runsBetween(context.log, firstIndex, lastIndex),
    lastIndex,
    leaderCommit: context.commitIndex,
    round: context.round,
  },
});
