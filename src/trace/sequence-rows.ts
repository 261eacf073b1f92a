import {
  type Flight,
  flightsOf,
  isMark,
  isMessage,
  type SequenceCut,
  type SequenceEvent,
  type SequenceLine,
  type SequenceLogs,
  type SequenceMark,
  termShownBy,
} from './sequence.ts';

/** One row of a sequence diagram, from the top down. `time` never decreases. */
export type SequenceRow =
  /** One message, or the same one to several nodes. It is drawn level, at a moment at which it was under way. */
  | { readonly kind: 'message'; readonly time: number; readonly sendings: readonly Sending[] }
  /** The other end of a message with a number. */
  | { readonly kind: 'arrival'; readonly time: number; readonly flight: Flight; readonly number: number }
  /** At one moment, of one node each. */
  | { readonly kind: 'marks'; readonly time: number; readonly marks: readonly SequenceMark[] }
  | { readonly kind: 'wide'; readonly time: number; readonly event: WideEvent };

/**
 * A message on its way to one node. `number`: it arrives in a row of its own, with that number, since sender or receiver have seen
 * something in between.
 */
export interface Sending {
  readonly flight: Flight;
  readonly number: number | null;
}

/** What goes across all lifelines. */
export type WideEvent = SequenceLine | SequenceLogs | SequenceCut;

/** Puts what happens into rows. On each lifeline the order is what it was; times do not go back. */
export const rowsOf = (events: readonly SequenceEvent[]): readonly SequenceRow[] => {
  const placing = new Placing(events);
  const flights = flightsOf(events);
  const ends = new Map(flights.map((flight) => [flight.endAt ?? flight.sentAt, flight]));
  for (const [at, event] of events.entries()) {
    if (isMark(event)) placing.mark(event, at);
    else if (!isMessage(event)) {
      if (event.kind !== 'hush') placing.wide(event, at);
    } else if (ends.has(at)) placing.flight(ends.get(at)!);
  }
  return numbered(merged(placing.rows()));
};

/** Where a row is on a lifeline: the position of the event in the list. */
interface Touch {
  readonly node: string;
  readonly at: number;
  readonly isSending: boolean;
}

interface Placed {
  readonly row: SequenceRow;
  readonly at: number;
  readonly touches: readonly Touch[];
}

const placedMessage = (time: number, sending: Sending, at: number, touches: readonly Touch[]): Placed => ({
  row: { kind: 'message', time, sendings: [sending] },
  at,
  touches,
});

class Placing {
  readonly #events: readonly SequenceEvent[];
  readonly #placed: Placed[] = [];
  #numbers = 0;

  constructor(events: readonly SequenceEvent[]) {
    this.#events = events;
  }

  rows(): readonly SequenceRow[] {
    return this.#placed.map(({ row }) => row);
  }

  mark(mark: SequenceMark, at: number): void {
    const touches = [{ node: mark.node, at, isSending: false }];
    this.#placed.push({ row: { kind: 'marks', time: mark.time, marks: [mark] }, at, touches });
  }

  wide(event: WideEvent, at: number): void {
    this.#placed.push({ row: { kind: 'wide', time: event.time, event }, at, touches: [] });
  }

  /** A message that is now at its end. Its row may stand higher, where it was sent, if its receiver has seen nothing since. */
  flight(flight: Flight): void {
    const { message, sentAt, endAt, isLost } = flight;
    const at = endAt ?? sentAt!;
    const sending: readonly Touch[] =
      sentAt === null ? [] : [{ node: message.from, at: sentAt, isSending: true }];
    const receiving: readonly Touch[] =
      endAt === null || isLost ? [] : [{ node: message.to, at: endAt, isSending: false }];
    const touches = [...sending, ...receiving];
    const level = (time: number): Placed => placedMessage(time, { flight, number: null }, at, touches);
    if (sentAt === null || endAt === null) {
      this.#placed.push(level(message.time));
      return;
    }
    const sentTime = this.#events[sentAt]!.time;
    const earliest = this.#earliestSending(message.from, sentAt, sentTime);
    const latest = this.#latestSending(message.from, sentAt, earliest);
    const isBeforeEnd = ({ row, touches: others }: Placed) =>
      row.kind === 'wide' || others.some(({ node }) => node === message.to);
    const lastSeen = isLost ? sentTime : Math.max(sentTime, this.#lastTimeOf(message.to, endAt));
    const arrived = isLost
      ? earliest
      : Math.max(
          earliest,
          1 + this.#placed.findLastIndex((each) => isBeforeEnd(each) || each.row.time < lastSeen),
        );
    if (arrived <= latest) {
      this.#insert(Math.min(latest, this.#afterSendings(message.from, sentAt, arrived)), lastSeen, level);
      return;
    }
    const number = ++this.#numbers;
    const where = Math.min(latest, this.#afterSendings(message.from, sentAt, earliest));
    this.#insert(where, sentTime, (time) => placedMessage(time, { flight, number }, sentAt, sending));
    this.#placed.push({
      row: { kind: 'arrival', time: message.time, flight, number },
      at,
      touches: receiving,
    });
  }

  #insert(where: number, time: number, placed: (time: number) => Placed): void {
    const before = this.#placed[where - 1]?.row.time ?? time;
    this.#placed.splice(where, 0, placed(Math.max(time, before)));
  }

  /** After what the sender knew, and what was said, when it sent. */
  #earliestSending(from: string, sentAt: number, sentTime: number): number {
    return (
      1 +
      this.#placed.findLastIndex(
        ({ row, at, touches }) =>
          row.time < sentTime ||
          (row.kind === 'wide' && at < sentAt) ||
          touches.some((touch) => touch.node === from && !touch.isSending && touch.at < sentAt),
      )
    );
  }

  /** Before what the sender learnt later. */
  #latestSending(from: string, sentAt: number, least: number): number {
    const isLater = ({ node, at, isSending }: Touch) => node === from && !isSending && at > sentAt;
    let where = least;
    while (where < this.#placed.length && !this.#placed[where]!.touches.some(isLater)) where++;
    return where;
  }

  /** Below the other messages that it sent before, for the order's sake. */
  #afterSendings(from: string, sentAt: number, least: number): number {
    const isBefore = ({ node, at, isSending }: Touch) => node === from && isSending && at < sentAt;
    let where = this.#placed.length;
    while (where > least && !this.#placed[where - 1]!.touches.some(isBefore)) where--;
    return where;
  }

  /** When `node` last did or met something before its event at `before`. */
  #lastTimeOf(node: string, before: number): number {
    for (let at = before - 1; at >= 0; at--) {
      const event = this.#events[at]!;
      if (isMark(event) && event.node === node) return event.time;
      if (!isMessage(event)) continue;
      if (
        event.kind === 'message-sent'
          ? event.from === node
          : event.to === node && event.kind !== 'message-lost'
      )
        return event.time;
    }
    return -Infinity;
  }
}

/** Marks of different nodes at one moment share a row, as do equal messages that a node sends one after another. */
const merged = (rows: readonly SequenceRow[]): readonly SequenceRow[] => {
  const kept: SequenceRow[] = [];
  for (const row of rows) {
    const last = kept.at(-1);
    if (row.kind === 'marks' && last?.kind === 'marks' && isBeside(last, row)) {
      kept[kept.length - 1] = { ...last, marks: [...last.marks, ...row.marks] };
    } else if (
      row.kind === 'message' &&
      last?.kind === 'message' &&
      isSameToAnother(last.sendings, row.sendings)
    ) {
      kept[kept.length - 1] = { ...last, sendings: [...last.sendings, ...row.sendings] };
    } else kept.push(row);
  }
  return kept;
};

/** From 1 on, as they are read. */
const numbered = (rows: readonly SequenceRow[]): readonly SequenceRow[] => {
  const numbers = new Map<number, number>();
  const newNumber = (old: number): number => {
    const known = numbers.get(old) ?? numbers.size + 1;
    numbers.set(old, known);
    return known;
  };
  return rows.map((row) => {
    if (row.kind === 'arrival') return { ...row, number: newNumber(row.number) };
    if (row.kind !== 'message') return row;
    const sendings = row.sendings.map(({ flight, number }) => ({
      flight,
      number: number === null ? null : newNumber(number),
    }));
    return { ...row, sendings };
  });
};

type Marks = Extract<SequenceRow, { kind: 'marks' }>;

const isBeside = (above: Marks, { time, marks: [mark] }: Marks): boolean =>
  above.time === time && above.marks.every(({ node }) => node !== mark!.node);

const isSameToAnother = (above: readonly Sending[], [sending]: readonly Sending[]): boolean => {
  const { from, to, label } = sending!.flight.message;
  return above.every(
    ({ flight: { message } }) => message.from === from && message.label === label && message.to !== to,
  );
};

/** Where a term first appears among the rows: the bands of a diagram. */
export const termsOf = (
  rows: readonly SequenceRow[],
): readonly { readonly term: number; readonly from: number }[] => {
  const bands: { readonly term: number; readonly from: number }[] = [];
  for (const [from, row] of rows.entries()) {
    for (const event of eventsOf(row)) {
      const term = termShownBy(event);
      if (term !== null && term > (bands.at(-1)?.term ?? -1)) bands.push({ term, from });
    }
  }
  return bands;
};

export const eventsOf = (row: SequenceRow): readonly SequenceEvent[] => {
  switch (row.kind) {
    case 'message':
      return row.sendings.map(({ flight }) => flight.message);
    case 'arrival':
      return [row.flight.message];
    case 'marks':
      return row.marks;
    case 'wide':
      return [row.event];
  }
};
