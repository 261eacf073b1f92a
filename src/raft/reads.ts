import { assert } from './assert.ts';
import { currentConfiguration } from './configuration.ts';
import type { RaftContext, WaitingRead } from './context.ts';
import { type Decision, type Effect, send } from './effects.ts';
import type { Raised, ReadRequested, Received } from './inputs.ts';
import { termAt } from './log-shape.ts';
import type { ReadIndex, ReadIndexResponse } from './messages.ts';
import type { Progress } from './progress.ts';
import { quorumIndex } from './quorum.ts';
import { heartbeats } from './send-entries.ts';
import type { NodeId, Round } from './types.ts';

/** A read as the leader is asked for it: by its own clients, or by a follower's. */
export type ReadAsked = ReadRequested | ReadIndex;

/** Whether no entry of the leader's own term is committed: until then it may not know the latest commit index. Raft paper §8; thesis §6.4. */
export const isOwnTermUncommitted = ({ log, commitIndex, currentTerm }: RaftContext): boolean =>
  termAt(log, commitIndex) !== currentTerm;

/** Whether a round that reads wait for is under way: those that come meanwhile share the next. */
export const isRoundUnderWay = ({ reads }: RaftContext): boolean => reads.some(({ round }) => round > 0);

/** Keeps the read until a round can begin for it. A request that arrives again is the same read, and waits already. */
export const holdRead = (context: RaftContext, event: ReadAsked): Decision => {
  const { reads } = context;
  const read = heldRead(context, event);
  const isKnown = reads.some(({ from, id }) => from === read.from && id === read.id);
  return { patch: isKnown ? {} : { reads: [...reads, read] }, effects: [] };
};

/** Asks the followers at once whether this node still leads. Thesis §6.4, steps 2 and 3. */
export const startReadRound = (context: RaftContext, event: ReadAsked): Decision =>
  beginRound(context, [...context.reads, heldRead(context, event)]);

/** An entry of its own term is committed: begins the round that the reads have waited for. */
export const startHeldReads = (context: RaftContext): Decision => beginRound(context, context.reads);

/** A majority has answered since the round began, so this node led then: answers its reads, and begins the next round if others wait. Thesis §6.4, step 3. */
export const confirmReads = (context: RaftContext): Decision => {
  const confirmed = confirmedRound(context);
  const isConfirmed = ({ round }: WaitingRead) => round > 0 && round <= confirmed;
  const answers = context.reads.filter(isConfirmed).map((read) => answerRead(context, read));
  const waiting = context.reads.filter((read) => !isConfirmed(read));
  if (!waiting.some(({ round }) => round === 0) || isOwnTermUncommitted(context)) {
    return { patch: { reads: waiting }, effects: answers };
  }
  const next = beginRound(context, waiting);
  return { ...next, effects: [...answers, ...next.effects] };
};

/**
 * Whether a majority has answered a round that began so recently that none of them votes for another candidate yet, by
 * any of their clocks. Void once it has handed over: that election passes all leases. Thesis §6.4.1, §3.10.
 */
export const isLeaseHeld = (context: RaftContext, event: ReadAsked): boolean => {
  const endMs = leaseEndMs(context);
  if (endMs === null || context.hasHandedOver) return false;
  const nowMs = event.type === 'ReadRequested' ? event.nowMs : context.nowMs;
  return nowMs !== null && nowMs < endMs;
};

/** When the lease ends, by this node's clock; null: there is none. */
export const leaseEndMs = ({
  settings,
  leaseStartMs,
}: Pick<RaftContext, 'settings' | 'leaseStartMs'>): number | null => {
  const { leaseReads, electionTimeoutMinMs, maxClockDrift } = settings;
  if (!leaseReads || leaseStartMs === null) return null;
  // This clock may lose as much as a follower's gains.
  return leaseStartMs + (electionTimeoutMinMs * (1 - maxClockDrift)) / (1 + maxClockDrift);
};

/** Answers the read at once: no other leader can have been elected yet. Thesis §6.4.1. */
export const answerByLease = (context: RaftContext, event: ReadAsked): Decision => ({
  patch: {},
  effects: [answerRead(context, { ...heldRead(context, event), index: context.commitIndex })],
});

/** Whether this node needs to know when its messages arrive: lease reads trust clocks. */
export const keepsTime = ({ settings }: RaftContext): boolean => settings.leaseReads;

/** The latest time it has heard of: no later than the truth when a round begins. */
export const recordTime = (context: RaftContext, { nowMs }: Received): Decision => ({
  patch: nowMs === undefined ? {} : { nowMs: Math.max(context.nowMs ?? nowMs, nowMs) },
  effects: [],
});

/** Whether there is no leader to ask. */
export const isLeaderUnknown = ({ leaderId }: RaftContext): boolean => leaderId === null;

/** Asks the leader how far the read must have applied the log; the state machine here answers it. Thesis §6.4, last part. */
export const forwardRead = (context: RaftContext, { id: readId }: ReadRequested): Decision => {
  const { id, leaderId, currentTerm } = context;
  assert(leaderId !== null, 'there is a leader to ask', leaderId);
  return {
    patch: {},
    effects: [send({ type: 'ReadIndex', from: id, to: leaderId, term: currentTerm, readId })],
  };
};

/** No leader is known: the client has to ask again, or elsewhere. */
export const refuseRead = (context: RaftContext, { id }: ReadRequested): Decision => ({
  patch: {},
  effects: [{ type: 'rejectRead', params: { id, leaderId: context.leaderId } }],
});

/** Not the leader: tells the follower so. */
export const refuseReadIndex = (context: RaftContext, request: ReadIndex): Decision => ({
  patch: {},
  effects: [refusal(context, request.from, request.readId)],
});

/** Whether the node asked did not lead. */
export const isReadRefused = (response: ReadIndexResponse): boolean => !response.success;

/** The leader has confirmed the read that this node had forwarded. */
export const confirmForwardedRead = (_: RaftContext, response: ReadIndexResponse): Decision => ({
  patch: {},
  effects: [{ type: 'confirmRead', params: { id: response.readId, index: response.readIndex } }],
});

/** The node that this one believed to lead does not: the client has to ask again. */
export const rejectForwardedRead = (_: RaftContext, response: ReadIndexResponse): Decision => ({
  patch: {},
  effects: [{ type: 'rejectRead', params: { id: response.readId, leaderId: null } }],
});

/** Leads no longer: what waits to be confirmed will not be. */
export const refusedReads = (context: RaftContext): readonly Effect[] =>
  context.reads.map(
    ({ from, id }): Effect =>
      from === context.id
        ? { type: 'rejectRead', params: { id, leaderId: null } }
        : refusal(context, from, id),
  );

/** What an answer to a round changes. */
type RoundView = Pick<
  RaftContext,
  'id' | 'configurations' | 'round' | 'reads' | 'openRounds' | 'leaseStartMs' | 'progress'
>;

/** A follower's answer has just gone into `progress`: renews the lease and notices what is confirmed. */
export const answered = (
  leader: RoundView,
): {
  readonly patch: Partial<Pick<RaftContext, 'openRounds' | 'leaseStartMs'>>;
  readonly raised: readonly Raised[];
} => {
  if (leader.reads.length === 0 && leader.openRounds.length === 0) return { patch: {}, raised: [] };
  const confirmed = confirmedRound(leader);
  const isWaitedFor = leader.reads.some(({ round }) => round > 0 && round <= confirmed);
  const closed = leader.openRounds.filter(({ round }) => round <= confirmed).at(-1);
  return {
    patch:
      closed === undefined
        ? {}
        : {
            openRounds: leader.openRounds.filter(({ round }) => round > confirmed),
            leaseStartMs: closed.startMs,
          },
    raised: isWaitedFor ? [{ type: 'RoundConfirmed' }] : [],
  };
};

/** What is noticed where the commit index may have risen: reads have waited for an entry of the leader's own term. */
export const termCommittedBy = (context: RaftContext): readonly Raised[] =>
  context.reads.some(({ round }) => round === 0) &&
  !isOwnTermUncommitted(context) &&
  !isRoundUnderWay(context)
    ? [{ type: 'TermCommitted' }]
    : [];

/** The patch with which a round begins: everything sent from now on names it. The only voter has nobody to ask, so it is answered at once. */
export const nextRound = (
  leader: RoundView & Pick<RaftContext, 'nowMs' | 'settings'>,
): {
  readonly patch: Pick<RaftContext, 'round' | 'openRounds'> & Partial<Pick<RaftContext, 'leaseStartMs'>>;
  readonly raised: readonly Raised[];
} => {
  const round = leader.round + 1;
  const { nowMs, settings } = leader;
  // A round whose beginning is not known renews no lease.
  const isTimed = settings.leaseReads && nowMs !== null;
  const openRounds = isTimed ? [...leader.openRounds, { round, startMs: nowMs }] : leader.openRounds;
  const { patch, raised } = answered({ ...leader, round, openRounds });
  return { patch: { round, openRounds, ...patch }, raised };
};

const beginRound = (context: RaftContext, reads: readonly WaitingRead[]): Decision => {
  const round = context.round + 1;
  const waiting = reads.map((read) =>
    read.round === 0 ? { ...read, round, index: context.commitIndex } : read,
  );
  const { patch, raised } = nextRound({ ...context, reads: waiting });
  const next = { ...context, ...patch, reads: waiting };
  return { patch: { ...patch, reads: waiting }, effects: heartbeats(next), raised };
};

/** The latest round that a majority has answered. */
const confirmedRound = ({
  id,
  configurations,
  round,
  progress,
}: Pick<RaftContext, 'id' | 'configurations' | 'round' | 'progress'>): Round =>
  quorumIndex(currentConfiguration(configurations), (voter) =>
    voter === id ? round : answeredRound(progress[voter]),
  );

const answeredRound = (progress: Progress | undefined): Round =>
  progress === undefined || progress.state === 'lost' ? 0 : progress.round;

const heldRead = (context: RaftContext, event: ReadAsked): WaitingRead =>
  event.type === 'ReadRequested'
    ? { from: context.id, id: event.id, round: 0, index: 0 }
    : { from: event.from, id: event.readId, round: 0, index: 0 };

const answerRead = (context: RaftContext, { from, id, index }: WaitingRead): Effect =>
  from === context.id
    ? { type: 'confirmRead', params: { id, index } }
    : readIndexResponse(context, from, { readId: id, success: true, readIndex: index });

const refusal = (context: RaftContext, to: NodeId, readId: number): Effect =>
  readIndexResponse(context, to, { readId, success: false, readIndex: 0 });

const readIndexResponse = (
  { id, currentTerm }: RaftContext,
  to: NodeId,
  answer: Pick<ReadIndexResponse, 'readId' | 'success' | 'readIndex'>,
): Effect => send({ type: 'ReadIndexResponse', from: id, to, term: currentTerm, ...answer });
