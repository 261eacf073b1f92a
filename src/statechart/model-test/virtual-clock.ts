interface Waiting {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** A clock for a running machine that stands still but for `advance`, which fires what is due in order. */
export class VirtualClock {
  #nowMs = 0;
  #next = 1;
  readonly #waiting = new Map<number, Waiting>();

  readonly setTimeout = (fire: () => void, delayMs: number): number => {
    this.#waiting.set(this.#next, { dueMs: this.#nowMs + Math.max(0, delayMs), fire });
    return this.#next++;
  };

  readonly clearTimeout = (id: number): void => {
    this.#waiting.delete(id);
  };

  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const [first] = [...this.#waiting].toSorted(
        ([oneId, one], [otherId, other]) => one.dueMs - other.dueMs || oneId - otherId,
      );
      if (first === undefined || first[1].dueMs > until) break;
      const [id, { dueMs, fire }] = first;
      this.#waiting.delete(id);
      this.#nowMs = dueMs;
      fire();
    }
    this.#nowMs = until;
  }
}
