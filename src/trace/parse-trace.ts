import type { Effect, Persist, Send, StoreChunk } from '../raft/effects.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry, NodeId, Term } from '../raft/types.ts';
import type { StateSummary, TakenTransition, TimedEvent, TracedInput } from './events.ts';

/** A trace that cannot be read; `message` is one line that names the line of the trace, and goes on after `… is`. */
export class UnreadableTrace extends Error {
  override readonly name = 'UnreadableTrace';
}

/**
 * One line of a trace, the `position`-th from 1 on. Null where it is no event: a blank line, or the first one, which may tell of
 * the run itself. Throws `UnreadableTrace`.
 */
export const parseTraceLine = (line: string, position: number): TimedEvent | null => {
  if (line.trim() === '') return null;
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw new UnreadableTrace(`not a complete trace: line ${position} is not JSON`);
  }
  const read = isTimedEvent(event) ? restoredOrNull(event) : null;
  if (read === null && position > 1)
    throw new UnreadableTrace(`not a trace: line ${position} is not an event`);
  return read;
};

/** Puts the state before a step, which a brief line leaves out, into the events of a trace, in their order. */
export class StatesBefore {
  readonly #last = new Map<NodeId, StateSummary>();

  put(event: TimedEvent): TimedEvent {
    if (event.type === 'started') this.#last.set(event.node, event.state);
    if (event.type !== 'chart') return event;
    const before = event.isBrief ? (this.#last.get(event.node) ?? event.before) : event.before;
    this.#last.set(event.node, event.after);
    return event.isBrief ? { ...event, before } : event;
  }
}

/** The events of a whole trace, as `traceLine` and `raftchart simulate` write it. Throws `UnreadableTrace`. */
export const parseTrace = (text: string): readonly TimedEvent[] => {
  const states = new StatesBefore();
  return text.split('\n').flatMap((line, at) => {
    const event = parseTraceLine(line, at + 1);
    return event === null ? [] : states.put(event);
  });
};

/** A type that is missing here does not compile. */
const eventTypes: { readonly [Type in TimedEvent['type']]: 'ofNode' | 'other' } = {
  chart: 'ofNode',
  interrupted: 'ofNode',
  sent: 'other',
  delivered: 'other',
  lost: 'other',
  left: 'ofNode',
  synced: 'ofNode',
  applied: 'ofNode',
  started: 'ofNode',
  crashed: 'ofNode',
  stopped: 'ofNode',
  refused: 'ofNode',
  faultBegins: 'other',
  faultEnds: 'other',
  healed: 'other',
  client: 'other',
  violation: 'other',
  told: 'other',
};

const isTimedEvent = (event: unknown): event is TimedEvent => {
  const { atMs, type, transitions, after } = (event ?? {}) as Partial<Extract<TimedEvent, { type: 'chart' }>>;
  const { node } = (event ?? {}) as { readonly node?: unknown };
  if (typeof atMs !== 'number' || type === undefined || !Object.hasOwn(eventTypes, type)) return false;
  if (eventTypes[type] === 'ofNode' && !(Number.isSafeInteger(node) && (node as number) > 0)) return false;
  const isTransition = (each: unknown) => {
    if (typeof each === 'string') return true;
    const { id, state, event: taken } = (each ?? {}) as { id?: unknown; state?: unknown; event?: unknown };
    return typeof id === 'string' && typeof state === 'string' && typeof taken === 'string';
  };
  if (type !== 'chart') return true;
  return typeof after?.state === 'string' && Array.isArray(transitions) && transitions.every(isTransition);
};

/** Null for what lacks the fields of its type. */
const restoredOrNull = (event: TimedEvent): TimedEvent | null => {
  try {
    return restored(event);
  } catch {
    return null;
  }
};

/** As it was before `traceLine`, which writes an effect without `params` and payloads as hexadecimal text. */
const restored = (event: TimedEvent): TimedEvent => {
  switch (event.type) {
    case 'chart': {
      const { input, before, after } = event;
      return {
        ...event,
        ...(input === undefined ? {} : { input: restoredInput(input) }),
        ...(before === undefined ? { before: after, isBrief: true } : {}),
        transitions: event.transitions.map((each) => restoredTransition(each, after)),
        effects: listOf(event.effects).map(restoredEffect),
      };
    }
    case 'interrupted':
      return {
        ...event,
        input: restoredInput(event.input),
        effects: listOf(event.effects).map(restoredEffect),
      };
    case 'sent':
    case 'delivered':
    case 'lost':
      return { ...event, message: restoredMessage(event.message) };
    default:
      return event;
  }
};

const restoredInput = (input: TracedInput): TracedInput => {
  switch (input.type) {
    case 'Received':
      return { ...input, message: restoredMessage(input.message) };
    case 'Proposed':
      return {
        ...input,
        proposals: listOf(input.proposals).map(({ id, payload }) => ({ id, payload: bytesOf(payload) })),
      };
    default:
      return input;
  }
};

/** Briefly, it is its id: in which state it was taken is known of the whole step only. */
const restoredTransition = (written: TakenTransition | string, { state }: StateSummary): TakenTransition =>
  typeof written === 'string'
    ? { id: written, state, event: written.split('/').at(-2) ?? '', rule: null, description: null }
    : written;

const restoredEffect = (written: unknown): Effect => {
  const { type, ...params } = written as { readonly type: string } & Partial<Persist & Send & StoreChunk>;
  return {
    type,
    params: {
      ...params,
      ...(params.entries && { entries: listOf(params.entries).map(restoredEntry) }),
      ...(params.message && { message: restoredMessage(params.message) }),
      ...(params.chunk && { chunk: restoredMessage(params.chunk) }),
    },
  } as unknown as Effect;
};

const restoredMessage = (message: Message): Message => {
  switch (message.type) {
    case 'AppendEntries':
      return { ...message, entries: listOf(message.entries).map(restoredEntry) };
    case 'InstallSnapshot':
      return { ...message, data: bytesOf(message.data) };
    default:
      return message;
  }
};

/** Briefly, it is its term with the size of a command, or -1 for a no-op. */
const restoredEntry = (entry: Entry | readonly [Term, number]): Entry => {
  if (!Array.isArray(entry)) return { ...(entry as Entry), payload: bytesOf((entry as Entry).payload) };
  const [term, size] = entry as readonly [Term, number];
  return size === -1
    ? { term, kind: 'noop', payload: bytesOf(0) }
    : { term, kind: 'command', payload: bytesOf(size) };
};

/** A trace written by other hands may lack what nobody asks for. */
const listOf = <Item>(written: readonly Item[] | undefined): readonly Item[] =>
  Array.isArray(written) ? written : [];

/** From hexadecimal text, or so many of which only the number is known. */
const bytesOf = (written: unknown): Uint8Array => {
  if (typeof written !== 'number') return Buffer.from(String(written), 'hex');
  if (!Number.isSafeInteger(written) || written < 0 || written > maxPayloadBytes)
    throw new RangeError('no size');
  if (written > blank.length) blank = new Uint8Array(written);
  return blank.subarray(0, written);
};

let blank = new Uint8Array(1 << 16);
/** No command is larger, by far. */
const maxPayloadBytes = 1 << 28;
