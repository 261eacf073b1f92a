import { decodeConfiguration } from '../raft/configuration-payload.ts';
import type { Persist } from '../raft/effects.ts';
import { messageTable } from '../raft/message-table.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry, NodeId, Term } from '../raft/types.ts';
import { nodeName } from '../raft/types.ts';
import { topOf } from '../statechart/read/state-name.ts';
import { delayOfTimer } from '../statechart/read/xstate-internals.ts';
import type { SimulationEvent, StateSummary, TakenTransition } from './events.ts';
import { messageLabel } from './trace-sequence.ts';
import type { Transcript, Why } from './transcript.ts';

type ChartStep = Extract<SimulationEvent, { type: 'chart' }>;

export interface NarratorOptions {
  /** Tell each message that arrives or is lost as well, heartbeats included. */
  readonly tellsMessages: boolean;
}

/** Narrates the events of a simulation as a person would: who did what, and which rule of the chart made it so. */
export class Narrator {
  readonly #transcript: Pick<Transcript, 'tell'>;
  readonly #commandText: (payload: Uint8Array) => string;
  readonly #options: NarratorOptions;
  /** The message that a node's chart handles next. */
  readonly #arrived = new Map<NodeId, Message>();
  readonly #down = new Set<NodeId>();

  /** `commandText` says what a command of the state machine does. */
  constructor(
    transcript: Pick<Transcript, 'tell'>,
    commandText: (payload: Uint8Array) => string,
    options: NarratorOptions = { tellsMessages: false },
  ) {
    this.#transcript = transcript;
    this.#commandText = commandText;
    this.#options = options;
  }

  /** Takes one event of the simulation. */
  take(event: SimulationEvent): void {
    switch (event.type) {
      case 'delivered':
        this.#arrived.set(event.message.to, event.message);
        this.#tellMessage(event.message, 'receives from');
        return;
      case 'lost':
        this.#tellMessage(event.message, 'never receives from');
        return;
      case 'chart':
        this.#step(event);
        return;
      case 'crashed':
        this.#down.add(event.node);
        this.#transcript.tell(nodeName(event.node), 'crashes');
        return;
      case 'started':
        if (this.#down.delete(event.node)) this.#transcript.tell(nodeName(event.node), found(event.state));
        return;
      case 'stopped':
      case 'refused':
        this.#transcript.tell(nodeName(event.node), `${event.type}: ${event.reason}`);
        return;
      default:
    }
  }

  #tellMessage(message: Message, verb: string): void {
    if (!this.#options.tellsMessages) return;
    const { from, to } = message;
    this.#transcript.tell(nodeName(to), `${verb} ${nodeName(from)}: ${messageLabel(message)}`);
  }

  #step(step: ChartStep): void {
    const { node, before, after, effects } = step;
    const message = this.#arrived.get(node);
    this.#arrived.delete(node);
    const tell = (what: string, why: Why | null) => this.#transcript.tell(nodeName(node), what, why);

    this.#tellRole(step, tell);
    for (const { type, params } of effects) {
      if (type === 'persist' && params.entries.length > 0) this.#tellEntries(step, params, tell);
      if (type === 'send') this.#tellAnswer(step, params.message, tell);
    }
    if (message !== undefined && messageTable[message.type].asksForVote && effects.length === 0) {
      tell(
        `ignores the ${message.type} of ${nodeName(message.from)} for term ${message.term}`,
        causeOf(step),
      );
    }
    if (after.commitIndex > before.commitIndex) {
      const verb = topOf(after.state) === 'leader' ? 'commits' : 'learns that it may apply';
      const why = topOf(after.state) === 'leader' ? causeOf(step) : null;
      tell(`${verb} ${range(before.commitIndex + 1, after.commitIndex)}`, why);
    }
  }

  #tellRole(step: ChartStep, tell: (what: string, why: Why | null) => void): void {
    const { before, after } = step;
    const [from, to] = [topOf(before.state), topOf(after.state)];
    const isRetry = to === 'preCandidate' && step.transitions.some(({ event }) => isElectionTimeout(event));
    if (from === to && !isRetry) {
      if (before.term === after.term || to === 'candidate') return;
      tell(`learns of term ${after.term}`, causeOf(step));
      return;
    }
    tell(roleWords(to, from, after.term), causeOf(step));
  }

  #tellEntries(
    step: ChartStep,
    { firstIndex, entries, lastIndex }: Persist,
    tell: (what: string, why: Why | null) => void,
  ): void {
    const { before, after } = step;
    const dropped = firstIndex <= before.lastIndex ? `drops ${range(firstIndex, before.lastIndex)}; ` : '';
    const verb = topOf(after.state) === 'leader' ? 'appends' : 'takes';
    const what = entries.map((entry) => this.#textOf(entry)).join(', ');
    const why = step.transitions.findLast(({ event }) => appending.has(event));
    tell(
      `${dropped}${verb} ${range(firstIndex, lastIndex)} of ${termsOf(entries)}: ${what}`,
      why === undefined ? null : whyOf(why),
    );
  }

  #tellAnswer(step: ChartStep, answer: Message, tell: (what: string, why: Why | null) => void): void {
    const words = answerWords(answer);
    if (words !== null) tell(words, lastCauseOf(step));
  }

  /** A log entry's payload, for people. */
  #textOf({ kind, payload }: Entry): string {
    if (kind === 'noop') return 'no-op';
    if (kind === 'configuration') return membersText(payload);
    // Of an explored cluster, whose entries are told apart by index and term.
    return payload.length === 0 ? 'a command' : this.#commandText(payload);
  }
}

/** The events by which entries come into a log. */
const appending: ReadonlySet<string> = new Set([
  'AppendEntries',
  'Proposed',
  'ConfigurationProposed',
  'CaughtUp',
  'JointCommitted',
]);

/** `members: voters node1, node2, together with the old voters node1, node3; learners node4`. */
const membersText = (payload: Uint8Array): string => {
  const configuration = decodeConfiguration(payload);
  if (configuration === null) return 'members that cannot be read';
  const { voters, outgoing, learners } = configuration;
  const names = (ids: readonly NodeId[]) => ids.map(nodeName).join(', ');
  const joint = outgoing.length === 0 ? '' : `, together with the old voters ${names(outgoing)}`;
  const learning = learners.length === 0 ? '' : `; learners ${names(learners)}`;
  return `members: voters ${names(voters)}${joint}${learning}`;
};

const found = ({ term, votedFor, lastIndex }: StateSummary): string => {
  const vote = votedFor === null ? 'no vote' : `its vote for ${nodeName(votedFor)}`;
  const log = lastIndex === 0 ? 'an empty log' : `a log up to entry ${lastIndex}`;
  return `starts again as follower; its disk has term ${term}, ${vote}, ${log}`;
};

const roleWords = (to: string, from: string, term: Term): string => {
  switch (to) {
    case 'preCandidate':
      return `asks whether it could win term ${term + 1}: pre-candidate`;
    case 'candidate':
      return `campaigns for term ${term}, and votes for itself: candidate`;
    case 'leader':
      return `leads term ${term}: leader`;
    default:
      return `${from === 'leader' ? 'steps down and follows' : 'follows'} in term ${term}`;
  }
};

/** Null: not worth a line. */
const answerWords = (answer: Message): string | null => {
  const to = nodeName(answer.to);
  switch (answer.type) {
    case 'RequestVoteResponse':
      if (answer.voteGranted) return `votes for ${to} in term ${answer.term}`;
      return `refuses ${to} its vote, in term ${answer.term}`;
    case 'PreVoteResponse':
      if (answer.voteGranted) return `would vote for ${to} in term ${answer.term}`;
      return `would not vote for ${to}; its own term is ${answer.term}`;
    case 'AppendEntriesResponse':
      if (answer.success) return null;
      return `rejects an AppendEntries of ${to} that follows entry ${answer.prevLogIndex}`;
    case 'ReadIndexResponse':
      if (answer.success) return null;
      return `refuses to confirm a read of ${to}: it does not lead`;
    case 'InstallSnapshotResponse':
      if (!answer.success) return null;
      return `holds everything up to ${answer.matchIndex}, as the snapshot of ${to} says`;
    case 'RequestVote':
    case 'PreVote':
    case 'AppendEntries':
    case 'InstallSnapshot':
    case 'TimeoutNow':
    case 'ReadIndex':
      return null;
  }
};

/** `entry 3`, `entries 3 to 5`. */
const range = (first: number, last: number): string =>
  first === last ? `entry ${first}` : `entries ${first} to ${last}`;

const termsOf = (entries: readonly Entry[]): string => {
  const terms = [...new Set(entries.map(({ term }) => term))];
  return `${terms.length === 1 ? 'term' : 'terms'} ${terms.join(', ')}`;
};

/** The transition that changed the role: the term gate if it adopted a term, else the role's own, not the delivery before it. */
const causeOf = ({ node, before, after, transitions }: ChartStep): Why | null => {
  const [first] = transitions;
  if (first === undefined) return null;
  const isGate = first.event === 'Received' && before.term !== after.term && after.votedFor !== node;
  return whyOf(isGate ? first : (transitions.find(({ event }) => event !== 'Received') ?? first));
};

/** The transition that answered. */
const lastCauseOf = ({ transitions }: ChartStep): Why | null => {
  const last = transitions.at(-1);
  return last === undefined ? null : whyOf(last);
};

const whyOf = ({ description, rule }: TakenTransition): Why | null =>
  description === null || rule === null ? null : { description, rule };

const isElectionTimeout = (event: string): boolean => delayOfTimer(event) === 'electionTimeout';
