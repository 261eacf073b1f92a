import { currentConfiguration, isJoint } from '../../raft/configuration.ts';
import { decodeConfiguration } from '../../raft/configuration-payload.ts';
import type { RaftContext } from '../../raft/context.ts';
import { type LogShape, lastIndexOfTerm, lastTerm, termAt } from '../../raft/log-shape.ts';
import { namesNextTerm } from '../../raft/message-table.ts';
import { leaseEndMs } from '../../raft/reads.ts';
import { maxTermJump } from '../../raft/term.ts';
import type { NodeId } from '../../raft/types.ts';
import type { PathEntry, PathEvent, PathMessage } from './path.ts';
import { toPayload } from './path-message.ts';

/**
 * How the values that a rule compares, of an event and of a node, relate: what a boundary is made of. This only measures, and decides
 * nothing: only the chart says which branch an event takes.
 */
export interface Relations {
  /** Distinguishes events that a reader would call different. */
  readonly coarse: string;
  /** Each is one boundary, in words: `prevLogIndex = last index`; the first says what the term gate looks at. */
  readonly facets: readonly string[];
  /** It concerns the node's own term, so all its relations count. */
  readonly isClose: boolean;
}

type Sign = '<' | '=' | '>';

const sign = (a: number, b: number): Sign => (a < b ? '<' : a > b ? '>' : '=');

/** 0, 1 or many. */
const some = (count: number): string => (count > 1 ? 'many' : String(count));

/** All its relations together, to tell whether the event is new among those already tried. */
export const relationsOf = (context: RaftContext, event: PathEvent): Relations => {
  switch (event.type) {
    case 'deliver':
      return ofMessage(context, event.message);
    case 'timeout':
      return ofTimer(context, event.timer);
    case 'propose':
      return {
        coarse: `propose ${some(event.commands.length)}`,
        facets: [
          `${event.commands.length} commands of ${event.commands.map((each) => each.length).join('+')} bytes`,
          ...Object.values(context.progress).map(describeProgress),
        ],
        isClose: true,
      };
    case 'read':
      return {
        coarse: `read with ${some(context.reads.length)} ${leaseOf(context, event.nowMs ?? 0)}`,
        facets: [leaseOf(context, event.nowMs ?? 0), ...describeReads(context)],
        isClose: true,
      };
    case 'transfer':
      return {
        coarse: `transfer to ${event.target === null ? 'anybody' : event.target === context.id ? 'itself' : context.progress[event.target] === undefined ? 'nobody' : 'a follower'}`,
        facets: Object.values(context.progress).map(describeProgress),
        isClose: true,
      };
    case 'change':
      return {
        coarse: `members: ${event.changes.map(({ type, node }) => `${type} ${partOf(context, node)}`).join(', ')}`,
        facets: Object.values(context.progress).map(describeProgress),
        isClose: true,
      };
    case 'snapshot': {
      const reach = `applied ${sign(context.lastApplied, context.snapshot.index)} the last snapshot`;
      return {
        coarse: `snapshot, ${reach}`,
        facets: [reach, ...Object.values(context.progress).map(describeProgress)],
        isClose: true,
      };
    }
    case 'checked':
      return { coarse: event.isSound ? 'sound' : 'of no use', facets: [], isClose: true };
    case 'durable':
      return { coarse: event.writes === 1 ? 'durable alone' : event.type, facets: [], isClose: true };
    default:
      return { coarse: event.type, facets: [], isClose: true };
  }
};

/** What a node is to the cluster, as the node under test sees it. */
const partOf = (context: RaftContext, node: number): string => {
  const { voters, learners } = currentConfiguration(context.configurations);
  const who = node === context.id ? 'itself, ' : '';
  return `${who}${voters.includes(node) ? 'a voter' : learners.includes(node) ? 'a learner' : 'nobody'}`;
};

/** Where a time lies in the lease of a leader that answers reads by it. */
const leaseOf = (context: RaftContext, nowMs: number): string => {
  const { settings, hasHandedOver } = context;
  const exactMs = leaseEndMs(context);
  if (exactMs === null) return settings.leaseReads ? 'before any lease' : 'no lease';
  const endMs = Math.ceil(exactMs);
  const when = nowMs === endMs - 1 ? 'at the end of the lease' : `${sign(nowMs, endMs)} the end of the lease`;
  return hasHandedOver ? `${when}, handed over` : when;
};

/** What a read that arrives meets. */
const describeReads = (context: RaftContext): readonly string[] => [
  `${some(context.reads.length)} reads wait`,
  `${context.reads.some(({ round }) => round > 0) ? 'a' : 'no'} round under way, own term ${termAt(context.log, context.commitIndex) === context.currentTerm ? 'committed' : 'not committed'}`,
];

const describeProgress = ({
  state,
  inflight,
  nextIndex,
  matchIndex,
}: RaftContext['progress'][number]): string =>
  `follower in ${state} with ${some(inflight.length)} in flight, nextIndex ${sign(nextIndex, matchIndex + 1)} matchIndex + 1`;

const ofTimer = (context: RaftContext, timer: string): Relations => {
  if (timer !== 'quorumCheck' && timer !== 'heartbeatInterval') {
    return { coarse: timer, facets: [`votedFor ${voted(context, context.id)}`], isClose: true };
  }
  const voters = context.configurations.at(-1)!.voters.length;
  const heard = context.heardFrom.length + 1;
  return {
    coarse: timer,
    facets:
      timer === 'quorumCheck'
        ? [
            `heard from ${heard} of ${voters}`,
            `durable ${sign(context.durableIndex, context.checkedIndex)} what the last check waits for`,
          ]
        : Object.values(context.progress).map(describeProgress),
    isClose: true,
  };
};

const voted = (context: RaftContext, id: number): string => {
  if (context.votedFor === null) return 'nobody';
  return context.votedFor === id ? 'the sender' : context.votedFor === context.id ? 'itself' : 'another';
};

/** What the last of the entries that name members makes of this node. */
const membersIn = (id: NodeId, entries: readonly PathEntry[]): string => {
  const last = entries.findLast(({ kind }) => kind === 'configuration');
  const configuration = last === undefined ? null : decodeConfiguration(toPayload(last.payload));
  if (configuration === null) return '';
  const { voters, learners } = configuration;
  const part = voters.includes(id) ? 'a voter' : learners.includes(id) ? 'a learner' : 'nobody';
  return ` with ${isJoint(configuration) ? 'old and new members' : 'new members'}, itself ${part}`;
};

const ofMessage = (context: RaftContext, message: PathMessage): Relations => {
  const { log } = context;
  const gap = message.term - context.currentTerm;
  const far = gap > maxTermJump ? 'out of reach of' : gap === maxTermJump ? '>>>' : '>>';
  const term = `term ${gap > 1 ? far : sign(gap, 0)} currentTerm`;
  const head = `${message.type} ${term}`;
  const isClose = gap === (namesNextTerm(message) ? 1 : 0);
  const from = (coarse: string, facets: readonly string[], gate = ''): Relations => ({
    coarse: `${head} ${coarse}`,
    facets: [gate === '' ? term : `${term}, ${gate}`, ...facets],
    isClose,
  });
  switch (message.type) {
    case 'RequestVote':
    case 'PreVote': {
      const terms = `lastLogTerm ${sign(message.lastLogTerm, lastTerm(log))} own`;
      const indexes = `lastLogIndex ${sign(message.lastLogIndex, log.lastIndex)} own`;
      const vote = `votedFor ${voted(context, message.from)}`;
      const order = sign(
        message.lastLogTerm * 100 + message.lastLogIndex,
        lastTerm(log) * 100 + log.lastIndex,
      );
      const asked = message.type === 'RequestVote' && message.leadershipTransfer ? ', for a transfer' : '';
      return from(
        `${order === '<' ? 'behind' : 'as good'} ${vote}${asked}`,
        [vote, `${terms}, ${indexes}`],
        asked === '' ? '' : 'for a transfer',
      );
    }
    case 'RequestVoteResponse':
    case 'PreVoteResponse': {
      const { voters } = context.configurations.at(-1)!;
      const votes = context.votesGranted.length;
      const who = voters.includes(message.from)
        ? context.votesGranted.includes(message.from)
          ? 'counted voter'
          : 'voter'
        : 'stranger';
      const granted = message.voteGranted ? 'granted' : 'refused';
      return from(
        `${granted} ${who}`,
        [`${granted} by a ${who}, ${votes} of ${voters.length} so far`],
        granted,
      );
    }
    case 'AppendEntries': {
      const { prevLogIndex: prev, entries } = message;
      const match = prev + entries.length;
      const fits = prev <= log.lastIndex && termAt(log, prev) === message.prevLogTerm;
      const conflict = conflictOf(log, message);
      const at = prev > log.lastIndex ? 'missing' : `${sign(message.prevLogTerm, termAt(log, prev))}`;
      const commit = `leaderCommit ${sign(message.leaderCommit, context.commitIndex)} commitIndex`;
      const isFurther = fits && message.leaderCommit > context.commitIndex;
      const members = membersIn(context.id, entries);
      return from(`${fits ? 'fits' : at} ${some(entries.length)} ${conflict} ${isFurther}${members}`, [
        ...(members === '' ? [] : [`entries${members}`]),
        `prevLogIndex ${sign(prev, log.lastIndex)} last index, prevLogTerm ${at}`,
        `prevLogIndex ${sign(prev, context.commitIndex)} commitIndex`,
        ...(log.snapshotIndex > 0 ? [`prevLogIndex ${sign(prev, log.snapshotIndex)} snapshotIndex`] : []),
        ...(fits
          ? [
              `${some(entries.length)} entries, conflict ${conflict}`,
              `leaderCommit ${sign(message.leaderCommit, match)} match, ${commit}, match ${sign(match, context.commitIndex)} commitIndex`,
              `match ${sign(match, log.lastIndex)} last index, conflict ${conflict.slice(0, 5)}`,
            ]
          : [`own entries there start ${startOf(log, prev)}, ${commit}`]),
      ]);
    }
    case 'AppendEntriesResponse': {
      const progress = context.progress[message.from];
      if (progress === undefined) {
        return from('by nobody', [], message.success ? 'success' : 'rejection');
      }
      const { state, nextIndex, matchIndex, inflight } = progress;
      const where = `follower in ${state} with ${some(inflight.length)} in flight`;
      const waiting = context.reads.find(({ round }) => round > 0);
      const ofRead =
        waiting === undefined ? [] : [`round ${sign(message.round, waiting.round)} that of a read`];
      const rounds = [`round ${sign(message.round, context.checkedRound)} that of the check`, ...ofRead];
      const isAsked = waiting !== undefined && message.round >= waiting.round ? ' asked' : '';
      if (message.success) {
        const match = message.matchIndex;
        const ofTerm = termAt(log, match) === context.currentTerm ? 'own' : 'earlier';
        const others = Object.values(context.progress).filter((each) => each.matchIndex >= match).length;
        return from(
          `match ${sign(match, matchIndex)} ${sign(match, nextIndex)} ${state} ${ofTerm}${isAsked}`,
          [
            `${where}, match ${sign(match, matchIndex)} matchIndex`,
            `${state}, match ${sign(match + 1, nextIndex)} nextIndex - 1, match ${sign(match, log.lastIndex)} last index`,
            `${ofTerm} term, match ${sign(match, context.commitIndex)} commitIndex, ${others} more there`,
            `in flight up to match: ${inflight.filter((each) => each <= match).length} of ${inflight.length}`,
            `match ${sign(match, context.durableIndex)} durable`,
            ...rounds,
          ],
        );
      }
      const prev = message.prevLogIndex;
      const hint =
        message.conflictTerm === 0
          ? 'short'
          : message.conflictTerm === termAt(log, prev)
            ? `this log's term from ${startOf(log, prev)} on`
            : log.runs.some((run) => run.term === message.conflictTerm)
              ? `known term that ends ${endOfTerm(log, message.conflictTerm, prev)} prevLogIndex`
              : 'unknown term';
      const back = `${prev > nextIndex ? '>>' : sign(prev, nextIndex - 1)} nextIndex - 1, ${sign(prev, matchIndex)} matchIndex`;
      return from(`rejection ${state} ${back} ${hint}${isAsked}`, [
        `${state}, rejected ${back}`,
        `hint ${hint}, conflictIndex ${sign(message.conflictIndex, prev)} prevLogIndex`,
        `${where}, conflictIndex ${sign(message.conflictIndex, matchIndex + 1)} matchIndex + 1`,
        `round ${sign(message.round, progress.matchRound)} that of the match, ${sign(prev, matchIndex)} matchIndex`,
        ...rounds,
      ]);
    }
    case 'InstallSnapshot': {
      const { lastIncludedIndex: index, offset, done } = message;
      const { incoming, commitIndex } = context;
      const known =
        incoming === null
          ? 'nothing'
          : incoming.index !== index
            ? 'another'
            : incoming.isComplete
              ? 'all of it'
              : 'some of it';
      const wanted = known === 'some of it' ? incoming!.offset : 0;
      const reach = `up to ${sign(index, commitIndex)} commitIndex`;
      const chunk = `offset ${sign(offset, wanted)} the next one${done ? ', the last chunk' : ''}`;
      const there = `own entry there ${termAt(log, index) === message.lastIncludedTerm ? 'the same' : index > log.lastIndex ? 'missing' : 'another'}`;
      return from(`${reach} ${known} ${chunk}`, [reach, `${known} is there, ${chunk}`, there]);
    }
    case 'InstallSnapshotResponse': {
      const progress = context.progress[message.from];
      const outcome = message.success ? 'success' : 'waiting';
      if (progress === undefined) return from('by nobody', [], outcome);
      const isOther = progress.state !== 'snapshot' || progress.snapshot.index !== message.lastIncludedIndex;
      const about = isOther ? `of another time, in ${progress.state}` : 'of this snapshot';
      const offset =
        progress.state === 'snapshot'
          ? `offset ${sign(message.offset, progress.offset)} sent${progress.isIdle ? ', idle' : ''}`
          : '';
      return from(`${outcome} ${about} ${offset}`, [
        `${outcome} ${about}`,
        ...(offset === '' ? [] : [offset]),
        `match ${sign(message.matchIndex, log.lastIndex)} last index`,
        `round ${sign(message.round, context.checkedRound)} that of the check`,
      ]);
    }
    case 'TimeoutNow':
      return from('', []);
    case 'ReadIndex':
      return from(`reads ${some(context.reads.length)} ${leaseOf(context, context.nowMs ?? 0)}`, [
        leaseOf(context, context.nowMs ?? 0),
        ...describeReads(context),
      ]);
    case 'ReadIndexResponse':
      return from(message.success ? 'confirmed' : 'refused', []);
  }
};

/** Where the entries sent first differ from the log, and whether that entry is committed. */
const conflictOf = (log: LogShape, message: Extract<PathMessage, { type: 'AppendEntries' }>): string => {
  let index = message.prevLogIndex;
  for (const { term } of message.entries) {
    index++;
    if (index > log.lastIndex) return index === message.prevLogIndex + 1 ? 'none, all new' : 'none, some new';
    if (termAt(log, index) !== term) {
      const place = index === message.prevLogIndex + 1 ? 'first' : 'later';
      const earlier = term < termAt(log, index) ? ', by an earlier term' : '';
      return `${place}, ${index === log.lastIndex ? 'at the end' : 'inside'}${earlier}`;
    }
  }
  return message.entries.length === 0 ? 'none' : 'none, all known';
};

/** Where a term in the log ends, relative to `prev`. */
const endOfTerm = (log: LogShape, term: number, prev: number): string => {
  const gap = prev - lastIndexOfTerm(log, term, log.lastIndex);
  return gap > 1 ? 'well before' : gap === 1 ? 'right before' : gap === 0 ? 'at' : 'behind';
};

/** Where the run of the entry at `prev` starts. */
const startOf = (log: LogShape, prev: number): string => {
  if (prev > log.lastIndex) return log.lastIndex === 0 ? 'nowhere' : 'before';
  return termAt(log, prev - 1) === termAt(log, prev) ? 'earlier' : 'there';
};
