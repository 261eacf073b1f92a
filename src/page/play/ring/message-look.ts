import type { Message } from '../../../raft/messages.ts';

export type Shape = 'circle' | 'triangle' | 'square' | 'diamond';

/** How a message is drawn. Shape, filling and size each mean something of their own, so that colour is never alone. */
export interface MessageLook {
  readonly shape: Shape;
  /** A response is hollow. */
  readonly isResponse: boolean;
  /** A heartbeat and its answer. */
  readonly isSmall: boolean;
  /** It refuses what it was asked. */
  readonly isRefusal: boolean;
  /** How many entries it carries. */
  readonly entries: number;
}

export const lookOf = (message: Message): MessageLook => ({
  shape: shapes[message.type],
  isResponse: message.type.endsWith('Response'),
  isSmall:
    (message.type === 'AppendEntries' && message.entries.length === 0) ||
    (message.type === 'AppendEntriesResponse' && message.success),
  isRefusal:
    ('success' in message && !message.success && message.type !== 'InstallSnapshotResponse') ||
    ('voteGranted' in message && !message.voteGranted),
  entries: message.type === 'AppendEntries' ? message.entries.length : 0,
});

const shapes: Readonly<Record<Message['type'], Shape>> = {
  RequestVote: 'triangle',
  RequestVoteResponse: 'triangle',
  PreVote: 'triangle',
  PreVoteResponse: 'triangle',
  AppendEntries: 'circle',
  AppendEntriesResponse: 'circle',
  InstallSnapshot: 'square',
  InstallSnapshotResponse: 'square',
  TimeoutNow: 'diamond',
  ReadIndex: 'diamond',
  ReadIndexResponse: 'diamond',
};

/** Of the size that a message has which is not small; around 0, 0. */
export const paths: Readonly<Record<Shape, string>> = {
  circle: 'M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0Z',
  triangle: 'M0 -7.5L7 5.5L-7 5.5Z',
  square: 'M-5.5 -5.5H5.5V5.5H-5.5Z',
  diamond: 'M0 -7.5L7.5 0L0 7.5L-7.5 0Z',
};

/** What it says, a line for each field. */
export const fieldsOf = (message: Message): readonly (readonly [name: string, value: string])[] =>
  Object.entries(message).flatMap(([name, value]) =>
    name === 'type' || name === 'from' || name === 'to' ? [] : [[name, valueText(value)] as const],
  );

const valueText = (value: unknown): string => {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) {
    const terms = value.map((entry: { term: number; kind: string }) =>
      entry.kind === 'command' ? `t${entry.term}` : `t${entry.term} ${entry.kind}`,
    );
    return terms.length === 0 ? 'none' : `${terms.length}: ${terms.join(', ')}`;
  }
  if (typeof value === 'object' && value !== null && 'voters' in value && Array.isArray(value.voters))
    return `voters ${value.voters.join(' ')}`;
  return value === true ? 'yes' : value === false ? 'no' : String(value);
};
