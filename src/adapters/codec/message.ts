import type { Message, MessageType } from '../../raft/messages.ts';
import type { Entry, EntryKind } from '../../raft/types.ts';
import { type Malformed, malformed } from './malformed.ts';
import { messageFault } from './message-rules.ts';
import { type Plain, packFrame, packInteger, unpackFrame } from './msgpack.ts';

/** First item of a frame. Below 16 are the control frames of `control.ts`. `docs/wire.md` has the same table. */
export const messageCodes = {
  RequestVote: 16,
  RequestVoteResponse: 17,
  PreVote: 18,
  PreVoteResponse: 19,
  AppendEntries: 20,
  AppendEntriesResponse: 21,
} as const satisfies Record<MessageType, number>;

const typesByCode = new Map<Plain | undefined, MessageType>(
  Object.entries(messageCodes).map(([type, code]) => [code, type as MessageType]),
);

const kindCodes = { command: 0, noop: 1 } as const satisfies Record<EntryKind, number>;

const kindsByCode = new Map<Plain | undefined, EntryKind>(
  Object.entries(kindCodes).map(([kind, code]) => [code, kind as EntryKind]),
);

/**
 * One frame, as in `docs/wire.md`: `[code, from, to, term, …fields in the order of the interface]`.
 * Throws on a message that breaks the rules of `messageFault`: that is our own bug.
 */
export const encodeMessage = (message: Message): Uint8Array => {
  const fault = messageFault(message);
  if (fault !== null) throw new Error(`${message.type} to node${message.to} must not be sent: ${fault}`);
  return packFrame([
    messageCodes[message.type],
    packInteger(message.from),
    packInteger(message.to),
    packInteger(message.term),
    ...fieldsOf(message),
  ]);
};

/**
 * No cluster gets here by elections, and there is room above it: a node that adopts this term and goes on counts in exact
 * integers. Without this bound one frame could make it ask for a term that it must not send.
 */
const highestTermTaken = 2 ** 52;

/**
 * The message in `frame`, or why there is none. Never throws. Strict: an item too few or too many is malformed, since
 * a change of the format is a new version.
 *
 * Payloads are views of the frame when they fill at least half of the memory that it keeps alive, and one
 * common copy otherwise: whoever caches entries pins at most twice their bytes.
 */
export const decodeMessage = (frame: Uint8Array): Message | Malformed => {
  const items = unpackFrame(frame);
  if ('malformed' in items) return items;
  const type = typesByCode.get(items[0]);
  if (type === undefined) return malformed('unknown message type');
  if (items.length !== itemCounts[type]) return malformed(`${type} with ${items.length} items`);
  const message = messageOf(type, items);
  if ('malformed' in message) return message;
  const fault = messageFault(message);
  if (fault !== null) return malformed(`${type}: ${fault}`);
  if (message.term > highestTermTaken) return malformed(`${type}: term ${message.term} is out of reach`);
  if (message.type === 'AppendEntries')
    unpinFrame(message.entries as ReceivedEntry[], frame.buffer.byteLength);
  return message;
};

const itemCounts: Record<MessageType, number> = {
  RequestVote: 6,
  RequestVoteResponse: 5,
  PreVote: 6,
  PreVoteResponse: 5,
  AppendEntries: 8,
  AppendEntriesResponse: 9,
};

const fieldsOf = (message: Message): readonly Plain[] => {
  switch (message.type) {
    case 'RequestVote':
    case 'PreVote':
      return [packInteger(message.lastLogIndex), packInteger(message.lastLogTerm)];
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return [message.voteGranted];
    case 'AppendEntries':
      return [
        packInteger(message.prevLogIndex),
        packInteger(message.prevLogTerm),
        packInteger(message.leaderCommit),
        message.entries.map(({ term, kind, payload }) => [packInteger(term), kindCodes[kind], payload]),
      ];
    case 'AppendEntriesResponse':
      return [
        message.success,
        packInteger(message.prevLogIndex),
        packInteger(message.matchIndex),
        packInteger(message.conflictTerm),
        packInteger(message.conflictIndex),
      ];
  }
};

/** Puts names to the items; their types are still unchecked, except that entries are entries. */
const messageOf = (type: MessageType, items: readonly Plain[]): Message | Malformed => {
  const [, from, to, term, a, b, c, d, e] = items;
  switch (type) {
    case 'RequestVote':
    case 'PreVote':
      return { type, from, to, term, lastLogIndex: a, lastLogTerm: b } as Message;
    case 'RequestVoteResponse':
    case 'PreVoteResponse':
      return { type, from, to, term, voteGranted: a } as Message;
    case 'AppendEntries': {
      if (!Array.isArray(d)) return malformed('AppendEntries: entries is not an array');
      const entries: Entry[] = [];
      for (const tuple of d as readonly Plain[]) {
        if (!Array.isArray(tuple) || tuple.length !== 3)
          return malformed('AppendEntries: an entry is not a triple');
        const [entryTerm, code, payload] = tuple;
        const kind = kindsByCode.get(code);
        if (kind === undefined) return malformed('AppendEntries: unknown kind of entry');
        entries.push({ term: entryTerm, kind, payload });
      }
      return { type, from, to, term, prevLogIndex: a, prevLogTerm: b, entries, leaderCommit: c } as Message;
    }
    case 'AppendEntriesResponse':
      return {
        type,
        from,
        to,
        term,
        success: a,
        prevLogIndex: b,
        matchIndex: c,
        conflictTerm: d,
        conflictIndex: e,
      } as Message;
  }
};

/** An entry of this decoder's own making, not handed out yet. */
type ReceivedEntry = { -readonly [Field in keyof Entry]: Entry[Field] };

const unpinFrame = (entries: ReceivedEntry[], pinnedBytes: number): void => {
  let payloadBytes = 0;
  for (const { payload } of entries) payloadBytes += payload.length;
  if (payloadBytes * 2 >= pinnedBytes) return;
  const copy = new Uint8Array(payloadBytes);
  let at = 0;
  for (const entry of entries) {
    copy.set(entry.payload, at);
    entry.payload = copy.subarray(at, at + entry.payload.length);
    at += entry.payload.length;
  }
};
