import type { Message } from '../../raft/messages.ts';
import { type Entry, emptyPayload } from '../../raft/types.ts';
import type { PathEntry, PathMessage } from './path.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message written in a test, as the node knows it. */
export const toMessage = (message: PathMessage): Message =>
  message.type === 'AppendEntries'
    ? { ...message, entries: message.entries.map(toEntry) }
    : message.type === 'InstallSnapshot'
      ? { ...message, data: toPayload(message.data) }
      : message;

/** A message from the node, as a test writes it. */
export const toPathMessage = (message: Message): PathMessage =>
  message.type === 'AppendEntries'
    ? { ...message, entries: message.entries.map(toPathEntry) }
    : message.type === 'InstallSnapshot'
      ? { ...message, data: decoder.decode(message.data) }
      : message;

export const toPayloadText = (payload: Uint8Array): string => decoder.decode(payload);

export const toPayload = (text: string): Uint8Array => (text === '' ? emptyPayload : encoder.encode(text));

const toEntry = ({ term, kind, payload }: PathEntry): Entry => ({ term, kind, payload: toPayload(payload) });

export const toPathEntry = ({ term, kind, payload }: Entry): PathEntry => ({
  term,
  kind,
  payload: toPayloadText(payload),
});
