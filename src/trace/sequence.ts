/** What a sequence diagram shows, free of where it comes from: a simulation, a log of a live cluster, a story. Times in milliseconds. */
export type SequenceEvent = SequenceMessage | SequenceMark | SequenceLine | SequenceLogs | SequenceCut | Hush;

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
  /** Of a client: it is never left out. */
  readonly isClients?: boolean;
}

export interface SequenceMark {
  readonly kind: 'state-change' | 'timer' | 'crash' | 'restart' | 'members' | 'commit' | 'election' | 'wrong';
  readonly time: number;
  readonly node: string;
  readonly label: string;
  readonly term: number;
}

/** Words across the whole picture: the storyteller's, what was done to the cluster, an expectation that held, a property that does not. */
export interface SequenceLine {
  readonly kind: 'act' | 'note' | 'expectation' | 'violation';
  readonly time: number;
  readonly label: string;
}

export interface SequenceLogs {
  readonly kind: 'logs';
  readonly time: number;
  readonly logs: readonly SequenceLog[];
}

/** A node's log: the terms of its entries, from index 1 on. */
export interface SequenceLog {
  readonly label: string;
  readonly isUp: boolean;
  readonly terms: readonly number[];
  readonly commitIndex: number;
}

/** Something is left out here, from `time` to `toTime`. */
export interface SequenceCut {
  readonly kind: 'cut';
  readonly time: number;
  readonly toTime: number;
  readonly label: string;
  /** The newest term after it. */
  readonly term: number;
  /** The nodes that are down after it. */
  readonly down: readonly string[];
}

/** From here on the story is not told, or told again. Nothing is drawn for it. */
export interface Hush {
  readonly kind: 'hush';
  readonly time: number;
  readonly isHushed: boolean;
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

export const isMark = (event: SequenceEvent): event is SequenceMark => 'node' in event;

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

/** The term that an event shows its node to be in; null: none. A pre-vote asks about a term that nobody has entered. */
export const termShownBy = (event: SequenceEvent): number | null =>
  isMark(event) ||
  event.kind === 'cut' ||
  (isMessage(event) && !event.isClients && !/^PreVote/.test(event.label))
    ? event.term
    : null;

/** The lifelines: clients, and the nodes that take part, in the order of their names. */
export const nodesOf = (events: readonly SequenceEvent[]): readonly string[] =>
  [
    ...new Set(
      events.flatMap((event) =>
        isMessage(event) ? [event.from, event.to] : isMark(event) ? [event.node] : [],
      ),
    ),
  ].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
