import type { Configuration } from './configuration.ts';
import type { Envelope, Message, MessageType } from './messages.ts';
import type { Entry } from './types.ts';

/** What a field of a message holds: how it is checked, and how it travels. */
export type FieldKind = 'index' | 'term' | 'boolean' | 'entries' | 'count' | 'bytes' | 'configuration';

type KindOf<Value> = Value extends boolean
  ? 'boolean'
  : Value extends readonly Entry[]
    ? 'entries'
    : Value extends Uint8Array
      ? 'bytes'
      : Value extends Configuration
        ? 'configuration'
        : 'index' | 'term' | 'count';

type MessageOf<Type extends MessageType> = Extract<Message, { readonly type: Type }>;
type OwnField<Type extends MessageType> = Exclude<keyof MessageOf<Type>, keyof Envelope | 'type'>;

interface MessageRow<Type extends MessageType> {
  /** A request of an older term is answered with the current one; a response, or a notice, which asks for no answer, is dropped. */
  readonly is: 'request' | 'response' | 'notice';
  /**
   * Which term the message names. `entered`: the one its sender is in, so that a newer one is adopted. `next`: the one after its
   * sender's, which nobody has entered. `nextIfGranted`: `next` if it grants what was asked, otherwise `entered`. Thesis §9.6.
   */
  readonly term: 'entered' | 'next' | 'nextIfGranted';
  /** Whether it asks for a vote, which a server that has a leader ignores. Thesis §4.2.3. */
  readonly asksForVote: boolean;
  /** Every field but the envelope, in the order in which they travel. */
  readonly fields: { readonly [Field in OwnField<Type>]: KindOf<MessageOf<Type>[Field]> };
}

/**
 * Every kind of message, in one place: what the term gate and the leader's lease do with it, and what it carries. The gate, the codec and
 * the schemas of tests read this table, and a message that is missing here does not compile.
 */
export const messageTable = {
  RequestVote: {
    is: 'request',
    term: 'entered',
    asksForVote: true,
    fields: { lastLogIndex: 'index', lastLogTerm: 'term', leadershipTransfer: 'boolean' },
  },
  RequestVoteResponse: {
    is: 'response',
    term: 'entered',
    asksForVote: false,
    fields: { voteGranted: 'boolean' },
  },
  PreVote: {
    is: 'request',
    term: 'next',
    asksForVote: true,
    fields: { lastLogIndex: 'index', lastLogTerm: 'term' },
  },
  PreVoteResponse: {
    is: 'response',
    term: 'nextIfGranted',
    asksForVote: false,
    fields: { voteGranted: 'boolean' },
  },
  AppendEntries: {
    is: 'request',
    term: 'entered',
    asksForVote: false,
    fields: {
      prevLogIndex: 'index',
      prevLogTerm: 'term',
      leaderCommit: 'index',
      round: 'count',
      entries: 'entries',
    },
  },
  AppendEntriesResponse: {
    is: 'response',
    term: 'entered',
    asksForVote: false,
    fields: {
      success: 'boolean',
      prevLogIndex: 'index',
      matchIndex: 'index',
      conflictTerm: 'term',
      conflictIndex: 'index',
      round: 'count',
    },
  },
  InstallSnapshot: {
    is: 'request',
    term: 'entered',
    asksForVote: false,
    fields: {
      lastIncludedIndex: 'index',
      lastIncludedTerm: 'term',
      configuration: 'configuration',
      sizeBytes: 'count',
      checksum: 'count',
      offset: 'count',
      dataChecksum: 'count',
      done: 'boolean',
      round: 'count',
      data: 'bytes',
    },
  },
  InstallSnapshotResponse: {
    is: 'response',
    term: 'entered',
    asksForVote: false,
    fields: {
      lastIncludedIndex: 'index',
      success: 'boolean',
      matchIndex: 'index',
      offset: 'count',
      round: 'count',
    },
  },
  TimeoutNow: { is: 'notice', term: 'entered', asksForVote: false, fields: {} },
  ReadIndex: { is: 'request', term: 'entered', asksForVote: false, fields: { readId: 'count' } },
  ReadIndexResponse: {
    is: 'response',
    term: 'entered',
    asksForVote: false,
    fields: { readId: 'count', success: 'boolean', readIndex: 'index' },
  },
} as const satisfies { readonly [Type in MessageType]: MessageRow<Type> };

/** In the order of the table. */
export const messageTypes = Object.keys(messageTable) as readonly MessageType[];

type Table = typeof messageTable;

/** The messages that ask for an answer. */
export type Request = Extract<
  Message,
  {
    readonly type: { [Type in MessageType]: Table[Type]['is'] extends 'request' ? Type : never }[MessageType];
  }
>;

export const isRequest = (message: Message): message is Request =>
  messageTable[message.type].is === 'request';

/** Whether the message names a term that nobody has entered yet. Thesis §9.6. */
export const namesNextTerm = (message: {
  readonly type: MessageType;
  readonly voteGranted?: boolean;
}): boolean => {
  const { term } = messageTable[message.type];
  return term === 'next' || (term === 'nextIfGranted' && message.voteGranted === true);
};

/** Whether an event of the chart is a message, as the term gate delivers it. */
export const isMessage = (event: { readonly type: string }): event is Message =>
  Object.hasOwn(messageTable, event.type);
