import { assert } from '../raft/assert.ts';
import type { Persisted } from '../raft/inputs.ts';
import type { Message } from '../raft/messages.ts';
import { becameDurable, type Issued, mustWait, type Queued } from './write-order.ts';

/** Holds each `send` back until all that was persisted before it is durable, and answers each `persist` and `installSnapshot`. */
export class DurableOutbox {
  readonly #release: (message: Message) => void;
  #issued = 0;
  #durable = 0;
  #queue: Queued<Issued>[] = [];

  constructor(release: (message: Message) => void) {
    this.#release = release;
  }

  /** Records one write; returns its sequence number, ascending from 1. */
  persist({ currentTerm, lastIndex }: Issued): number {
    // The storage holds its entries.
    this.#queue.push({ type: 'write', write: { currentTerm, lastIndex } });
    return ++this.#issued;
  }

  send(message: Message): void {
    if (mustWait(this.#queue)) this.#queue.push({ type: 'send', message });
    else this.#release(message);
  }

  /** Everything up to `sequence` is durable: releases what waited for it, and returns the answers that are due, in order. */
  durable(sequence: number): readonly Persisted[] {
    assert(sequence > this.#durable && sequence <= this.#issued, 'durable rises', sequence, this.#durable);
    const { released, answers, queue } = becameDurable(this.#queue, sequence - this.#durable);
    this.#durable = sequence;
    this.#queue = [...queue];
    for (const message of released) this.#release(message);
    return answers;
  }
}
