import type { Effect, EffectName, EffectParams } from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry } from '../raft/types.ts';
import type { TimedEvent, TracedInput } from './events.ts';

/** One event as a line of a trace: JSON, without the line break. The same run gives the same lines, byte for byte. docs/simulator.md */
export const traceLine = (event: TimedEvent): string => JSON.stringify(plain(event));

const plain = (event: TimedEvent): unknown => {
  switch (event.type) {
    case 'chart': {
      const { atMs, type, node, step, input, ...rest } = event;
      const taken = input === undefined ? {} : { input: plainInput(input) };
      return { atMs, type, node, step, ...taken, ...rest, effects: event.effects.map(plainEffect) };
    }
    case 'interrupted':
      return { ...event, input: plainInput(event.input), effects: event.effects.map(plainEffect) };
    case 'sent':
    case 'delivered':
    case 'lost':
      return { ...event, message: plainMessage(event.message) };
    default:
      return event;
  }
};

const plainInput = (input: TracedInput): unknown => {
  switch (input.type) {
    case 'Received':
      return { ...input, message: plainMessage(input.message) };
    case 'Proposed':
      return {
        ...input,
        proposals: input.proposals.map(({ id, payload }) => ({ id, payload: hexOf(payload) })),
      };
    default:
      return input;
  }
};

/** An effect as a trace writes it: plain JSON. */
export const plainEffect = ({ type, params }: Effect): unknown => ({ type, ...plainParams[type](params as never) });

const plainParams: { readonly [Name in EffectName]: (params: EffectParams[Name]) => object } = {
  persist: (params) => ({ ...params, entries: params.entries.map(plainEntry) }),
  send: ({ message }) => ({ message: plainMessage(message) }),
  replicate: (params) => params,
  apply: (params) => params,
  accept: (params) => params,
  reject: (params) => params,
  acceptRequest: (params) => params,
  rejectRequest: (params) => params,
  confirmRead: (params) => params,
  sendChunk: (params) => params,
  storeChunk: ({ chunk }) => ({ chunk: plainMessage(chunk) }),
  installSnapshot: (params) => params,
  compact: (params) => params,
  rejectRead: (params) => params,
  report: (params) => params,
};

/** A message as a trace writes it: plain JSON. */
export const plainMessage = (message: Message): unknown =>
  message.type === 'AppendEntries'
    ? { ...message, entries: message.entries.map(plainEntry) }
    : message.type === 'InstallSnapshot'
      ? { ...message, data: hexOf(message.data) }
      : message;

const plainEntry = ({ term, kind, payload }: Entry): unknown => ({
  term,
  kind,
  payload: hexOf(payload),
});

/** Payloads as hexadecimal text: whether they are a Buffer or not depends on where a decoder found room. */
const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
