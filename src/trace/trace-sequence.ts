import type { Configuration } from '../raft/configuration.ts';
import { configurationsIn } from '../raft/configuration-payload.ts';
import type { Effect } from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { delayOfTimer } from '../statechart/read/xstate-internals.ts';
import type { TimedEvent } from './events.ts';
import type { SequenceEvent, SequenceMessage } from './sequence.ts';

/** The events of a simulation's trace as a story; what a reader of a sequence diagram does not ask for is left out. */
export const sequenceOfTrace = (events: readonly TimedEvent[]): readonly SequenceEvent[] =>
  // A trace writes a step down after what it caused; a reader wants the cause first.
  events.flatMap(storyOf).toSorted((a, b) => a.time - b.time || rank[a.kind] - rank[b.kind]);

const rank: Readonly<Record<SequenceEvent['kind'], number>> = {
  'message-delivered': 0,
  crash: 1,
  restart: 1,
  timer: 1,
  'state-change': 1,
  election: 1,
  members: 1,
  commit: 1,
  wrong: 1,
  'message-sent': 2,
  'message-lost': 3,
};

const storyOf = (event: TimedEvent): readonly SequenceEvent[] => {
  const time = event.atMs;
  switch (event.type) {
    case 'sent':
      return [{ kind: 'message-sent', time, ...messageOf(event.message) }];
    case 'delivered':
      return [{ kind: 'message-delivered', time, ...messageOf(event.message) }];
    case 'lost':
      return [{ kind: 'message-lost', time, ...messageOf(event.message) }];
    case 'chart':
      return chartMarks(event);
    case 'started':
      return [{ kind: 'restart', time, node: nameOf(event.node), label: 'starts', term: event.state.term }];
    case 'crashed':
      return [{ kind: 'crash', time, node: nameOf(event.node), label: 'crashes', term: 0 }];
    case 'stopped':
    case 'refused':
      return [{ kind: 'crash', time, node: nameOf(event.node), label: event.type, term: 0 }];
    default:
      return [];
  }
};

const chartMarks = (event: Extract<TimedEvent, { type: 'chart' }>): readonly SequenceEvent[] => {
  const { before, after, transitions, atMs: time } = event;
  const node = nameOf(event.node);
  const { term } = after;
  const timer = delayOfTimer(transitions[0]?.event ?? '');
  const isNewRole = topOf(before.state) !== topOf(after.state);
  return [
    ...(timer !== null && isNewRole
      ? [{ kind: 'timer', time, node, label: timer, term: before.term } as const]
      : []),
    ...(isNewRole
      ? [
          topOf(after.state) === 'leader'
            ? ({ kind: 'election', time, node, label: `leader of term ${term}`, term } as const)
            : ({
                kind: 'state-change',
                time,
                node,
                label: `${topOf(after.state)}, term ${term}`,
                term,
              } as const),
        ]
      : []),
    ...event.effects
      .flatMap(configurationsOf)
      .map((each) => ({ kind: 'members', time, node, label: membersLabel(each), term }) as const),
    ...(after.commitIndex > before.commitIndex
      ? [{ kind: 'commit', time, node, label: `commits ${after.commitIndex}`, term } as const]
      : []),
  ];
};

/** The configurations that this effect brings into the log, where they are in force at once. */
const configurationsOf = ({ type, params }: Effect): readonly Configuration[] =>
  type === 'persist' ? configurationsIn(params.entries, params.firstIndex) : [];

/** `voters 1 2 4, old voters 1 2 3, learners 5`: while there are old voters, both majorities decide. */
const membersLabel = ({ voters, outgoing, learners }: Configuration): string =>
  [part('voters', voters), part('old voters', outgoing), part('learners', learners)]
    .filter(Boolean)
    .join(', ');

const part = (name: string, ids: readonly NodeId[]): string =>
  ids.length === 0 ? '' : `${name} ${ids.join(' ')}`;

const nameOf = (id: number): string => `node ${id}`;

const messageOf = (message: Message): Omit<SequenceMessage, 'kind' | 'time'> => ({
  from: nameOf(message.from),
  to: nameOf(message.to),
  term: message.term,
  label: messageLabel(message),
  ...(isRoutine(message) ? { isRoutine: true } : {}),
});

const isRoutine = (message: Message): boolean =>
  (message.type === 'AppendEntries' && message.entries.length === 0) ||
  (message.type === 'AppendEntriesResponse' &&
    message.success &&
    message.matchIndex === message.prevLogIndex);

/** Short enough for the gap between two lifelines. */
export const messageLabel = (message: Message): string => {
  switch (message.type) {
    case 'RequestVote':
    case 'PreVote':
      return `${message.type} t${message.term} log ${message.lastLogIndex}/t${message.lastLogTerm}`;
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return `${message.type} t${message.term} ${message.voteGranted ? 'yes' : 'no'}`;
    case 'AppendEntries': {
      const { entries, prevLogIndex, prevLogTerm, leaderCommit, term } = message;
      return `AppendEntries t${term} ${prevLogIndex}/t${prevLogTerm} +${entries.length}${entries.some(({ kind }) => kind === 'configuration') ? ' (members)' : ''} commit ${leaderCommit}`;
    }
    case 'AppendEntriesResponse':
      return `AppendEntriesResponse t${message.term} ${message.success ? `match ${message.matchIndex}` : 'no'}`;
    case 'InstallSnapshot':
      return `InstallSnapshot t${message.term} ${message.lastIncludedIndex}/t${message.lastIncludedTerm} byte ${message.offset}${message.done ? ' end' : ''}`;
    case 'InstallSnapshotResponse':
      return `InstallSnapshotResponse t${message.term} ${message.success ? `match ${message.matchIndex}` : `byte ${message.offset}`}`;
    case 'TimeoutNow':
      return `TimeoutNow t${message.term}`;
    case 'ReadIndex':
      return `ReadIndex t${message.term} read ${message.readId}`;
    case 'ReadIndexResponse':
      return `ReadIndexResponse t${message.term} ${message.success ? `index ${message.readIndex}` : 'no'}`;
  }
};
