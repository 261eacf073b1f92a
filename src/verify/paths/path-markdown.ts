import { changesText } from '../changes-text.ts';
import { isBookkeeping } from './bookkeeping.ts';
import type { Expectation, Path, PathAnswer, PathEvent, PathMessage, PathSet, PathStep } from './path.ts';

/** Generated tests for people: one table per path. */
export const toMarkdown = ({ version, chart, cover, paths }: PathSet): string => {
  const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
  return [
    '# Tests of one Raft node',
    '',
    `Generated from the chart \`${chart}\`, format ${version}, covering ${cover}: ${paths.length} paths, ${steps} steps.`,
    'The node under test is node 1. Each row is one thing that happens to it, and what must be true when that is over.',
    '`again` marks a message delivered twice; `hostile` one that no correct peer sends. A log that begins with `[3/t2]` begins after a snapshot up to entry 3, of term 2.',
    '',
    ...paths.flatMap(pathTable),
  ].join('\n');
};

const pathTable = (path: Path): readonly string[] => [
  `## ${path.id}: ${path.title}`,
  '',
  describeCluster(path),
  '',
  '| # | What happens | State | Term | Vote | Log | Commit | It sends | Rule |',
  '|--:|---|---|--:|---|---|--:|---|---|',
  ...path.steps.map((step, at) => `| ${[at + 1, ...cells(step)].join(' | ')} |`),
  '',
];

/** Who votes, and what is special about the disk, in one sentence. */
export const describeCluster = ({
  voters,
  disk,
  settings,
}: Pick<Path, 'voters' | 'disk' | 'settings'>): string =>
  `${voters.length === 1 ? 'Sole voter' : `Voters ${voters.join(', ')}`}${disk === 'slow' ? '; writes become durable only when a step says so' : ''}${settings.leaseReads ? '; reads go by leases' : ''}.`;

const cells = ({ event, expect, transitions, isDuplicate, isHostile }: PathStep): readonly string[] => [
  `${describeEvent(event)}${isDuplicate ? ' *(again)*' : ''}${isHostile ? ' *(hostile)*' : ''}`,
  expect.state,
  String(expect.term),
  expect.votedFor === null ? '–' : String(expect.votedFor),
  logWords(expect),
  String(expect.commitIndex),
  describeReplies(expect).join('<br>') || '–',
  rulesOf({ transitions }),
];

/** What a snapshot stands for is in brackets. */
const logWords = ({ logBegin, log }: Expectation): string => {
  const words = [...(logBegin.index === 0 ? [] : [`[${logBegin.index}/t${logBegin.term}]`]), ...log];
  return words.length === 0 ? '–' : words.join(' ');
};

/** The outcome, in the words of the branches taken; those that only pass the event on say nothing. */
const rulesOf = ({ transitions }: Pick<PathStep, 'transitions'>): string => {
  const own = transitions.filter(
    (each) => !isBookkeeping(each) && (each.event !== 'Received' || each.guard !== null),
  );
  const shown = own.length > 0 ? own : transitions;
  return shown
    .map(({ description, rule }) => `${description ?? ''} ${rule === null ? '' : `(${rule})`}`.trim())
    .join('<br>');
};

/** Everything that leaves the node in a step, one line per message or answer. */
export const describeReplies = ({
  sent,
  answers,
}: Pick<Expectation, 'sent' | 'answers'>): readonly string[] => {
  return [...answers.map((answer) => `client: ${describeAnswer(answer)}`), ...grouped(sent)];
};

const describeAnswer = (answer: PathAnswer): string => {
  switch (answer.type) {
    case 'accept':
      return `accepted at ${answer.firstIndex}, term ${answer.term}`;
    case 'reject':
      return `refused, ${leaderWords(answer.leaderId)}`;
    case 'acceptRequest':
      return `the members as asked for are committed at ${answer.index}`;
    case 'rejectRequest':
      return `refused, ${answer.reason}, ${leaderWords(answer.leaderId)}`;
    case 'confirmRead':
      return `read ${answer.id} confirmed up to ${answer.index}`;
    case 'rejectRead':
      return `read ${answer.id} refused, ${leaderWords(answer.leaderId)}`;
  }
};

const leaderWords = (leaderId: number | null): string =>
  leaderId === null ? 'no leader known' : `node ${leaderId} leads`;

/** The same message to several peers becomes one line. */
const grouped = (sent: readonly PathMessage[]): readonly string[] => {
  const groups = new Map<string, number[]>();
  for (const message of sent) {
    const text = describeMessage(message);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [message.to]);
    else group.push(message.to);
  }
  return [...groups].map(([text, to]) => `to ${to.join(', ')}: ${text}`);
};

/** One event in a few words. */
export const describeEvent = (event: PathEvent): string => {
  switch (event.type) {
    case 'deliver':
      return `${timeOf(event)}from ${event.message.from}: ${describeMessage(event.message)}`;
    case 'timeout':
      return `${event.timer} expires`;
    case 'propose':
      return `clients propose ${event.commands.map((each) => `\`${each}\``).join(', ')}`;
    case 'transfer':
      return event.target === null
        ? 'a client asks it to hand over'
        : `a client asks it to hand over to node ${event.target}`;
    case 'change':
      return `a client asks it to ${changesText(event.changes, (id) => `node ${id}`)}`;
    case 'read':
      return `${timeOf(event)}a client asks for read ${event.id}`;
    case 'restart':
      return 'restart';
    case 'durable':
      return event.writes === 1 ? 'its oldest write becomes durable' : 'its writes become durable';
    case 'applied':
      return 'its state machine catches up';
    case 'snapshot':
      return 'a snapshot of its state machine is durable';
    case 'checked':
      return event.isSound ? 'the snapshot received is sound' : 'the snapshot received is of no use';
  }
};

const timeOf = ({ nowMs }: { readonly nowMs?: number }): string =>
  nowMs === undefined ? '' : `at ${nowMs} ms, `;

const describeMessage = (message: PathMessage): string => {
  const head = `${message.type}, term ${message.term}`;
  switch (message.type) {
    case 'RequestVote':
    case 'PreVote': {
      const asked = message.type === 'RequestVote' && message.leadershipTransfer ? ', for a transfer' : '';
      return `${head}${asked}, log ends at ${message.lastLogIndex} of term ${message.lastLogTerm}`;
    }
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return `${head}, ${message.voteGranted ? 'granted' : 'refused'}`;
    case 'AppendEntries': {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      const terms =
        entries.length === 0 ? 'no entries' : `entries of term ${entries.map((each) => each.term).join(' ')}`;
      return `${head}, after ${prevLogIndex} of term ${prevLogTerm}, ${terms}, commit ${leaderCommit}, round ${message.round}`;
    }
    case 'AppendEntriesResponse': {
      if (message.success) return `${head}, round ${message.round}, matches up to ${message.matchIndex}`;
      const hint =
        message.conflictTerm === 0
          ? 'short of it'
          : `term ${message.conflictTerm} from ${message.conflictIndex} on`;
      return `${head}, round ${message.round}, rejected after ${message.prevLogIndex}: ${hint}${message.conflictTerm === 0 ? `, next ${message.conflictIndex}` : ''}`;
    }
    case 'InstallSnapshot': {
      const { lastIncludedIndex, lastIncludedTerm, offset, done } = message;
      return `${head}, up to ${lastIncludedIndex} of term ${lastIncludedTerm}, from byte ${offset}${done ? ', the last chunk' : ''}, round ${message.round}`;
    }
    case 'InstallSnapshotResponse': {
      const { success, matchIndex, offset } = message;
      return `${head}, round ${message.round}, ${success ? `matches up to ${matchIndex}` : `waits for byte ${offset}`}`;
    }
    case 'TimeoutNow':
      return head;
    case 'ReadIndex':
      return `${head}, read ${message.readId}`;
    case 'ReadIndexResponse':
      return `${head}, read ${message.readId} ${message.success ? `confirmed up to ${message.readIndex}` : 'refused'}`;
  }
};
