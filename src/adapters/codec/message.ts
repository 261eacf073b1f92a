import type { Configuration } from '../../raft/configuration.ts';
import { decodeConfiguration, encodeConfiguration } from '../../raft/configuration-payload.ts';
import type { FieldKind } from '../../raft/message-table.ts';
import type { Message, MessageType } from '../../raft/messages.ts';
import type { Entry, EntryKind } from '../../raft/types.ts';
import { type Malformed, malformed } from './malformed.ts';
import { fieldsByType, messageFault } from './message-rules.ts';
import { type Plain, packFrame, packInteger, unpackFrame } from './msgpack.ts';
import { type EntryTrace, type TracedMessage, tracesFault } from './trace-context.ts';

/** First item of a frame. Below 16 are the control frames of `control.ts`. `docs/wire.md` has the same table. */
export const messageCodes = {
  RequestVote: 16,
  RequestVoteResponse: 17,
  PreVote: 18,
  PreVoteResponse: 19,
  AppendEntries: 20,
  AppendEntriesResponse: 21,
  TimeoutNow: 22,
  ReadIndex: 23,
  ReadIndexResponse: 24,
  InstallSnapshot: 25,
  InstallSnapshotResponse: 26,
} as const satisfies Record<MessageType, number>;

const typesByCode = new Map<Plain | undefined, MessageType>(
  Object.entries(messageCodes).map(([type, code]) => [code, type as MessageType]),
);

const kindCodes = { command: 0, noop: 1, configuration: 2 } as const satisfies Record<EntryKind, number>;

const kindsByCode = new Map<Plain | undefined, EntryKind>(
  Object.entries(kindCodes).map(([kind, code]) => [code, kind as EntryKind]),
);

/**
 * One frame, as in `docs/wire.md`: `[code, from, to, term, …fields in the order of messageTable]`, followed by the traces of entries, if there are any.
 * Throws on a message that breaks the rules of `messageFault`: that is our own bug.
 */
export const encodeMessage = (message: TracedMessage): Uint8Array => {
  const fault = messageFault(message) ?? tracesFault(message);
  if (fault !== null) throw new Error(`${message.type} to node${message.to} must not be sent: ${fault}`);
  const items: Plain[] = [
    messageCodes[message.type],
    packInteger(message.from),
    packInteger(message.to),
    packInteger(message.term),
  ];
  const fields = fieldsByType[message.type];
  for (let at = 0; at < fields.length; at++) {
    const [name, kind] = fields[at]!;
    items.push(packField((message as unknown as Record<string, unknown>)[name], kind));
  }
  if (message.traces !== undefined)
    items.push(message.traces.map(({ offset, context }) => [offset, context]));
  return packFrame(items);
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
 * common copy otherwise: caching entries pins at most twice their bytes.
 */
export const decodeMessage = (frame: Uint8Array): TracedMessage | Malformed => {
  const items = unpackFrame(frame);
  if ('malformed' in items) return items;
  const type = typesByCode.get(items[0]);
  if (type === undefined) return malformed('unknown message type');
  const surplus = items.length - envelopeItems - fieldsByType[type].length;
  if (surplus !== 0 && !(surplus === 1 && type === 'AppendEntries'))
    return malformed(`${type} with ${items.length} items`);
  const untraced = messageOf(type, items);
  if ('malformed' in untraced) return untraced;
  const traces = surplus === 0 ? undefined : tracesOf(items.at(-1)!);
  if (traces === null) return malformed(`${type}: traces are not pairs`);
  const message: TracedMessage = traces === undefined ? untraced : { ...untraced, traces };
  const fault = messageFault(message) ?? tracesFault(message);
  if (fault !== null) return malformed(`${type}: ${fault}`);
  if (message.term > highestTermTaken) return malformed(`${type}: term ${message.term} is out of reach`);
  if (message.type === 'AppendEntries')
    unpinFrame(message.entries as ReceivedEntry[], frame.buffer.byteLength);
  return message;
};

/** Items of a frame before those of the message's own fields. */
const envelopeItems = 4;

const packField = (value: unknown, kind: FieldKind): Plain => {
  switch (kind) {
    case 'index':
    case 'term':
    case 'count':
      return packInteger(value as number);
    case 'boolean':
      return value as boolean;
    case 'bytes':
      return value as Uint8Array;
    case 'configuration':
      return encodeConfiguration(value as Configuration);
    case 'entries':
      return (value as readonly Entry[]).map(({ term, kind: entryKind, payload }) => [
        packInteger(term),
        kindCodes[entryKind],
        payload,
      ]);
  }
};

/** Puts names to the items; their types are still unchecked, except that entries are entries. */
const messageOf = (type: MessageType, items: readonly Plain[]): Message | Malformed => {
  const [, from, to, term] = items;
  const message: Record<string, unknown> = { type, from, to, term };
  const fields = fieldsByType[type];
  for (let at = 0; at < fields.length; at++) {
    const [name, kind] = fields[at]!;
    const item = items[envelopeItems + at]!;
    if (kind === 'configuration') {
      const configuration = item instanceof Uint8Array ? decodeConfiguration(item) : null;
      if (configuration === null) return malformed(`${type}: ${name} is no configuration`);
      message[name] = configuration;
      continue;
    }
    if (kind !== 'entries') {
      message[name] = item;
      continue;
    }
    const entries = entriesOf(item);
    if (typeof entries === 'string') return malformed(`${type}: ${entries}`);
    message[name] = entries;
  }
  return message as unknown as Message;
};

/** The entries in `item`, or what is wrong with it. */
const entriesOf = (item: Plain): readonly Entry[] | string => {
  if (!Array.isArray(item)) return 'entries is not an array';
  const entries: Entry[] = [];
  for (const tuple of item as readonly Plain[]) {
    if (!Array.isArray(tuple) || tuple.length !== 3) return 'an entry is not a triple';
    const [term, code, payload] = tuple;
    const kind = kindsByCode.get(code);
    if (kind === undefined) return 'unknown kind of entry';
    entries.push({ term, kind, payload });
  }
  return entries;
};

/** The traces in `item`, not yet checked; null if `item` has another form. */
const tracesOf = (item: Plain): readonly EntryTrace[] | null => {
  if (!Array.isArray(item)) return null;
  const traces: EntryTrace[] = [];
  for (const pair of item as readonly Plain[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return null;
    const [offset, context] = pair;
    traces.push({ offset, context });
  }
  return traces;
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
