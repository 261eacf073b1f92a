import type { Effect, EffectName, EffectParams } from '../raft/effects.ts';
import type { Proposal } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';
import type { Entry, Term } from '../raft/types.ts';
import type { StateSummary, TimedEvent, TracedInput } from './events.ts';

/** One event as a line of a trace: JSON, without the line break. The same run gives the same lines, byte for byte. docs/traces.md */
export const traceLine = (event: TimedEvent): string => JSON.stringify(plain(event, whole));

/** The same, briefly: of a step what it was given, its transitions and what it changed of the state; of commands their sizes, of a chunk its place. */
export const briefTraceLine = (event: TimedEvent): string => {
  if (event.type !== 'chart') return JSON.stringify(plain(event, brief));
  // A running node makes a line of each step, so nothing is copied without need.
  const { atMs, type, node, step, input, before, after, transitions } = event;
  return JSON.stringify({
    atMs,
    type,
    node,
    step,
    input: input === undefined ? undefined : plainInput(input, brief),
    after: changed(before, after),
    transitions: transitions.map(({ id }) => id),
  });
};

/** Term and size of so many entries, one after another; the size of a no-op is -1. */
export type EntryRun = [term: Term, size: number, count: number];

/** So many proposals with ids from `firstId` on, each of this size. */
export type ProposalRun = [firstId: number, size: number, count: number];

/** How much of what is long is written. */
interface Detail {
  readonly entries: (entries: readonly Entry[]) => readonly unknown[];
  readonly proposals: (proposals: readonly Proposal[]) => readonly unknown[];
  readonly bytes: (bytes: Uint8Array) => unknown;
}

const whole: Detail = {
  entries: (entries) => entries.map(({ term, kind, payload }) => ({ term, kind, payload: hexOf(payload) })),
  proposals: (proposals) => proposals.map(({ id, payload }) => ({ id, payload: hexOf(payload) })),
  bytes: (bytes) => hexOf(bytes),
};

const brief: Detail = {
  // Under load there are many, and many of one size.
  entries: (entries) => {
    const runs: unknown[] = [];
    let run: EntryRun = [0, 0, 0];
    for (const { term, kind, payload } of entries) {
      const size = kind === 'noop' ? -1 : payload.length;
      if (kind === 'configuration') runs.push({ term, kind, payload: hexOf(payload) });
      else if (runs.at(-1) === run && run[0] === term && run[1] === size) run[2]++;
      else {
        run = [term, size, 1];
        runs.push(run);
      }
    }
    return runs;
  },
  proposals: (proposals) => {
    const runs: ProposalRun[] = [];
    let run: ProposalRun = [0, 0, 0];
    for (const { id, payload } of proposals) {
      if (run[2] > 0 && run[0] + run[2] === id && run[1] === payload.length) run[2]++;
      else {
        run = [id, payload.length, 1];
        runs.push(run);
      }
    }
    return runs;
  },
  bytes: (bytes) => bytes.length,
};

const plain = (event: TimedEvent, detail: Detail): unknown => {
  switch (event.type) {
    case 'chart': {
      const { atMs, type, node, step, input, before, after, transitions } = event;
      const taken = input === undefined ? {} : { input: plainInput(input, detail) };
      const effects = event.effects.map((effect) => plainEffect(effect, detail));
      return { atMs, type, node, step, ...taken, before, after, transitions, effects };
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
      return { ...input, proposals: detail.proposals(input.proposals) };
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
    persist: (params, { entries }) => ({ ...params, entries: entries(params.entries) }),
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
export const plainMessage = (message: Message, { entries, bytes }: Detail = whole): unknown =>
  message.type === 'AppendEntries'
    ? { ...message, entries: entries(message.entries) }
    : message.type === 'InstallSnapshot'
      ? { ...message, data: bytes(message.data) }
      : message;

/** What of the state after a step is not as it was before it. */
const changed = (before: StateSummary, after: StateSummary): Partial<StateSummary> => {
  const changes: Partial<Record<keyof StateSummary, unknown>> = {};
  for (const field of summaryFields) if (after[field] !== before[field]) changes[field] = after[field];
  return changes as Partial<StateSummary>;
};

const summaryFields = [
  'state',
  'term',
  'votedFor',
  'lastIndex',
  'lastTerm',
  'commitIndex',
  'lastApplied',
] as const satisfies readonly (keyof StateSummary)[];

/** Payloads as hexadecimal text: whether they are a Buffer or not depends on where a decoder found room. */
const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
