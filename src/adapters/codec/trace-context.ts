import type { Message } from '../../raft/messages.ts';

/** The trace to which an entry belongs: W3C Trace Context as bytes. */
export interface EntryTrace {
  /** Position of the entry in its message, from 0 on. */
  readonly offset: number;
  /** Trace id (16 bytes), id of the sending span (8), flags (1). */
  readonly context: Uint8Array;
}

/** A message as it travels. Only an AppendEntries has `traces`, and only where some of its entries are traced; the charts never see them. */
export type TracedMessage = Message & { readonly traces?: readonly EntryTrace[] };

export const contextBytes = 25;

/** What is wrong with the traces of `message`, or null. */
export const tracesFault = (message: TracedMessage): string | null => {
  const { traces } = message;
  if (traces === undefined) return null;
  if (message.type !== 'AppendEntries' || traces.length === 0) return 'traces of no entries';
  let last = -1;
  for (const { offset, context } of traces) {
    if (!Number.isSafeInteger(offset) || offset <= last || offset >= message.entries.length)
      return 'traces are not in the order of the entries';
    if (!(context instanceof Uint8Array) || context.length !== contextBytes)
      return `a trace that is not ${contextBytes} bytes`;
    last = offset;
  }
  return null;
};

/** `message` as the charts know it. */
export const withoutTraces = (message: TracedMessage): Message => {
  if (message.traces === undefined) return message;
  const { traces: _, ...untraced } = message;
  return untraced;
};

/** As in the W3C header: `00-<trace id>-<span id>-<flags>`. */
export const traceparentOf = (context: Uint8Array): string => {
  const hex = Buffer.from(context).toString('hex');
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-${hex.slice(48)}`;
};

/** The context in a `traceparent`, or null. Of versions after 00, the known part is read. An id of zeros means none. W3C Trace Context, 3.2. */
export const contextIn = (traceparent: unknown): Uint8Array | null => {
  if (typeof traceparent !== 'string') return null;
  const found = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(traceparent);
  if (found === null) return null;
  const [, version, traceId, spanId, flags, more] = found;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return null;
  return new Uint8Array(Buffer.from(`${traceId}${spanId}${flags}`, 'hex'));
};
