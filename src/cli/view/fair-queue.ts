/** Runs tasks one at a time. Those who have several waiting take turns, so that nobody waits for all that another has asked for. */
export class FairQueue {
  /** By who asked; the first has the next turn. */
  readonly #waiting = new Map<number, (() => Promise<void>)[]>();
  #isRunning = false;

  /** Settles as `task` does, which is one that `whose` asked for. */
  run<Result>(whose: number, task: () => Promise<Result>): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const waiting = this.#waiting.get(whose) ?? [];
    waiting.push(() => task().then(resolve, reject));
    this.#waiting.set(whose, waiting);
    if (!this.#isRunning) void this.#runAll();
    return promise;
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) break;
      const [whose, [first, ...others]] = next;
      // Behind all others.
      this.#waiting.delete(whose);
      if (others.length > 0) this.#waiting.set(whose, others);
      await first!();
    }
    this.#isRunning = false;
  }
}
