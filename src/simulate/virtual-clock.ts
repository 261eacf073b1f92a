/** Something that happens at a virtual time; null once it was cancelled. */
export interface Scheduled {
  readonly atUs: number;
  readonly sequence: number;
  run: (() => void) | null;
}

/**
 * Virtual time in whole microseconds. Events run in order of their time and, at one time, in the order in which they were
 * scheduled; time moves only between events. XState's own `SimulatedClock` is not chronological across a jump.
 */
export class VirtualClock {
  nowUs = 0;
  #sequence = 0;
  /** A binary heap, the earliest first. Cancelled ones stay until their time comes. */
  readonly #heap: Scheduled[] = [];

  /** Runs `run` after `delayUs`, never inside this call. */
  schedule(delayUs: number, run: () => void): Scheduled {
    const scheduled = {
      atUs: this.nowUs + Math.max(0, Math.round(delayUs)),
      sequence: this.#sequence++,
      run,
    };
    this.#push(scheduled);
    return scheduled;
  }

  cancel(scheduled: Scheduled): void {
    scheduled.run = null;
  }

  /** Whether something else happens at this very time. */
  get isMidway(): boolean {
    while (this.#heap[0]?.run === null) this.#pop();
    return this.#heap[0] !== undefined && this.#heap[0].atUs <= this.nowUs;
  }

  /** Runs the earliest event, unless it lies after `limitUs`. False: there was none, and it is `limitUs` now. */
  runNext(limitUs: number): boolean {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atUs > limitUs) {
        if (limitUs > this.nowUs) this.nowUs = limitUs;
        return false;
      }
      this.#pop();
      const { run } = next;
      if (run === null) continue;
      this.nowUs = next.atUs;
      next.run = null;
      run();
      return true;
    }
  }

  #push(item: Scheduled): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(item, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const item = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, item)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = item;
  }
}

const isBefore = (a: Scheduled, b: Scheduled): boolean =>
  a.atUs < b.atUs || (a.atUs === b.atUs && a.sequence < b.sequence);
