import { defaultSessionLimits } from './limits.ts';

/** The side of a session that numbers its commands. docs/sessions.md */
export class ClientSession {
  readonly name: string;
  #next = 1;
  /** Ascending. */
  readonly #unanswered = new Set<number>();
  #isOpen = false;
  #isOver = false;

  constructor(name: string) {
    this.name = name;
  }

  /** It takes no more commands: another one must be begun. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The client has the answers to all commands up to this one, or does not care for them any more. */
  get received(): number {
    return (this.#unanswered.values().next().value ?? this.#next) - 1;
  }

  /** The number of the next command; null while there can be none: the first one opens the session, and no more than some answers are remembered. */
  take(): number | null {
    const isOpening = !this.#isOpen && this.#unanswered.size > 0;
    const unacknowledged = this.#next - 1 - this.received;
    if (this.#isOver || isOpening || unacknowledged >= defaultSessionLimits.maxAnswersPerSession) return null;
    this.#unanswered.add(this.#next);
    return this.#next++;
  }

  answered(sequence: number): void {
    this.#unanswered.delete(sequence);
    this.#isOpen = true;
  }

  /** Nobody knows what became of it, and it is not sent again. */
  givenUp(sequence: number): void {
    this.#unanswered.delete(sequence);
    // Whether there is such a session is not known either.
    if (!this.#isOpen) this.#isOver = true;
  }

  /** It is not known any more. */
  expire(): void {
    this.#isOver = true;
  }
}
