interface Timer {
  readonly id: number;
  readonly due: number;
  readonly fire: () => void;
}

/** Time that passes when it is told to. */
export class VirtualClock {
  #now = 0;
  #number = 0;
  #timers: readonly Timer[] = [];

  setTimeout(fire: () => void, milliseconds: number): number {
    const timer = { id: this.#number++, due: this.#now + Math.max(0, milliseconds), fire };
    this.#timers = [...this.#timers, timer].toSorted((a, b) => a.due - b.due);
    return timer.id;
  }

  clearTimeout(id: number): void {
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#timers[0]; next !== undefined && next.due <= end; next = this.#timers[0]) {
      this.clearTimeout(next.id);
      this.#now = next.due;
      next.fire();
    }
    this.#now = end;
  }
}
