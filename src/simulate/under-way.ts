import type { Message } from '../raft/messages.ts';
import type { Scheduled, VirtualClock } from './virtual-clock.ts';

/** A message between two nodes. A new object takes its place when something about it changes. */
export interface Flight {
  /** In the order of sending, from 1 on; of a message that the network repeats each copy has its own. */
  readonly number: number;
  readonly message: Message;
  readonly sentUs: number;
  /** Null: it is held, and arrives when somebody says so. */
  readonly arrivesUs: number | null;
}

interface Entry {
  flight: Flight;
  /** The side of a connection at which it arrives. */
  readonly to: object;
  readonly arrive: (message: Message) => void;
  /** Null: it is held. */
  scheduled: Scheduled | null;
}

/**
 * Every message that was sent and has not arrived, travelling or held. A held one is lost when its receiver's side of the connection ends, as
 * it would be on TCP; what becomes of a travelling one shows when it arrives.
 */
export class UnderWay {
  /** Which messages are held from now on, when they are sent. */
  holds: (message: Message) => boolean = () => false;
  readonly #clock: VirtualClock;
  readonly #lost: (message: Message) => void;
  readonly #entries = new Map<number, Entry>();
  #flights: readonly Flight[] | null = null;
  #count = 0;
  /** What happens once nothing is held any more that arrives there. */
  readonly #onceArrived = new Map<object, () => void>();

  constructor(clock: VirtualClock, lost: (message: Message) => void) {
    this.#clock = clock;
    this.#lost = lost;
  }

  /** Oldest first; the same array until something changes. */
  get flights(): readonly Flight[] {
    this.#flights ??= [...this.#entries.values()].map(({ flight }) => flight);
    return this.#flights;
  }

  /** It arrives after `delayUs`; null: when somebody says so. `arrive` may be called more than once, and with another message than this. */
  add(message: Message, to: object, delayUs: number | null, arrive: (message: Message) => void): void {
    const number = ++this.#count;
    const sentUs = this.#clock.nowUs;
    const entry: Entry = {
      flight: { number, message, sentUs, arrivesUs: null },
      to,
      arrive,
      scheduled: null,
    };
    this.#entries.set(number, entry);
    this.#flights = null;
    if (delayUs !== null) this.#schedule(entry, delayUs);
  }

  /** It arrives now. */
  deliver({ number }: Flight): void {
    this.#arrive(this.#take(number));
  }

  /** It arrives now, and stays under way: it may arrive once more. */
  repeat({ number }: Flight): void {
    this.#arrive(this.#entries.get(number));
  }

  /** This arrives in its place. */
  replace({ number }: Flight, message: Message): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    entry.flight = { ...entry.flight, message };
    this.#flights = null;
  }

  drop({ number }: Flight): void {
    const entry = this.#take(number);
    if (entry !== undefined) this.#lost(entry.flight.message);
  }

  /** It is held from now on. */
  hold({ number }: Flight): void {
    const entry = this.#entries.get(number);
    if (entry === undefined || entry.scheduled === null) return;
    this.#clock.cancel(entry.scheduled);
    this.#change(entry, null, null);
  }

  /** It arrives so much later than it would have, or from now if it is held; others overtake it. */
  delay({ number, arrivesUs }: Flight, byUs: number): void {
    const entry = this.#entries.get(number);
    if (entry === undefined) return;
    if (entry.scheduled !== null) this.#clock.cancel(entry.scheduled);
    this.#schedule(entry, Math.max(0, (arrivesUs ?? this.#clock.nowUs) - this.#clock.nowUs) + byUs);
  }

  /** The side of a connection at which these arrive has ended. */
  loseTo(to: object): void {
    this.#onceArrived.delete(to);
    for (const { to: receiver, scheduled, flight } of this.#entries.values())
      if (receiver === to && scheduled === null) this.drop(flight);
  }

  /** Calls `then`, which must do nothing before the next event, once nothing is held that arrives there: at once, if nothing is now. */
  onceArrived(to: object, then: () => void): void {
    if (this.#isHeldFor(to)) this.#onceArrived.set(to, then);
    else then();
  }

  #schedule(entry: Entry, delayUs: number): void {
    const scheduled = this.#clock.schedule(delayUs, () => this.#arrive(this.#take(entry.flight.number)));
    this.#change(entry, scheduled, scheduled.atUs);
  }

  #arrive(entry: Entry | undefined): void {
    entry?.arrive(entry.flight.message);
  }

  #change(entry: Entry, scheduled: Scheduled | null, arrivesUs: number | null): void {
    entry.scheduled = scheduled;
    entry.flight = { ...entry.flight, arrivesUs };
    this.#flights = null;
    this.#checkArrived(entry.to);
  }

  #take(number: number): Entry | undefined {
    const entry = this.#entries.get(number);
    if (entry === undefined) return undefined;
    if (entry.scheduled !== null) this.#clock.cancel(entry.scheduled);
    this.#entries.delete(number);
    this.#flights = null;
    this.#checkArrived(entry.to);
    return entry;
  }

  #checkArrived(to: object): void {
    const then = this.#onceArrived.get(to);
    if (then === undefined || this.#isHeldFor(to)) return;
    this.#onceArrived.delete(to);
    then();
  }

  #isHeldFor(to: object): boolean {
    for (const entry of this.#entries.values()) if (entry.to === to && entry.scheduled === null) return true;
    return false;
  }
}
