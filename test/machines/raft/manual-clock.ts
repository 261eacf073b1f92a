/** A clock that stands still until told; timers expire one by one, in order of time, then of their setting. */
export class ManualClock {
  nowMs = 0;
  #set = 0;
  readonly #deferred: (() => void)[] = [];
  readonly #timers = new Map<number, { readonly fn: () => void; readonly atMs: number }>();

  now(): number {
    return this.nowMs;
  }

  setTimeout(fn: () => void, delayMs: number): number {
    const id = ++this.#set;
    this.#timers.set(id, { fn, atMs: this.nowMs + delayMs });
    return id;
  }

  clearTimeout(id: number): void {
    this.#timers.delete(id);
  }

  defer(fn: () => void): void {
    this.#deferred.push(fn);
  }

  /** Calls everything that was deferred, and what that defers. */
  runDeferred(): void {
    for (let fn = this.#deferred.shift(); fn !== undefined; fn = this.#deferred.shift()) fn();
  }

  /** Lets time pass; every timer that is due on the way expires at its time. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while ([...this.#timers.values()].some(({ atMs }) => atMs <= endMs)) this.expireNext();
    this.nowMs = endMs;
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Goes on to the next timer and lets it expire, alone. */
  expireNext(): void {
    const [first] = [...this.#timers].sort(([a, x], [b, y]) => x.atMs - y.atMs || a - b);
    if (first === undefined) throw new Error('no timer is set');
    const [id, { fn, atMs }] = first;
    this.#timers.delete(id);
    this.nowMs = atMs;
    fn();
  }
}
