import type { TimerName } from '../../node/step.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import { nodeName } from '../../raft/types.ts';
import { commandText } from '../../store/kv/command-text.ts';
import type { StateSummary, TimedEvent } from '../../trace/events.ts';
import { Narrator } from '../../trace/narrator.ts';
import { messageLabel } from '../../trace/trace-sequence.ts';
import { type Why, wrapped } from '../../trace/transcript.ts';
import type { Violation } from '../../trace/violation.ts';
import { changesText } from '../changes-text.ts';
import { toMessage } from '../paths/path-message.ts';
import type { ClusterEvent, ScheduledEvent } from './cluster-event.ts';

const widthColumns = 100;
const indent = '      ';

/**
 * The steps of a schedule in words, numbered from 1 on: what happens, what the node makes of it and by which rule, and what it
 * sends. A rule is explained where it first appears.
 */
export const scheduleText = (
  schedule: readonly ScheduledEvent[],
  events: readonly TimedEvent[],
): readonly string[] => {
  const lines: string[] = [];
  const explained = new Set<string>();
  const add = (text: string, prefix: string) => {
    for (const line of wrapped(text, widthColumns - prefix.length)) lines.push(`${prefix}${line}`);
  };
  const teller = {
    tell: (who: string, what: string, why: Why | null = null) => {
      add(`${who} ${what}`, indent);
      if (why === null || explained.has(why.description)) return;
      explained.add(why.description);
      add(`${why.description} [${why.rule}]`, `${indent}  | `);
    },
  };
  const narrator = new Narrator(teller, commandText);
  for (const [at, { event }] of schedule.entries()) {
    const own = events.filter(({ atMs }) => atMs === at + 1);
    if (own.length === 0) break;
    lines.push(`${`${at + 1}`.padStart(4)}  ${eventText(event)}`);
    for (const each of own) narrator.take(each);
    for (const line of flightLines(event, own)) add(line, indent);
  }
  return lines;
};

/** The state of each node at the end. */
export const endText = (events: readonly TimedEvent[]): readonly string[] => {
  const states = new Map<NodeId, StateSummary | null>();
  for (const event of events) {
    if (event.type === 'chart') states.set(event.node, event.after);
    if (event.type === 'started') states.set(event.node, event.state);
    if (event.type === 'stopped') states.set(event.node, null);
  }
  return [...states].map(
    ([node, state]) => `  ${nodeName(node)}  ${state === null ? 'stopped' : stateText(state)}`,
  );
};

const stateText = ({ state, term, votedFor, lastIndex, lastTerm, commitIndex }: StateSummary): string =>
  [
    state,
    `term ${term}`,
    votedFor === null ? 'no vote' : `vote for ${nodeName(votedFor)}`,
    lastIndex === 0 ? 'empty log' : `log up to ${lastIndex} of term ${lastTerm}`,
    commitIndex === 0 ? 'nothing committed' : `committed up to ${commitIndex}`,
  ].join(', ');

/** `Election Safety does not hold.`, and both facts below. */
export const violationText = ({ property, facts }: Violation): readonly string[] => [
  `${property} does not hold:`,
  ...facts.flatMap((fact, at) =>
    wrapped(`${at === 0 ? '' : 'but '}${fact}`, widthColumns - 2).map((line) => `  ${line}`),
  ),
];

/** What happens in one step, in a line. */
export const eventText = (event: ClusterEvent): string => {
  switch (event.type) {
    case 'deliver': {
      const { from, to } = event.message;
      const again = event.again ? ', which may arrive once more' : '';
      return `${nodeName(to)} receives from ${nodeName(from)}: ${label(toMessage(event.message))}${again}`;
    }
    case 'lose': {
      const { from, to } = event.message;
      return `lost on its way from ${nodeName(from)} to ${nodeName(to)}: ${label(toMessage(event.message))}`;
    }
    case 'timeout':
      return `${nodeName(event.node)}: ${timerWords[event.timer]}`;
    case 'propose':
      return `a client's command reaches ${nodeName(event.node)}`;
    case 'transfer':
      return `a client asks ${nodeName(event.node)} to hand over to ${nodeName(event.target)}`;
    case 'read':
      return `a client asks ${nodeName(event.node)} for read ${event.id}`;
    case 'change':
      return `a client asks ${nodeName(event.node)} to ${changesText(event.changes)}`;
    case 'snapshot':
      return `${nodeName(event.node)}: a snapshot of what it has applied becomes durable`;
    case 'checked':
      return `${nodeName(event.node)}: the snapshot that it has received is sound`;
    case 'durable':
      return `${nodeName(event.node)}: its oldest write becomes durable`;
    case 'crash':
      return crashText(event);
  }
};

const crashText = ({ node, writes, during, effects }: Extract<ClusterEvent, { type: 'crash' }>): string => {
  const kept =
    writes === 0
      ? ''
      : `; of the writes under way its disk keeps ${writes === 1 ? 'the first' : `the first ${writes}`}`;
  if (during === undefined) return `${nodeName(node)} loses power${kept}`;
  const after = effects === 1 ? 'one effect' : `${effects ?? 0} effects`;
  return `${nodeName(node)} loses power after ${after} of this: ${eventText(during)}${kept}`;
};

const timerWords: Readonly<Record<TimerName, string>> = {
  electionTimeout: 'its election timeout expires',
  leaderLease: 'the lease of its leader expires',
  heartbeatInterval: 'it is time for a heartbeat',
  quorumCheck: 'it is time to check for a majority',
  transferTimeout: 'its time to hand over is up',
  catchUpRound: 'a round of catching up has taken an election timeout',
  catchUpTimeout: 'it is time to look whether the learners get further',
};

/** What was sent, grouped by content; and what was lost at once, for lack of room. */
const flightLines = (cause: ClusterEvent, events: readonly TimedEvent[]): readonly string[] => {
  const messagesOf = (type: 'sent' | 'lost') =>
    events.flatMap((event) => (event.type === type ? [event.message] : []));
  const dropped = cause.type === 'lose' ? [] : messagesOf('lost');
  return [
    ...grouped(messagesOf('sent')).map(({ from, to, text }) => `${nodeName(from)} sends to ${to}: ${text}`),
    ...grouped(dropped).map(
      ({ from, to, text }) => `lost, since too much is under way, from ${nodeName(from)} to ${to}: ${text}`,
    ),
  ];
};

const grouped = (
  messages: readonly Message[],
): readonly { readonly from: NodeId; readonly to: string; readonly text: string }[] => {
  const groups = Map.groupBy(messages, (message) => `${message.from} ${label(message)}`);
  return [...groups.values()].map((same) => ({
    from: same[0]!.from,
    to: same.map(({ to }) => nodeName(to)).join(', '),
    text: label(same[0]!),
  }));
};

const label = messageLabel;
