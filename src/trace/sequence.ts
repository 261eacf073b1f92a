/** What a sequence diagram shows, free of where it comes from: a simulation, a log of a live cluster, a story. Times in milliseconds. */
export type SequenceEvent = SequenceMessage | SequenceMark;

export interface SequenceMessage {
  readonly kind: 'message-sent' | 'message-delivered' | 'message-lost';
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly term: number;
  /** Tells the deliveries of equal messages apart; without it the first one sent is the first one delivered. */
  readonly id?: string;
  /** Tells nothing new, such as a heartbeat: the first to be filtered. */
  readonly isRoutine?: boolean;
}

export interface SequenceMark {
  readonly kind: 'state-change' | 'timer' | 'crash' | 'restart' | 'members' | 'commit' | 'election' | 'wrong';
  readonly time: number;
  readonly node: string;
  readonly label: string;
  readonly term: number;
}

/** A message with what became of it. */
export interface Flight {
  readonly message: SequenceMessage;
  /** Positions in the list of events; null if that was not seen. */
  readonly sentAt: number | null;
  readonly endAt: number | null;
  readonly isLost: boolean;
}

export const isMessage = (event: SequenceEvent): event is SequenceMessage =>
  event.kind.startsWith('message-');

/** Pairs each sending with its delivery or loss; a message that is delivered twice has two flights. */
export const flightsOf = (events: readonly SequenceEvent[]): readonly Flight[] => {
  const open = new Map<string, number[]>();
  const flights: Flight[] = [];
  const keyOf = (message: SequenceMessage) =>
    [message.from, message.to, message.id ?? `${message.term} ${message.label}`].join(' ');
  for (const [at, event] of events.entries()) {
    if (!isMessage(event)) continue;
    const key = keyOf(event);
    const waiting = open.get(key) ?? [];
    if (event.kind === 'message-sent') {
      open.set(key, [...waiting, at]);
      continue;
    }
    const [sentAt = null, ...rest] = waiting;
    open.set(key, rest);
    flights.push({ message: event, sentAt, endAt: at, isLost: event.kind === 'message-lost' });
  }
  for (const sentAt of [...open.values()].flat()) {
    flights.push({ message: events[sentAt] as SequenceMessage, sentAt, endAt: null, isLost: false });
  }
  return flights.toSorted((a, b) => (a.sentAt ?? a.endAt ?? 0) - (b.sentAt ?? b.endAt ?? 0));
};

/** Where a term first appears among the events, in order: the bands of a diagram. */
export const termsOf = (
  events: readonly SequenceEvent[],
): readonly { readonly term: number; readonly from: number }[] => {
  const bands: { readonly term: number; readonly from: number }[] = [];
  // A pre-vote asks about a term that nobody has entered: only what a node says of itself begins a term.
  for (const [at, event] of events.entries()) {
    if (isMessage(event) && /^PreVote/.test(event.label)) continue;
    if (event.term > (bands.at(-1)?.term ?? -1)) bands.push({ term: event.term, from: at });
  }
  return bands;
};

export interface SequenceFilter {
  readonly nodes?: readonly string[];
  readonly fromTime?: number;
  readonly toTime?: number;
  /** Leaves out messages that tell nothing new. */
  readonly withoutRoutine?: boolean;
  /** Keeps the last messages, which led to what is to be seen, and what happened among them. */
  readonly maxMessages?: number;
}

/** Shortens a long story to something readable. */
export const filterSequence = (
  events: readonly SequenceEvent[],
  filter: SequenceFilter,
): readonly SequenceEvent[] => {
  const {
    nodes,
    fromTime = -Infinity,
    toTime = Infinity,
    withoutRoutine = false,
    maxMessages = Infinity,
  } = filter;
  const kept = events.filter((event) => {
    if (event.time < fromTime || event.time > toTime) return false;
    if (!isMessage(event)) return nodes === undefined || nodes.includes(event.node);
    if (withoutRoutine && event.isRoutine) return false;
    return nodes === undefined || (nodes.includes(event.from) && nodes.includes(event.to));
  });
  const flights = flightsOf(kept);
  if (flights.length <= maxMessages) return kept;
  const shown = flights.slice(-maxMessages);
  const first = shown[0]!.sentAt ?? shown[0]!.endAt ?? 0;
  const parts = new Set(shown.flatMap(({ sentAt, endAt }) => [sentAt, endAt]));
  return kept.filter((event, at) => (isMessage(event) ? parts.has(at) : at >= first));
};

/** The nodes that take part, in the order of their names. */
export const nodesOf = (events: readonly SequenceEvent[]): readonly string[] =>
  [
    ...new Set(events.flatMap((event) => (isMessage(event) ? [event.from, event.to] : [event.node]))),
  ].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
