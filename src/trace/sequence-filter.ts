import {
  type Flight,
  flightsOf,
  isMark,
  isMessage,
  type SequenceCut,
  type SequenceEvent,
  type SequenceMark,
  termShownBy,
} from './sequence.ts';

export interface SequenceFilter {
  readonly nodes?: readonly string[];
  readonly fromTime?: number;
  readonly toTime?: number;
  /** Leaves out messages that tell nothing new, unless they are lost; they are also the first to go from what is too long. */
  readonly withoutRoutine?: boolean;
  /** Keeps what a story does not tell, too. */
  readonly withHushed?: boolean;
  /**
   * About so many messages at most. Of a story everything that is said, expected, shown and asked stays, and each part of it keeps its
   * beginning and its end; of any other run the last messages stay, which led to what is to be seen.
   */
  readonly maxMessages?: number;
}

/** A picture with more messages is no pleasure to read. */
export const readableMessages = 100;

/** So many routine messages with nothing to see among them are worth a cut. */
const longRoutine = 12;

/** A cut names those who were elected in it, unless they are more. */
const manyLeaders = 7;

/** Why an event is left out. `repeat`: it is counted with an equal one that is shown. */
type Fate = 'shown' | 'hidden' | 'routine' | 'repeat';

/** Shortens a long story to something readable. A cut stands wherever more than a few routine messages are left out. */
export const filterSequence = (
  all: readonly SequenceEvent[],
  filter: SequenceFilter,
): readonly SequenceEvent[] => {
  const { maxMessages = Infinity, withoutRoutine = false } = filter;
  const events = amongNodes(all, filter.nodes);
  const fates = toldFates(events, filter);
  const flights = flightsOf(events);
  const shown = () => flights.filter((flight) => fates[endOf(flight)] === 'shown');
  const leaveOut = (flight: Flight, fate: Fate) => {
    for (const at of placesOf(flight)) if (fates[at] === 'shown') fates[at] = fate;
  };
  const isRoutine = ({ message, isLost }: Flight) => message.isRoutine === true && !isLost;
  if (withoutRoutine || shown().length > maxMessages) {
    for (const flight of shown().filter(isRoutine)) leaveOut(flight, 'routine');
  }

  const parts = partsOf(events, fates);
  const labels = new Map<number, string>();
  const countRepeats = (among: readonly Flight[]) => {
    for (const equal of Map.groupBy(among, (flight) => sameText(flight, parts[endOf(flight)]!)).values()) {
      const [first, ...others] = equal as [Flight, ...Flight[]];
      for (const flight of others) leaveOut(flight, 'repeat');
      if (others.length === 0) continue;
      for (const at of placesOf(first)) labels.set(at, `${first.message.label} ×${equal.length}`);
    }
  };
  if (withoutRoutine) countRepeats(shown().filter(({ message }) => message.isRoutine));
  if (shown().length > maxMessages) countRepeats(shown().filter(({ message }) => !message.isClients));

  if (shown().length > maxMessages) {
    const isStory = events.some((event) => event.kind === 'act' || event.kind === 'expectation');
    if (isStory) shortenParts(shown(), parts, maxMessages, fates);
    else fates.fill('hidden', 0, startOf(shown().at(-maxMessages)!));
  }
  return withCuts(events, fates, labels, new Set(flights.map(endOf)));
};

const startOf = ({ sentAt, endAt }: Flight): number => sentAt ?? endAt!;
const endOf = ({ sentAt, endAt }: Flight): number => endAt ?? sentAt!;
const placesOf = ({ sentAt, endAt }: Flight): readonly number[] =>
  [sentAt, endAt].filter((at) => at !== null);

const sameText = ({ message: { from, to, label }, isLost }: Flight, part: number): string =>
  JSON.stringify([part, from, to, label, isLost]);

const amongNodes = (
  events: readonly SequenceEvent[],
  nodes: readonly string[] | undefined,
): readonly SequenceEvent[] => {
  if (nodes === undefined) return events;
  return events.filter((event) => {
    if (isMark(event)) return nodes.includes(event.node);
    if (!isMessage(event)) return true;
    return [event.from, event.to].every((end) => nodes.includes(end) || event.isClients);
  });
};

/** Hidden is what lies outside of the times that are asked for, or in a part that the story does not tell. */
const toldFates = (
  events: readonly SequenceEvent[],
  { fromTime = -Infinity, toTime = Infinity, withHushed = false }: SequenceFilter,
): Fate[] => {
  let isHushed = false;
  return events.map((event) => {
    if (event.kind === 'hush') isHushed = event.isHushed && !withHushed;
    return isHushed || event.time < fromTime || event.time > toTime ? 'hidden' : 'shown';
  });
};

const minor: ReadonlySet<SequenceEvent['kind']> = new Set(['state-change', 'timer', 'members', 'commit']);

/** Of each event, the part of the story that it belongs to: parts lie between what always stays. */
const partsOf = (events: readonly SequenceEvent[], fates: readonly Fate[]): readonly number[] => {
  let part = 0;
  return events.map((event, at) => {
    const isMinor = minor.has(event.kind) || (isMessage(event) && !event.isClients);
    if (!isMinor && fates[at] === 'shown') part++;
    return part;
  });
};

/** Hides the middle of the longest parts, with the marks there. */
const shortenParts = (
  flights: readonly Flight[],
  parts: readonly number[],
  maxMessages: number,
  fates: Fate[],
): void => {
  const groups = [
    ...Map.groupBy(
      flights.filter(({ message }) => !message.isClients),
      (flight) => parts[endOf(flight)]!,
    ).values(),
  ];
  const total = (limit: number) => groups.reduce((sum, { length }) => sum + Math.min(length, limit), 0);
  let limit = Math.max(...groups.map(({ length }) => length));
  while (limit > 3 && total(limit) > maxMessages) limit--;
  for (const group of groups) {
    if (group.length <= limit) continue;
    const head = Math.floor(limit / 3);
    const left = group.slice(head, group.length - (limit - head));
    for (const at of left.flatMap(placesOf)) fates[at] = 'hidden';
    const [from, to] = [startOf(left[0]!), endOf(left.at(-1)!)];
    for (let at = from; at <= to; at++) {
      if (parts[at] === parts[from] && fates[at] === 'routine') fates[at] = 'hidden';
    }
  }
};

interface Run {
  readonly time: number;
  toTime: number;
  isHidden: boolean;
  messages: number;
  leaders: string[];
}

/** What is shown, with a cut for each run of what is not. `ends`: where each message is counted. */
const withCuts = (
  events: readonly SequenceEvent[],
  fates: readonly Fate[],
  labels: ReadonlyMap<number, string>,
  ends: ReadonlySet<number>,
): readonly SequenceEvent[] => {
  const kept: SequenceEvent[] = [];
  const down = new Set<string>();
  let term = 0;
  let run: Run | null = null;
  const close = () => {
    if (run !== null && isWorthACut(run)) kept.push(cutOf(run, term, [...down]));
    run = null;
  };
  for (const [at, event] of events.entries()) {
    const fate = fates[at]!;
    if (fate === 'shown' && event.kind !== 'hush') {
      close();
      kept.push(labels.has(at) ? ({ ...event, label: labels.get(at) } as SequenceEvent) : event);
    } else if (event.kind === 'hush') {
      if (run !== null) run.toTime = event.time;
    } else if (fate === 'hidden' || fate === 'routine') {
      run ??= { time: event.time, toTime: event.time, isHidden: false, messages: 0, leaders: [] };
      run.toTime = event.time;
      run.isHidden ||= fate === 'hidden' && (isMessage(event) || isMark(event));
      if (ends.has(at)) run.messages++;
      if (event.kind === 'election') run.leaders.push(`${event.node} becomes ${event.label}`);
    }
    if (isMark(event)) downAfter(event, down);
    term = Math.max(term, termShownBy(event) ?? 0);
  }
  close();
  return kept;
};

const downAfter = ({ kind, node }: SequenceMark, down: Set<string>): void => {
  if (kind === 'crash') down.add(node);
  if (kind === 'restart') down.delete(node);
};

const isWorthACut = ({ isHidden, messages }: Run): boolean => isHidden || messages >= longRoutine;

const cutOf = (
  { time, toTime, isHidden, messages, leaders }: Run,
  term: number,
  down: readonly string[],
): SequenceCut => {
  const what = isHidden ? 'message' : 'routine message';
  const count = `${messages.toLocaleString('en')} ${what}${messages === 1 ? '' : 's'}`;
  const span = `${Math.round(toTime - time).toLocaleString('en')} ms`;
  const others = leaders.length > manyLeaders ? `${leaders.length - 1} elections, then ` : '';
  const named = leaders.slice(others === '' ? 0 : -1).join(', ');
  const news = named === '' ? '' : `: ${others}${named}`;
  return { kind: 'cut', time, toTime, label: `… ${count}, ${span} not shown${news}`, term, down };
};
