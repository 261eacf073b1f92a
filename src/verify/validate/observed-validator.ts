import { createStepper } from '../../node/step.ts';
import type { Message } from '../../raft/messages.ts';
import { emptyPayload, type NodeId } from '../../raft/types.ts';
import { chartWithout, type Dispensable } from '../paths/chart-without.ts';
import {
  mostEntries,
  type ObservedEvent,
  type ObservedHabits,
  type ObservedMessage,
  type ObservedState,
  observedText,
} from './observed-event.ts';
import { ObservedMessages } from './observed-messages.ts';
import { ObservedNode, type ObservedParts } from './observed-node.ts';
import { NotAllowed, type Rejection, Unreplayable } from './rejection.ts';

export interface ObservedFigures {
  readonly events: number;
  readonly nodes: number;
  /** Messages from nodes of which no line tells. */
  readonly unseen: number;
  /** Times that a node was taken as a line told it, since lines before that may be missing. */
  readonly retaken: number;
  /** Lines that the chart has no equal for, by their kind. */
  readonly skipped: ReadonlyMap<string, number>;
}

export interface ObservedOptions {
  readonly without?: readonly Dispensable[];
  /** Rejections carry no hints. */
  readonly hasHints?: boolean;
  readonly habits?: Partial<ObservedHabits>;
  readonly isPartial?: boolean;
  /** Whose lines there are, if each trace is of one node. */
  readonly nodes?: readonly NodeId[];
}

/** What a trace's next line comes to. */
export type ObservedLine = { readonly events: readonly ObservedEvent[] } | { readonly skipped: string };

/** Replays on the chart what was seen of another implementation. */
export class ObservedValidator {
  readonly #options: ObservedOptions;
  readonly #parts: ObservedParts;
  readonly #messages = new ObservedMessages();
  readonly #nodes = new Map<NodeId, ObservedNode>();
  /** Everybody who is named. */
  readonly #named = new Set<NodeId>();
  readonly #leaders = new Map<number, NodeId>();
  readonly #votes = new Map<string, NodeId>();
  readonly #skipped = new Map<string, number>();
  /** What each node's latest line has told. */
  readonly #turns = new Map<NodeId, ObservedState>();
  #events = 0;
  #unseen = 0;
  #retaken = 0;
  #voters: readonly NodeId[] = [];

  constructor(options: ObservedOptions = {}) {
    const { without = [], habits = {}, hasHints = true, isPartial = false } = options;
    this.#options = options;
    this.#parts = {
      stepper: createStepper(chartWithout(without)),
      habits: {
        mayIgnoreVotes: false,
        acknowledgesCommitted: false,
        queuesSends: false,
        tellsTurns: false,
        ...habits,
      },
      hasLease: !without.includes('leaderLease') && !without.includes('leaseEnd'),
      hasQuorumCheck: !without.includes('quorumCheck'),
      hasHints,
      isPartial,
    };
  }

  get figures(): ObservedFigures {
    return {
      events: this.#events,
      nodes: this.#nodes.size,
      unseen: this.#unseen,
      retaken: this.#retaken,
      skipped: this.#skipped,
    };
  }

  /** Whether a line of another trace should come first: this one receives what has not been sent yet. */
  waitsFor(line: ObservedLine): 'nothing' | 'sent' | 'lost' {
    if (!('events' in line)) return 'nothing';
    const waits = line.events.some(
      ({ what, message, isUnseen }) =>
        what === 'received' &&
        isUnseen !== true &&
        this.#tellsOf(message!.from) &&
        !this.#messages.wasSent(message!),
    );
    if (!waits) return 'nothing';
    return this.#parts.isPartial ? 'lost' : 'sent';
  }

  /** No more lines come of this node. */
  ended(_: NodeId): void {}

  /** Takes the next line; returns why no rule allows it, or null. Throws `Unreplayable`. */
  take(line: ObservedLine): Rejection | null {
    if ('skipped' in line) {
      this.#skipped.set(line.skipped, (this.#skipped.get(line.skipped) ?? 0) + 1);
      return null;
    }
    for (const event of line.events) {
      const rejection = this.#takeOne(event);
      if (rejection !== null) return rejection;
    }
    this.#events++;
    return null;
  }

  #takeOne(event: ObservedEvent): Rejection | null {
    try {
      this.#take(event);
      this.#keepFacts(event);
      return null;
    } catch (error) {
      if (!(error instanceof NotAllowed)) throw error;
      try {
        if (this.#isRetaken(event)) {
          this.#keepFacts(event);
          return null;
        }
      } catch (fact) {
        if (!(fact instanceof NotAllowed)) throw fact;
        return rejectionOf(event, fact);
      }
      return rejectionOf(event, error);
    }
  }

  #take(event: ObservedEvent): void {
    const { node: id, what, message, state = {}, when } = event;
    this.#name(event);
    const known = this.#nodes.get(id);
    if (what === 'started' || what === 'restarted') {
      if (known === undefined) this.#start(event);
      else {
        known.members(event, this.#others());
        known.restarted(state);
        this.#messages.ended(id);
      }
      this.#turns.set(id, state);
      return;
    }
    if (known === undefined && !this.#parts.isPartial)
      throw new NotAllowed([`the trace does not show how node${id} has started; --partial accepts that`]);
    if (known === undefined) {
      this.#start(event);
      this.#retaken++;
      if (what === 'sent' && message!.from !== message!.to)
        this.#messages.sent(message!, [this.#completed(message!)]);
      return;
    }
    if (what === 'crashed') {
      known.crashed();
      return;
    }
    if (known.isDown) throw new NotAllowed(['it is not running']);
    this.#checkTurn(event);
    if (when === 'before') known.sees(state, event);
    known.members(event, this.#others());
    this.#act(known, event);
    if (when !== 'before' && what !== 'durable') known.sees(state, event);
  }

  /** Where lines of their own tell that a node campaigns, leads or commits, nothing else does. */
  #checkTurn({ node, what, state, turn }: ObservedEvent): void {
    if (!this.#parts.habits.tellsTurns || this.#parts.isPartial || state === undefined || what === 'durable')
      return;
    const { role, commitIndex } = this.#turns.get(node) ?? {};
    this.#turns.set(node, state);
    if (state.role !== role && (state.role === 'candidate' || state.role === 'leader') && turn !== 'role')
      throw new NotAllowed([`role: ${role} before, ${state.role} in the trace, and no line tells of that`]);
    if (
      state.role === 'leader' &&
      role === 'leader' &&
      state.commitIndex !== commitIndex &&
      turn !== 'commit'
    )
      throw new NotAllowed([
        `commitIndex: ${commitIndex} before, ${state.commitIndex} in the trace, and no line tells of that`,
      ]);
  }

  #act(
    node: ObservedNode,
    { node: id, what, message, state, timer, commands, isAppended, isUnseen }: ObservedEvent,
  ): void {
    switch (what) {
      case 'timeout':
        node.timeout(timer ?? 'electionTimeout');
        return;
      case 'proposed':
        node.proposed(commands ?? 1, isAppended ?? false);
        return;
      case 'durable':
        if (state !== undefined || !this.#parts.habits.queuesSends) node.durable(state ?? {});
        else {
          node.flushed();
          this.#messages.released(id);
        }
        return;
      case 'sent': {
        const known = node.sent(message!).map((whole) => asAcknowledgement(whole, message!));
        if (this.#parts.habits.queuesSends) this.#messages.queued(message!, known);
        else this.#messages.sent(message!, known);
        return;
      }
      case 'received':
        if (message!.from === message!.to) {
          if (!this.#messages.wasSent(message!) && !this.#parts.isPartial)
            throw this.#messages.neverSent(message!);
          node.receivedFromItself(message!);
        } else node.received(this.#received(message!, isUnseen ?? false), message!);
        return;
      default:
    }
  }

  /** What may have arrived. */
  #received(told: ObservedMessage, isUnseen: boolean): readonly Message[] {
    const sent = this.#messages.find(told);
    if (sent.length > 0) return sent;
    if (!isUnseen && this.#tellsOf(told.from) && !this.#parts.isPartial) throw this.#messages.neverSent(told);
    if (!isUnseen) this.#unseen++;
    return [this.#completed(told)];
  }

  #tellsOf(id: NodeId): boolean {
    return this.#nodes.has(id) || (this.#options.nodes?.includes(id) ?? false);
  }

  #start(event: ObservedEvent): void {
    const { node: id, voters = [], state = {} } = event;
    const members = voters.length > 0 ? voters : this.#voters;
    if (members.length === 0) throw new Unreplayable(`the trace does not tell the voters of node${id}`);
    const node = new ObservedNode(id, state, members, this.#parts);
    this.#nodes.set(id, node);
    node.members(event, this.#others());
  }

  #name({ node, message, voters = [], outgoing = [] }: ObservedEvent): void {
    if (voters.length > 0) this.#voters = voters;
    for (const id of [
      node,
      ...voters,
      ...outgoing,
      ...(message === undefined ? [] : [message.from, message.to]),
    ])
      this.#named.add(id);
  }

  #others(): readonly NodeId[] {
    return [...this.#named].sort((a, b) => a - b);
  }

  /** What holds even where lines are missing. Figure 3, Election Safety; Raft paper §5.2. */
  #keepFacts({ node, state, message, what }: ObservedEvent): void {
    if (state?.role === 'leader' && state.term !== undefined) this.#noteLeader(node, state.term);
    if (what !== 'sent') return;
    const { type, from, to, term, voteGranted } = message!;
    if (type === 'AppendEntries' || type === 'InstallSnapshot') this.#noteLeader(from, term);
    if (type !== 'RequestVote' && !(type === 'RequestVoteResponse' && voteGranted === true)) return;
    const candidate = type === 'RequestVote' ? from : to;
    const key = `${from} ${term}`;
    const known = this.#votes.get(key) ?? candidate;
    if (known !== candidate) throw new NotAllowed([`it has voted for node${known} in term ${term}`]);
    this.#votes.set(key, candidate);
  }

  #noteLeader(node: NodeId, term: number): void {
    const known = this.#leaders.get(term) ?? node;
    if (known !== node) throw new NotAllowed([`node${known} leads term ${term}`]);
    this.#leaders.set(term, node);
  }

  /** Where lines may be missing, a node is what the next line tells, if that can have become of it. */
  #isRetaken(event: ObservedEvent): boolean {
    const { node: id, what, message } = event;
    const node = this.#nodes.get(id);
    const sent = what === 'sent' && message!.from !== message!.to ? impliedBy(message!) : undefined;
    if (!this.#parts.isPartial || node === undefined || (event.state ?? sent) === undefined) return false;
    const state = { ...sent, ...event.state };
    node.retake(state, what === 'restarted' || what === 'started');
    this.#retaken++;
    if (what === 'sent' && message!.from !== message!.to)
      this.#messages.sent(message!, [this.#completed(message!)]);
    return true;
  }

  /** The whole of a message of which only this is told. */
  #completed(told: ObservedMessage): Message {
    const { type, from, to, term } = told;
    const ends = { from, to, term };
    const field = <Name extends keyof ObservedMessage>(name: Name): NonNullable<ObservedMessage[Name]> => {
      const value = told[name];
      if (value === undefined)
        throw new Unreplayable(`message.${name} is missing, and no trace tells of its sender`);
      return value as NonNullable<ObservedMessage[Name]>;
    };
    switch (type) {
      case 'RequestVote':
        return {
          ...ends,
          type,
          lastLogIndex: field('lastLogIndex'),
          lastLogTerm: field('lastLogTerm'),
          leadershipTransfer: false,
        };
      case 'PreVote':
        return { ...ends, type, lastLogIndex: field('lastLogIndex'), lastLogTerm: field('lastLogTerm') };
      case 'RequestVoteResponse':
      case 'PreVoteResponse':
        return { ...ends, type, voteGranted: field('voteGranted') };
      case 'AppendEntries': {
        const leaderCommit = told.leaderCommit ?? 0;
        if (told.isHeartbeat === true)
          return { ...ends, type, prevLogIndex: 0, prevLogTerm: 0, entries: [], leaderCommit: 0, round: 0 };
        const entries = field('entries');
        if (typeof entries === 'number' && entries > mostEntries)
          throw new Unreplayable(`message.entries is ${entries}, more than ${mostEntries}`);
        const terms = typeof entries === 'number' ? Array.from({ length: entries }, () => term) : entries;
        return {
          ...ends,
          type,
          prevLogIndex: field('prevLogIndex'),
          prevLogTerm: field('prevLogTerm'),
          entries: terms.map((each) => ({ term: each, kind: 'command', payload: emptyPayload })),
          leaderCommit,
          round: 0,
        };
      }
      case 'AppendEntriesResponse': {
        const success = field('success');
        const { matchIndex = 0, prevLogIndex = matchIndex, conflictTerm = 0, conflictIndex = 0 } = told;
        return {
          ...ends,
          type,
          success,
          prevLogIndex,
          matchIndex: success ? matchIndex : 0,
          conflictTerm,
          conflictIndex,
          round: 0,
        };
      }
      case 'InstallSnapshot': {
        const lastIncludedIndex = field('lastIncludedIndex');
        const configuration = { index: 0, voters: this.#voters, outgoing: [], learners: [], members: {} };
        const whole = {
          sizeBytes: 0,
          checksum: 0,
          offset: 0,
          data: emptyPayload,
          dataChecksum: 0,
          done: true,
          round: 0,
        };
        return {
          ...ends,
          ...whole,
          type,
          lastIncludedIndex,
          lastIncludedTerm: told.lastIncludedTerm ?? 0,
          configuration,
        };
      }
      case 'InstallSnapshotResponse': {
        const { matchIndex = told.lastIncludedIndex ?? 0 } = told;
        return asAcknowledgement(
          {
            ...ends,
            type,
            success: field('success'),
            lastIncludedIndex: matchIndex,
            matchIndex,
            offset: 0,
            round: 0,
          },
          told,
        );
      }
      case 'TimeoutNow':
        return { ...ends, type };
    }
  }
}

/** What a node is that sends this. */
const impliedBy = ({
  type,
  from,
  to,
  term,
  voteGranted,
  lastLogIndex,
  lastLogTerm,
}: ObservedMessage): ObservedState => {
  switch (type) {
    case 'RequestVote':
      return {
        role: 'candidate',
        term,
        votedFor: from,
        ...(lastLogIndex === undefined ? {} : { lastIndex: lastLogIndex }),
        ...(lastLogTerm === undefined ? {} : { lastTerm: lastLogTerm }),
      };
    case 'RequestVoteResponse':
      return { term, ...(voteGranted === true ? { votedFor: to } : {}) };
    case 'AppendEntries':
    case 'InstallSnapshot':
      return { role: 'leader', term };
    case 'AppendEntriesResponse':
    case 'InstallSnapshotResponse':
      return { role: 'follower', term };
    default:
      return {};
  }
};

/** Who holds a snapshot holds the entries. */
const asAcknowledgement = (message: Message, { matchIndex: told }: ObservedMessage): Message => {
  if (message.type !== 'InstallSnapshotResponse' && message.type !== 'AppendEntriesResponse') return message;
  const { from, to, term, success, round } = message;
  const matchIndex = success ? (told ?? message.matchIndex) : 0;
  const conflict =
    message.type === 'AppendEntriesResponse'
      ? message
      : { prevLogIndex: matchIndex, conflictTerm: 0, conflictIndex: 0 };
  const { prevLogIndex, conflictTerm, conflictIndex } = conflict;
  return {
    type: 'AppendEntriesResponse',
    from,
    to,
    term,
    success,
    round,
    matchIndex,
    prevLogIndex,
    conflictTerm,
    conflictIndex,
  };
};

const rejectionOf = (event: ObservedEvent, { reasons, nearest }: NotAllowed): Rejection => ({
  node: event.node,
  step: null,
  observed: observedText(event),
  reasons,
  nearest,
});
