import type { Effect, EffectName, EffectParams } from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry } from '../raft/types.ts';
import type { TimedEvent, TracedInput } from './events.ts';

/** One event as a line of a trace: JSON, without the line break. The same run gives the same lines, byte for byte. docs/traces.md */
export const traceLine = (event: TimedEvent): string => JSON.stringify(plain(event, whole));

/** The same, briefly: of a step what it was given, its transitions and the state after it; of a command its size, of a chunk its place. */
export const briefTraceLine = (event: TimedEvent): string => JSON.stringify(plain(event, brief));

/** How much of what is long is written. */
interface Detail {
  readonly entry: (entry: Entry) => unknown;
  readonly bytes: (bytes: Uint8Array) => unknown;
}

const whole: Detail = {
  entry: ({ term, kind, payload }) => ({ term, kind, payload: hexOf(payload) }),
  bytes: (bytes) => hexOf(bytes),
};

const brief: Detail = {
  entry: ({ term, kind, payload }) =>
    kind === 'configuration'
      ? { term, kind, payload: hexOf(payload) }
      : [term, kind === 'noop' ? -1 : payload.length],
  bytes: (bytes) => bytes.length,
};

const plain = (event: TimedEvent, detail: Detail): unknown => {
  switch (event.type) {
    case 'chart': {
      const { atMs, type, node, step, input, after, transitions, ...rest } = event;
      const taken = input === undefined ? {} : { input: plainInput(input, detail) };
      if (detail === brief)
        return { atMs, type, node, step, ...taken, after, transitions: transitions.map(({ id }) => id) };
      const effects = event.effects.map((effect) => plainEffect(effect, detail));
      return { atMs, type, node, step, ...taken, before: rest.before, after, transitions, effects };
    }
    case 'interrupted':
      return {
        ...event,
        input: plainInput(event.input, detail),
        effects: event.effects.map((effect) => plainEffect(effect, detail)),
      };
    case 'sent':
    case 'delivered':
    case 'lost':
      return { ...event, message: plainMessage(event.message, detail) };
    default:
      return event;
  }
};

const plainInput = (input: TracedInput, detail: Detail): unknown => {
  switch (input.type) {
    case 'Received':
      return { ...input, message: plainMessage(input.message, detail) };
    case 'Proposed':
      return {
        ...input,
        proposals: input.proposals.map(({ id, payload }) => ({ id, payload: detail.bytes(payload) })),
      };
    default:
      return input;
  }
};

/** An effect as a trace writes it: plain JSON. */
export const plainEffect = ({ type, params }: Effect, detail: Detail = whole): unknown => ({
  type,
  ...plainParams[type](params as never, detail),
});

const plainParams: { readonly [Name in EffectName]: (params: EffectParams[Name], detail: Detail) => object } =
  {
    persist: (params, { entry }) => ({ ...params, entries: params.entries.map(entry) }),
    send: ({ message }, detail) => ({ message: plainMessage(message, detail) }),
    replicate: (params) => params,
    apply: (params) => params,
    accept: (params) => params,
    reject: (params) => params,
    acceptRequest: (params) => params,
    rejectRequest: (params) => params,
    confirmRead: (params) => params,
    sendChunk: (params) => params,
    storeChunk: ({ chunk }, detail) => ({ chunk: plainMessage(chunk, detail) }),
    installSnapshot: (params) => params,
    compact: (params) => params,
    rejectRead: (params) => params,
    report: (params) => params,
  };

/** A message as a trace writes it: plain JSON. */
export const plainMessage = (message: Message, { entry, bytes }: Detail = whole): unknown =>
  message.type === 'AppendEntries'
    ? { ...message, entries: message.entries.map(entry) }
    : message.type === 'InstallSnapshot'
      ? { ...message, data: bytes(message.data) }
      : message;

/** Payloads as hexadecimal text: whether they are a Buffer or not depends on where a decoder found room. */
const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
