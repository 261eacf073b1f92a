import type { Configuration } from '../raft/configuration.ts';
import { configurationsIn } from '../raft/configuration-payload.ts';
import type { Effect } from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import { type NodeId, nodeName } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { delayOfTimer } from '../statechart/read/xstate-internals.ts';
import type { TimedEvent } from './events.ts';
import type { FaultKind } from './fault.ts';
import { faultText } from './fault-text.ts';
import type { SequenceEvent, SequenceLog, SequenceLogs, SequenceMessage } from './sequence.ts';
import type { ShownLog, Told } from './told.ts';

/** The events of a simulation's trace as a story; what a reader of a sequence diagram does not ask for is left out. */
export const sequenceOfTrace = (events: readonly TimedEvent[]): readonly SequenceEvent[] => {
  const story: SequenceEvent[] = [];
  let step: SequenceEvent[] = [];
  // A trace writes a step down after what it caused; a reader wants the cause first. The storyteller speaks between steps.
  const close = () => {
    story.push(...step.toSorted((a, b) => a.time - b.time || rankOf(a) - rankOf(b)));
    step = [];
  };
  const telling = tellingDeliveries(events);
  const isTold = events.some(({ type }) => type === 'told');
  for (const event of events) {
    const isBetween = event.type === 'told' && event.told.kind !== 'answered';
    if (isBetween) close();
    // A story tells of its faults itself.
    step.push(...(isTold ? [] : faultNote(event)), ...storyOf(event, telling.has(event)));
    if (isBetween) close();
  }
  close();
  return story.filter((event, at) => event.kind !== 'logs' || !isShownAgain(event, story.slice(0, at)));
};

/** Deliveries that change the receiver's role or term, or that it refuses: even a heartbeat is worth showing then. */
const tellingDeliveries = (events: readonly TimedEvent[]): ReadonlySet<TimedEvent> => {
  const telling = new Set<TimedEvent>();
  const arrived = new Map<NodeId, TimedEvent>();
  for (const event of events) {
    if (event.type === 'delivered') arrived.set(event.message.to, event);
    if (event.type !== 'chart') continue;
    const delivery = arrived.get(event.node);
    arrived.delete(event.node);
    const { before, after, effects } = event;
    const isTurn = topOf(before.state) !== topOf(after.state) || before.term !== after.term;
    if (delivery !== undefined && (isTurn || effects.some(isRefusal))) telling.add(delivery);
  }
  return telling;
};

const faultNote = (event: TimedEvent): readonly SequenceEvent[] => {
  const { type, atMs: time } = event;
  if (type === 'healed') return [{ kind: 'note', time, label: 'no fault is left' }];
  if (type === 'faultBegins') return [{ kind: 'note', time, label: faultText(event.fault) }];
  if (type !== 'faultEnds' || passes.has(event.fault.kind)) return [];
  return [{ kind: 'note', time, label: `over: ${faultText(event.fault)}` }];
};

/** Faults of a moment; what follows them, such as a start, shows by itself. */
const passes: ReadonlySet<FaultKind> = new Set([
  'disconnect',
  'crash',
  'failedSync',
  'bitFlip',
  'lostDisk',
  'olderDisk',
]);

const isRefusal = ({ type, params }: Effect): boolean =>
  type === 'send' && params.message.type === 'AppendEntriesResponse' && !params.message.success;

/** Deliveries first, then what the node makes of them, then what it sends. */
const rankOf = ({ kind }: SequenceEvent): number => {
  if (kind === 'message-delivered') return 0;
  if (kind === 'message-sent') return 2;
  return kind === 'message-lost' || kind === 'violation' ? 3 : 1;
};

/** The logs that a story shows last are those of its end, as a rule. */
const isShownAgain = (logs: SequenceLogs, before: readonly SequenceEvent[]): boolean => {
  const last = before.findLast(({ kind }) => kind !== 'expectation' && kind !== 'act');
  return last?.kind === 'logs' && cellsOf(last) === cellsOf(logs);
};

const cellsOf = ({ logs }: SequenceLogs): string =>
  JSON.stringify(logs.map(({ terms, commitIndex, isUp }) => ({ terms, commitIndex, isUp })));

const storyOf = (event: TimedEvent, isTelling: boolean): readonly SequenceEvent[] => {
  const time = event.atMs;
  switch (event.type) {
    case 'sent':
      return [{ kind: 'message-sent', time, ...messageOf(event.message) }];
    case 'delivered':
      return [{ kind: 'message-delivered', time, ...messageOf(event.message, isTelling) }];
    case 'lost':
      return [{ kind: 'message-lost', time, ...messageOf(event.message) }];
    case 'chart':
      return chartMarks(event);
    case 'started':
      return [{ kind: 'restart', time, node: nodeName(event.node), label: 'starts', term: event.state.term }];
    case 'crashed':
      return [{ kind: 'crash', time, node: nodeName(event.node), label: 'crashes', term: 0 }];
    case 'stopped':
    case 'refused':
      return [{ kind: 'crash', time, node: nodeName(event.node), label: event.type, term: 0 }];
    case 'violation':
      return [{ kind: 'violation', time, label: event.violation.message }];
    case 'told':
      return toldBy(event.told, time);
    default:
      return [];
  }
};

const client = 'client';

const toldBy = (told: Told, time: number): readonly SequenceEvent[] => {
  switch (told.kind) {
    case 'act':
    case 'expectation':
      return [{ kind: told.kind, time, label: told.text }];
    case 'note':
      return [{ kind: 'note', time, label: noteText(told.who, told.text) }];
    case 'failure':
      return [{ kind: 'violation', time, label: told.text }];
    case 'hushed':
    case 'resumed':
      return [{ kind: 'hush', time, isHushed: told.kind === 'hushed' }];
    case 'asked':
    case 'answered': {
      const node = nodeName(told.node);
      const [from, to] = told.kind === 'asked' ? [client, node] : [node, client];
      const id = `${told.request}`;
      return [{ kind: 'message-delivered', time, from, to, id, label: told.text, term: 0, isClients: true }];
    }
    case 'logs':
      return [{ kind: 'logs', time, logs: told.logs.map(logOf) }];
  }
};

/** `The network is whole again`. */
const noteText = (who: string, text: string): string => {
  if (who === '') return text;
  if (who === 'dice') return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return `${who === 'network' ? 'The network' : who} ${text}`;
};

const logOf = ({ node, name, isUp, terms, commitIndex }: ShownLog): SequenceLog => ({
  label: name === '' ? nodeName(node) : `${nodeName(node)} (${name})`,
  isUp,
  terms,
  commitIndex,
});

const chartMarks = (event: Extract<TimedEvent, { type: 'chart' }>): readonly SequenceEvent[] => {
  const { before, after, transitions, atMs: time } = event;
  const node = nodeName(event.node);
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

const messageOf = (message: Message, isTelling = false): Omit<SequenceMessage, 'kind' | 'time'> => ({
  from: nodeName(message.from),
  to: nodeName(message.to),
  term: message.term,
  label: messageLabel(message),
  ...(isRoutine(message) && !isTelling ? { isRoutine: true } : {}),
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
