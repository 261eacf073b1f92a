import type { Message } from '../raft/messages.ts';

/** A message that waits. */
interface Held {
  readonly message: Message;
  /** The side of a connection at which it arrives. */
  readonly to: object;
  readonly arrive: () => void;
}

/** What the network keeps until somebody delivers it. A message is lost when its receiver's side of the connection ends, as it would be on TCP. */
export class HeldMessages {
  /** Which messages are kept from now on, when they are sent. */
  holds: (message: Message) => boolean = () => false;
  readonly #lost: (message: Message) => void;
  #held: readonly Held[] = [];
  /** What happens once nothing is held any more that arrives there. */
  readonly #onceArrived = new Map<object, () => void>();

  constructor(lost: (message: Message) => void) {
    this.#lost = lost;
  }

  /** Oldest first. */
  get messages(): readonly Message[] {
    return this.#held.map(({ message }) => message);
  }

  add(message: Message, to: object, arrive: () => void): void {
    this.#held = [...this.#held, { message, to, arrive }];
  }

  deliver(message: Message): void {
    this.#take(message)?.arrive();
  }

  /** Delivers it, and keeps it: it may arrive once more. */
  repeat(message: Message): void {
    this.#held.find((each) => each.message === message)?.arrive();
  }

  drop(message: Message): void {
    if (this.#take(message) !== undefined) this.#lost(message);
  }

  loseTo(to: object): void {
    this.#onceArrived.delete(to);
    for (const each of this.#held) if (each.to === to) this.drop(each.message);
  }

  /** Calls `then`, which must do nothing before the next event, once nothing is held that arrives there: at once, if nothing is now. */
  onceArrived(to: object, then: () => void): void {
    if (this.#held.some((each) => each.to === to)) this.#onceArrived.set(to, then);
    else then();
  }

  #take(message: Message): Held | undefined {
    const held = this.#held.find((each) => each.message === message);
    if (held === undefined) return undefined;
    this.#held = this.#held.filter((each) => each !== held);
    const then = this.#onceArrived.get(held.to);
    if (then !== undefined && !this.#held.some(({ to }) => to === held.to)) {
      this.#onceArrived.delete(held.to);
      then();
    }
    return held;
  }
}
