import type { LogIndex, NodeId, Term } from '../../raft/types.ts';

/** What was seen of a node of any implementation. docs/traces-of-others.md */
export const observedKinds = [
  'started',
  'restarted',
  'crashed',
  'timeout',
  'received',
  'sent',
  'proposed',
  'durable',
  'state',
] as const;
export type ObservedKind = (typeof observedKinds)[number];

export const observedRoles = ['follower', 'preCandidate', 'candidate', 'leader'] as const;
export type ObservedRole = (typeof observedRoles)[number];

/** The part of a node's state that a line tells. */
export interface ObservedState {
  readonly role?: ObservedRole;
  readonly term?: Term;
  readonly votedFor?: NodeId | null;
  readonly commitIndex?: LogIndex;
  readonly lastIndex?: LogIndex;
  readonly lastTerm?: Term;
  /** The term of each entry, from index 1 on. */
  readonly log?: readonly Term[];
}

export const observedMessageTypes = [
  'RequestVote',
  'RequestVoteResponse',
  'PreVote',
  'PreVoteResponse',
  'AppendEntries',
  'AppendEntriesResponse',
  'InstallSnapshot',
  'InstallSnapshotResponse',
  'TimeoutNow',
] as const;
export type ObservedMessageType = (typeof observedMessageTypes)[number];

/** More entries than any node holds uncommitted, or sends at once: what tells of more is damaged, and would fill the memory. */
export const mostEntries = 10_000_000;

/** A message as far as a line tells of it. One from a node to itself says that the node counts its own vote, or its own copy of the log. */
export interface ObservedMessage {
  readonly type: ObservedMessageType;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: Term;
  readonly lastLogIndex?: LogIndex;
  readonly lastLogTerm?: Term;
  readonly voteGranted?: boolean;
  readonly prevLogIndex?: LogIndex;
  readonly prevLogTerm?: Term;
  /** How many, or the term of each. */
  readonly entries?: number | readonly Term[];
  readonly leaderCommit?: LogIndex;
  readonly success?: boolean;
  readonly matchIndex?: LogIndex;
  readonly conflictTerm?: Term;
  readonly conflictIndex?: LogIndex;
  readonly lastIncludedIndex?: LogIndex;
  readonly lastIncludedTerm?: Term;
  /** It names no place in the log, or answers one that does not. */
  readonly isHeartbeat?: boolean;
}

export interface ObservedEvent {
  readonly node: NodeId;
  readonly what: ObservedKind;
  readonly message?: ObservedMessage;
  readonly state?: ObservedState;
  /** When the state was read: before the event was acted on, after it, or on the way from one to the other. */
  readonly when: 'before' | 'during' | 'after';
  /** Who votes, as far as the node knows. */
  readonly voters?: readonly NodeId[];
  /** Who voted before, while both majorities decide. */
  readonly outgoing?: readonly NodeId[];
  /** Of `timeout`: which timer. */
  readonly timer?: 'electionTimeout' | 'quorumCheck';
  /** Of `proposed`: how many. */
  readonly commands?: number;
  /** Of `proposed`: the commands stand in the node's log, so it leads. */
  readonly isAppended?: boolean;
  /** Where `tellsTurns`: what this line is there to tell. */
  readonly turn?: 'role' | 'commit';
  /** Of `received`: no trace tells who sent it. */
  readonly isUnseen?: boolean;
  readonly atMs?: number;
}

/** What is known of an implementation beyond its lines. */
export interface ObservedHabits {
  /** A request for a vote may come to nothing: there is a leader. Thesis §4.2.3. */
  readonly mayIgnoreVotes: boolean;
  /** Whatever comes from before its commit index, a follower acknowledges that index, and looks at nothing. */
  readonly acknowledgesCommitted: boolean;
  /** `sent` tells what was queued: it leaves with the next `durable`. */
  readonly queuesSends: boolean;
  /** A node campaigns, leads, and commits as a leader on lines of their own. */
  readonly tellsTurns: boolean;
}

/** In words, for a rejection. */
export const observedText = (event: ObservedEvent): string => {
  const { what, message, state, timer, commands = 1 } = event;
  switch (what) {
    case 'sent':
      return `it sends ${observedMessageText(message!)} to node${message!.to}`;
    case 'received':
      return `${observedMessageText(message!)} arrives from node${message!.from}`;
    case 'timeout':
      return `${timer ?? 'electionTimeout'} expires`;
    case 'proposed':
      return `clients propose ${commands} ${commands === 1 ? 'command' : 'commands'}`;
    case 'durable':
      return `durable: ${fieldsText(state ?? {})}`;
    case 'state':
      return `its state: ${fieldsText(state ?? {})}`;
    default:
      return `it has ${what}${state === undefined ? '' : `: ${fieldsText(state)}`}`;
  }
};

export const observedMessageText = ({ type, from: _, to: __, term, ...rest }: ObservedMessage): string => {
  const { entries, isHeartbeat, ...fields } = rest;
  const told = {
    ...fields,
    ...(entries === undefined ? {} : { entries: typeof entries === 'number' ? entries : entries.length }),
  };
  const name = isHeartbeat === true ? `${type} of a heartbeat` : type;
  return `${name} of term ${term}${Object.keys(told).length === 0 ? '' : ` (${fieldsText(told)})`}`;
};

const fieldsText = (fields: object): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ');
