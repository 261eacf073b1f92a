import { assert } from './assert.ts';
import { caughtUpFor } from './catch-up.ts';
import { configurationAt } from './configuration.ts';
import type { RaftContext, Settings } from './context.ts';
import { type Decision, type Effect, send } from './effects.ts';
import { hear } from './hear.ts';
import type { SnapshotFailed, SnapshotReceived, SnapshotSaved } from './inputs.ts';
import { dropUpTo, type LogShape, logAfter, termAt } from './log-shape.ts';
import type { InstallSnapshot, InstallSnapshotResponse } from './messages.ts';
import { advance, type Progress } from './progress.ts';
import { chunkOf, fillPipeline, peersOf, sendMore } from './send-entries.ts';
import { targetReadyBy } from './transfer.ts';
import type { LogIndex, NodeId } from './types.ts';

/** Whether a snapshot that reaches at least as far is durable already: the index never goes back. */
export const isSnapshotOlder = (context: RaftContext, event: SnapshotSaved): boolean =>
  event.index <= context.snapshot.index;

/** Drops the entries that the snapshot stands for, but for the last ones, which a follower that is a little late can still use. Raft paper §7. */
export const compactLog = (context: RaftContext, { index, term }: SnapshotSaved): Decision => {
  assert(index <= context.lastApplied, 'a snapshot covers only what is applied', index, context.lastApplied);
  const snapshot = { index, term, configuration: configurationAt(context.configurations, index) };
  const log = compactedLog(context.log, context.settings, index);
  const dropped = log.snapshotIndex;
  const configurations = configurationsFrom(context, dropped);
  const next = { ...context, snapshot, log, configurations };
  const effects: Effect[] =
    dropped > context.log.snapshotIndex
      ? [{ type: 'compact', params: { index: dropped, term: log.snapshotTerm } }]
      : [];
  const progress: Record<NodeId, Progress> = { ...context.progress };
  // Whoever needs what has just been dropped is sent the snapshot at once: nothing else would tell that it waits.
  for (const to of peersOf(context)) {
    if (progress[to]!.nextIndex > log.snapshotIndex) continue;
    const more = fillPipeline(next, to, progress[to]!);
    progress[to] = more.progress;
    effects.push(...more.effects);
  }
  return { patch: { snapshot, log, configurations, progress }, effects };
};

/** Whether the follower has committed everything that the snapshot stands for. */
export const isSnapshotStale = (context: RaftContext, request: InstallSnapshot): boolean =>
  request.lastIncludedIndex <= context.commitIndex;

/** Needs none of it, and tells the leader where to go on. */
export const answerStaleSnapshot = (context: RaftContext, request: InstallSnapshot): Decision => ({
  patch: { leaderId: request.from },
  effects: [installed(context, request, context.commitIndex)],
});

/** Whether all of this snapshot has arrived and is being checked: the answer comes when that is done. */
export const isSnapshotComplete = (context: RaftContext, request: InstallSnapshot): boolean =>
  isIncoming(context, request) && context.incoming?.isComplete === true;

/** The leader is alive, and that is all. */
export const awaitSnapshot = (_: RaftContext, request: InstallSnapshot): Decision => ({
  patch: { leaderId: request.from },
  effects: [],
});

/** Whether the chunk is not the one that comes next. */
export const isChunkOutOfOrder = (context: RaftContext, request: InstallSnapshot): boolean =>
  request.offset !== wantedOffset(context, request);

/** Says which chunk comes next: one was lost, or came twice, or this node has restarted. */
export const askForChunk = (context: RaftContext, request: InstallSnapshot): Decision => ({
  patch: { leaderId: request.from },
  effects: [asking(context, request, wantedOffset(context, request))],
});

/** Keeps the chunk, and asks for the next one; after the last one there is none to ask for. Raft paper §7, Figure 13. */
export const keepChunk = (context: RaftContext, request: InstallSnapshot): Decision => {
  const { lastIncludedIndex: index, lastIncludedTerm: term, configuration, data, done } = request;
  const snapshot = { index, term, configuration };
  const offset = request.offset + data.length;
  const store: Effect = { type: 'storeChunk', params: { chunk: request } };
  return {
    patch: { leaderId: request.from, incoming: { ...snapshot, offset, isComplete: done } },
    effects: done ? [store] : [store, asking(context, request, offset)],
  };
};

/** Whether it is no longer being waited for, or reaches no further than what is committed here by now. */
export const isReceivedStale = ({ incoming, commitIndex }: RaftContext, event: SnapshotReceived): boolean =>
  incoming?.index !== event.index || !incoming.isComplete || event.index <= commitIndex;

/**
 * Begins its log with the snapshot. The entries after it stay if its last entry is the same here; otherwise the log is
 * another one, and goes. Raft paper §7, Figure 13, steps 6 to 8.
 */
export const adoptSnapshot = (context: RaftContext): Decision => {
  const { incoming, currentTerm, votedFor } = context;
  assert(incoming !== null, 'a snapshot has been received', incoming);
  const { index, term, configuration } = incoming;
  const snapshot = { index, term, configuration };
  const keepsLog = index <= context.log.lastIndex && termAt(context.log, index) === term;
  const log = keepsLog ? dropUpTo(context.log, index) : logAfter(index, term);
  const later = keepsLog ? context.configurations.filter((each) => each.index > index) : [];
  const effects: Effect[] = [
    {
      type: 'installSnapshot',
      params: { currentTerm, votedFor, snapshot, lastIndex: log.lastIndex },
    },
    { type: 'apply', params: { lastIndex: index } },
  ];
  if (context.leaderId !== null) {
    effects.push(installed(context, { from: context.leaderId, lastIncludedIndex: index, round: 0 }, index));
  }
  return {
    patch: { log, snapshot, incoming: null, configurations: [configuration, ...later], commitIndex: index },
    effects,
  };
};

/** Forgets what it received: the leader's next chunk finds that it begins anew. */
export const forgetSnapshot = (context: RaftContext, event: SnapshotReceived | SnapshotFailed): Decision => {
  const { incoming, snapshot, commitIndex } = context;
  if (incoming?.index !== event.index) return { patch: {}, effects: [] };
  // It has come too late to begin the log, but is the newest that there is: the one to send from now on.
  const isNewest =
    event.type === 'SnapshotReceived' && event.index > snapshot.index && event.index <= commitIndex;
  const { index, term, configuration } = incoming;
  return {
    patch: { incoming: null, ...(isNewest ? { snapshot: { index, term, configuration } } : {}) },
    effects: [],
  };
};

/** Whether the answer is about a snapshot that is not being sent to this follower, or no longer. */
export const isStaleSnapshotAnswer = (context: RaftContext, response: InstallSnapshotResponse): boolean => {
  const progress = context.progress[response.from]!;
  return progress.state !== 'snapshot' || progress.snapshot.index !== response.lastIncludedIndex;
};

/** Whether the follower holds everything that the snapshot stands for. */
export const isSnapshotDone = (response: InstallSnapshotResponse): boolean => response.success;

/** Whether the chunk that it waits for has just left: an answer that came twice must not double all that follows. */
export const isChunkUnderWay = (context: RaftContext, response: InstallSnapshotResponse): boolean => {
  const progress = context.progress[response.from]!;
  return progress.state === 'snapshot' && progress.offset === response.offset && !progress.isIdle;
};

/** Whether the answer claims more than this leader's log: no correct follower does. */
export const isInstallBeyondLog = (context: RaftContext, response: InstallSnapshotResponse): boolean =>
  response.matchIndex > context.log.lastIndex;

/** The follower is alive, but says nothing new. */
export const recordSnapshotContact = (context: RaftContext, response: InstallSnapshotResponse): Decision => {
  const heard = hear(context, response, context.progress[response.from]!);
  return {
    patch: { ...heard.patch, progress: { ...context.progress, [response.from]: heard.progress } },
    effects: [],
    raised: heard.raised,
  };
};

/** Sends the chunk that the follower waits for, unless that has just left. Raft paper §7, Figure 13. */
export const sendNextChunk = (context: RaftContext, response: InstallSnapshotResponse): Decision => {
  const { from, offset } = response;
  const heard = hear(context, response, context.progress[from]!);
  const progress = advance(heard.progress, { type: 'chunkAsked', offset });
  const next = { ...context, ...heard.patch };
  return {
    patch: { ...heard.patch, progress: { ...context.progress, [from]: progress } },
    effects: chunkOf(next, from, progress),
    raised: heard.raised,
  };
};

/** Goes on with the entries after the snapshot. Raft paper §7. */
export const resumeReplication = (context: RaftContext, response: InstallSnapshotResponse): Decision => {
  const { from, matchIndex } = response;
  const heard = hear(context, response, context.progress[from]!);
  const progress = advance(heard.progress, { type: 'installed', matchIndex, round: context.round });
  const next = { ...context, ...heard.patch };
  return {
    ...sendMore(next, from, progress, heard.patch),
    raised: [
      ...heard.raised,
      ...targetReadyBy(context, from, progress),
      ...caughtUpFor(next, { ...context.progress, [from]: progress }),
    ],
  };
};

/** Chunks that nobody answered in a whole period leave again. */
export const repeatedChunks = (
  context: RaftContext,
): { readonly progress: RaftContext['progress']; readonly effects: readonly Effect[] } => {
  let { progress } = context;
  const effects: Effect[] = [];
  for (const to of peersOf(context)) {
    const known = progress[to]!;
    if (known.state !== 'snapshot') continue;
    const next = advance(known, { type: 'periodPassed', newest: context.snapshot });
    if (known.isIdle) effects.push(...chunkOf(context, to, next));
    progress = { ...progress, [to]: next };
  }
  return { progress, effects };
};

/** The log without what a snapshot at `index` stands for, but for its last entries; as a node keeps it, and as it starts. */
export const compactedLog = (log: LogShape, settings: Settings, index: LogIndex): LogShape => {
  const { trailingEntries, trailingBytes, maxMessageBytes } = settings;
  const byEntries = index - trailingEntries;
  // Each cut stands for at most one message's bytes.
  const kept = Math.floor(trailingBytes / maxMessageBytes);
  const cuts = log.cuts.filter((cut) => cut <= index + 1);
  const byBytes = cuts.length > kept ? cuts[cuts.length - 1 - kept]! - 1 : 0;
  return dropUpTo(log, Math.min(index, Math.max(log.snapshotIndex, byEntries, byBytes)));
};

/** The configurations that the log from here on needs: that in force at `index`, and all later ones. */
const configurationsFrom = ({ configurations }: RaftContext, index: LogIndex) => {
  const at = configurations.findLastIndex((each) => each.index <= index);
  return at <= 0 ? configurations : configurations.slice(at);
};

const isIncoming = ({ incoming }: RaftContext, request: InstallSnapshot): boolean =>
  incoming !== null &&
  incoming.index === request.lastIncludedIndex &&
  incoming.term === request.lastIncludedTerm;

const wantedOffset = (context: RaftContext, request: InstallSnapshot): number =>
  isIncoming(context, request) ? context.incoming!.offset : 0;

type Asked = Pick<InstallSnapshot, 'from' | 'lastIncludedIndex' | 'round'>;

const asking = (context: RaftContext, request: Asked, offset: number): Effect =>
  send({
    type: 'InstallSnapshotResponse',
    from: context.id,
    to: request.from,
    term: context.currentTerm,
    lastIncludedIndex: request.lastIncludedIndex,
    success: false,
    matchIndex: 0,
    offset,
    round: request.round,
  });

const installed = (context: RaftContext, request: Asked, matchIndex: LogIndex): Effect =>
  send({
    type: 'InstallSnapshotResponse',
    from: context.id,
    to: request.from,
    term: context.currentTerm,
    lastIncludedIndex: request.lastIncludedIndex,
    success: true,
    matchIndex,
    offset: 0,
    round: request.round,
  });
