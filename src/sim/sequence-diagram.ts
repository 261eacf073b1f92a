import type { Message } from '../raft/messages.ts';
import type { NodeId } from '../raft/types.ts';
import type { TimedEvent } from './events.ts';
import { isHeartbeat } from './heartbeat.ts';
import type { Fault } from './plan.ts';

/** More is not read. The last ones are kept: they led to what is to be seen. */
const maxLines = 400;

/** A run as a Mermaid sequence diagram: messages where they arrive or are lost, changes of role, faults. Heartbeats are left out. */
export const sequenceDiagram = (nodes: readonly NodeId[], events: readonly TimedEvent[]): string => {
  const lines = events.flatMap((event) => linesOf(event));
  const left = lines.length - maxLines;
  return [
    'sequenceDiagram',
    ...nodes.map((id) => `  participant node${id}`),
    ...(left > 0 ? [`  Note over node${nodes[0]}: ${left} earlier lines are left out`] : []),
    ...lines.slice(-maxLines).map((line) => `  ${line}`),
    '',
  ].join('\n');
};

const linesOf = (event: TimedEvent): readonly string[] => {
  const at = `${event.atMs.toFixed(1)} ms`;
  switch (event.type) {
    case 'delivered':
      return isHeartbeat(event.message) ? [] : [arrow(event.message, '->>')];
    case 'lost':
      return isHeartbeat(event.message) ? [] : [arrow(event.message, '--x')];
    case 'chart': {
      const { before, after, node, transitions } = event;
      const [from, to] = [roleIn(before.state), roleIn(after.state)];
      if (from === to && before.commitIndex === after.commitIndex) return [];
      if (from === to) return [`Note over node${node}: commits ${after.commitIndex}`];
      const rule = transitions.find(({ rule }) => rule !== null)?.rule ?? '';
      return [`Note over node${node}: ${text(`${at}: ${to}, term ${after.term} (${rule})`)}`];
    }
    case 'crashed':
    case 'stopped':
    case 'refused': {
      const reason = 'reason' in event ? `: ${event.reason}` : '';
      return [`Note over node${event.node}: ${text(`${at}: ${event.type}${reason}`)}`];
    }
    case 'started':
      return [`Note over node${event.node}: ${text(`${at}: starts in term ${event.state.term}`)}`];
    case 'faultBegins':
      return [`Note over node1: ${text(`${at}: ${describeFault(event.fault)}`)}`];
    case 'violation':
      return [`Note over node1: ${text(`${at}: ${event.violation.message}`)}`];
    default:
      return [];
  }
};

/** In one line, for people. */
export const describeFault = (fault: Fault): string => {
  const { kind, fromMs: _from, toMs, ...rest } = fault;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${kind} until ${toMs} ms, ${details.join(', ')}`;
};

const arrow = (message: Message, line: string): string =>
  `node${message.from}${line}node${message.to}: ${text(describeMessage(message))}`;

/** In one line, for people. */
export const describeMessage = (message: Message): string => {
  const name = `${message.type} term ${message.term}`;
  switch (message.type) {
    case 'RequestVote':
    case 'PreVote':
      return `${name}, log ends at ${message.lastLogIndex} of term ${message.lastLogTerm}`;
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return `${name}, ${message.voteGranted ? 'granted' : 'refused'}`;
    case 'AppendEntries': {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      const last = prevLogIndex + entries.length;
      const range = entries.length === 0 ? 'no entries' : `entries ${prevLogIndex + 1} to ${last}`;
      return `${name}, ${range} after ${prevLogIndex} of term ${prevLogTerm}, commit ${leaderCommit}`;
    }
    case 'AppendEntriesResponse':
      return message.success
        ? `${name}, matches up to ${message.matchIndex}`
        : `${name}, refused after ${message.prevLogIndex}`;
  }
};

const roleIn = (state: string): string => state.split('.')[0]!;

/** What would end a line of Mermaid early. */
const text = (line: string): string =>
  line.replaceAll(';', ',').replaceAll('#', 'no. ').replaceAll('\n', ' ');
