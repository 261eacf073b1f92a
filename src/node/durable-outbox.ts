import { assert } from '../raft/assert.ts';
import type { Persist } from '../raft/effects.ts';
import type { Persisted } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';

/** Holds each `send` back until all that was persisted before it is durable, and answers each `persist`. */
export class DurableOutbox {
  readonly #release: (message: Message) => void;
  #issued = 0;
  #durable = 0;
  #messages: { readonly after: number; readonly message: Message }[] = [];
  #persists: { readonly sequence: number; readonly answer: Persisted }[] = [];

  constructor(release: (message: Message) => void) {
    this.#release = release;
  }

  /** Notes one `persist`; returns its sequence number, ascending from 1. */
  persist(params: Persist): number {
    const sequence = ++this.#issued;
    const answer: Persisted = { type: 'Persisted', term: params.currentTerm, lastIndex: params.lastIndex };
    this.#persists.push({ sequence, answer });
    return sequence;
  }

  send(message: Message): void {
    if (this.#durable === this.#issued) this.#release(message);
    else this.#messages.push({ after: this.#issued, message });
  }

  /** Everything up to `sequence` is durable: releases what waited for it, and returns the answers that are due, in order. */
  durable(sequence: number): readonly Persisted[] {
    assert(sequence > this.#durable && sequence <= this.#issued, 'durable rises', sequence, this.#durable);
    this.#durable = sequence;
    const ready = countWhile(this.#messages, ({ after }) => after <= sequence);
    for (const { message } of this.#messages.splice(0, ready)) this.#release(message);
    const answered = countWhile(this.#persists, (persist) => persist.sequence <= sequence);
    return this.#persists.splice(0, answered).map(({ answer }) => answer);
  }
}

const countWhile = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number => {
  const end = items.findIndex((item) => !holds(item));
  return end < 0 ? items.length : end;
};
