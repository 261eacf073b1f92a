import type { Effect, Persist, Send, StoreChunk } from '../raft/effects.ts';
import type { Proposal } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry, NodeId } from '../raft/types.ts';
import type { StateSummary, TakenTransition, TimedEvent, TracedInput } from './events.ts';
import type { EntryRun, ProposalRun } from './trace-line.ts';

type ChartEvent = Extract<TimedEvent, { type: 'chart' }>;

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

/** Fills in what brief lines leave out of a node's states before and after a step, in the events of a trace, in their order. */
export class StateFiller {
  readonly #last = new Map<NodeId, StateSummary>();

  fill(event: TimedEvent): TimedEvent {
    if (event.type === 'started') this.#last.set(event.node, event.state);
    if (event.type !== 'chart') return event;
    const filled = event.isBrief ? this.#filled(event) : event;
    this.#last.set(event.node, filled.after);
    return filled;
  }

  #filled(event: ChartEvent): ChartEvent {
    // A trace may begin in the middle of a run.
    const before = this.#last.get(event.node) ?? { ...unknownState, ...event.after };
    // In which state each was taken is known of the whole step only.
    const transitions = event.transitions.map((each) => ({ ...each, state: before.state }));
    return { ...event, before, after: { ...before, ...event.after }, transitions };
  }
}

const unknownState: StateSummary = {
  state: 'unknown',
  term: 0,
  votedFor: null,
  lastIndex: 0,
  lastTerm: 0,
  commitIndex: 0,
  lastApplied: 0,
};

/** The events of a whole trace, as `traceLine` and `raftchart simulate` write it. Throws `UnreadableTrace`. */
export const parseTrace = (text: string): readonly TimedEvent[] => {
  const states = new StateFiller();
  return text.split('\n').flatMap((line, at) => {
    const event = parseTraceLine(line, at + 1);
    return event === null ? [] : states.fill(event);
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
  const { atMs, type, transitions, before, after } = (event ?? {}) as Partial<ChartEvent>;
  const { node } = (event ?? {}) as { readonly node?: unknown };
  if (typeof atMs !== 'number' || type === undefined || !Object.hasOwn(eventTypes, type)) return false;
  if (eventTypes[type] === 'ofNode' && !(Number.isSafeInteger(node) && (node as number) > 0)) return false;
  const isTransition = (each: unknown) => {
    if (typeof each === 'string') return true;
    const { id, state, event: taken } = (each ?? {}) as { id?: unknown; state?: unknown; event?: unknown };
    return typeof id === 'string' && typeof state === 'string' && typeof taken === 'string';
  };
  if (type !== 'chart') return true;
  const isBrief = before === undefined && typeof after === 'object' && after !== null;
  if (!isBrief && typeof after?.state !== 'string') return false;
  return Array.isArray(transitions) && transitions.every(isTransition);
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
        proposals: listOf(input.proposals).flatMap(restoredProposals),
      };
    default:
      return input;
  }
};

/** Briefly, it is its id. */
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
      ...(params.entries && { entries: listOf(params.entries).flatMap(restoredEntries) }),
      ...(params.message && { message: restoredMessage(params.message) }),
      ...(params.chunk && { chunk: restoredMessage(params.chunk) }),
    },
  } as unknown as Effect;
};

const restoredMessage = (message: Message): Message => {
  switch (message.type) {
    case 'AppendEntries':
      return { ...message, entries: listOf(message.entries).flatMap(restoredEntries) };
    case 'InstallSnapshot':
      return { ...message, data: bytesOf(message.data) };
    default:
      return message;
  }
};

/** Briefly, they are a run of entries of one term and size. */
const restoredEntries = (written: Entry | Readonly<EntryRun>): readonly Entry[] => {
  if (!Array.isArray(written))
    return [{ ...(written as Entry), payload: bytesOf((written as Entry).payload) }];
  const [term, size, count = 1] = written as Readonly<EntryRun>;
  const entry: Entry =
    size === -1
      ? { term, kind: 'noop', payload: bytesOf(0) }
      : { term, kind: 'command', payload: bytesOf(size) };
  return Array.from({ length: countOf(count) }, () => entry);
};

/** Briefly, they are a run of proposals of one size. */
const restoredProposals = (written: Proposal | Readonly<ProposalRun>): readonly Proposal[] => {
  if (!Array.isArray(written)) {
    const { id, payload } = written as Proposal;
    return [{ id, payload: bytesOf(payload) }];
  }
  const [firstId, size, count] = written as Readonly<ProposalRun>;
  const payload = bytesOf(size);
  return Array.from({ length: countOf(count) }, (_, at) => ({ id: firstId + at, payload }));
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

const countOf = (written: unknown): number => {
  if (!Number.isSafeInteger(written) || (written as number) < 1 || (written as number) > maxRunLength)
    throw new RangeError('no count');
  return written as number;
};

let blank = new Uint8Array(1 << 16);
/** No command is larger, by far. */
const maxPayloadBytes = 1 << 28;
/** No message carries more entries, and no step takes more commands, by far. */
const maxRunLength = 1 << 20;
