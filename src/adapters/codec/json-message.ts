import type { Configuration } from '../../raft/configuration.ts';
import { decodeConfiguration, encodeConfiguration } from '../../raft/configuration-payload.ts';
import type { FieldKind } from '../../raft/message-table.ts';
import type { MessageType } from '../../raft/messages.ts';
import { type Entry, emptyPayload, type NodeId } from '../../raft/types.ts';
import { bytesIn, payloadIn, payloadJson } from './json-payload.ts';
import { type Malformed, malformed } from './malformed.ts';
import { fieldsByType, messageFault } from './message-rules.ts';
import {
  contextIn,
  type EntryTrace,
  type TracedMessage,
  traceparentOf,
  tracesFault,
} from './trace-context.ts';

type Json = Readonly<Record<string, unknown>>;

/** By what name a request tells its sender, as in Figure 2; the answers name nobody. */
const senderNames: Partial<Record<MessageType, string>> = {
  RequestVote: 'candidate_id',
  PreVote: 'candidate_id',
  AppendEntries: 'leader_id',
  InstallSnapshot: 'leader_id',
  TimeoutNow: 'leader_id',
  ReadIndex: 'follower_id',
};

/** What whoever writes a message by hand may leave out. */
const defaults: Json = { leadership_transfer: false, entries: [], round: 0 };

/** A name of this code as JSON has it, which is as Raft's literature writes it: `prevLogIndex` is `prev_log_index`. */
export const jsonName = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The fields of `message` as JSON; where it goes, and for an answer where it comes from, is told beside it. */
export const messageJson = (message: TracedMessage): Json => {
  const json: Record<string, unknown> = { term: message.term };
  const sender = senderNames[message.type];
  if (sender !== undefined) json[sender] = message.from;
  for (const [name, kind] of fieldsByType[message.type]) {
    json[jsonName(name)] = fieldJson((message as unknown as Json)[name], kind);
  }
  if (message.traces !== undefined)
    json.traces = message.traces.map(({ offset, context }) => ({
      entry: offset,
      traceparent: traceparentOf(context),
    }));
  return json;
};

/** The message of `type` that `json` says, or what is wrong with it. Never throws; strict, as the binary form is. */
export const messageIn = (
  type: MessageType,
  from: NodeId,
  to: NodeId,
  json: unknown,
): TracedMessage | Malformed => {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return malformed(`${type}: not an object`);
  const { term, ...rest } = json as Json;
  const said = new Map(Object.entries(rest));
  const sender = senderNames[type];
  if (sender !== undefined) {
    if (said.get(sender) !== from) return malformed(`${type}: ${sender} is not node ${from}, which sent it`);
    said.delete(sender);
  }
  const message: Record<string, unknown> = { type, from, to, term };
  for (const [name, kind] of fieldsByType[type]) {
    const key = jsonName(name);
    const value = fieldIn(said.has(key) ? said.get(key) : defaults[key], kind);
    if (value === undefined) return malformed(`${type}: ${key} is missing or not as it should be`);
    message[name] = value;
    said.delete(key);
  }
  if (type === 'AppendEntries' && said.has('traces')) {
    message.traces = tracesIn(said.get('traces'));
    if (message.traces === null) return malformed(`${type}: traces are not as they should be`);
    said.delete('traces');
  }
  for (const key of said.keys())
    return malformed(`${type}: there is no field ${JSON.stringify(key).slice(0, 100)}`);
  const whole = message as unknown as TracedMessage;
  const fault = messageFault(whole) ?? tracesFault(whole);
  return fault === null ? whole : malformed(`${type}: ${fault}`);
};

/** Null: they are none. */
const tracesIn = (value: unknown): readonly EntryTrace[] | null => {
  if (!Array.isArray(value)) return null;
  const traces: EntryTrace[] = [];
  for (const each of value) {
    const { entry, traceparent, ...rest } = (each ?? {}) as Json;
    const context = contextIn(traceparent);
    if (context === null || Object.keys(rest).length > 0) return null;
    traces.push({ offset: entry as number, context });
  }
  return traces;
};

const fieldJson = (value: unknown, kind: FieldKind): unknown => {
  switch (kind) {
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'configuration':
      return JSON.parse(new TextDecoder().decode(encodeConfiguration(value as Configuration)));
    case 'entries':
      return (value as readonly Entry[]).map(({ term, kind: entryKind, payload }) =>
        entryKind === 'noop' ? { term, kind: entryKind } : { term, kind: entryKind, ...payloadJson(payload) },
      );
    default:
      return value;
  }
};

/** Undefined: it is not of that kind. Numbers and booleans are checked with the whole. */
const fieldIn = (value: unknown, kind: FieldKind): unknown => {
  switch (kind) {
    case 'bytes':
      return typeof value === 'string' ? (bytesIn(value) ?? undefined) : undefined;
    case 'configuration':
      return decodeConfiguration(new TextEncoder().encode(JSON.stringify(value))) ?? undefined;
    case 'entries':
      return entriesIn(value);
    default:
      return value;
  }
};

const entriesIn = (value: unknown): readonly Entry[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const entries: Entry[] = [];
  for (const each of value) {
    if (typeof each !== 'object' || each === null) return undefined;
    const { term, kind, text, payload, ...rest } = each as Json;
    if (Object.keys(rest).length > 0) return undefined;
    const bytes =
      text === undefined && payload === undefined
        ? emptyPayload
        : typeof text === 'string' && payload === undefined
          ? payloadIn({ text })
          : typeof payload === 'string' && text === undefined
            ? payloadIn({ payload })
            : null;
    if (bytes === null) return undefined;
    entries.push({ term, kind, payload: bytes } as Entry);
  }
  return entries;
};
