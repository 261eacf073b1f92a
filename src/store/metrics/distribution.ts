/**
 * Counts durations by bucket, as a histogram of Prometheus does. That of prom-client takes some 400 ns to observe one, and a node observes
 * several for each write.
 */
export class Distribution {
  /** Upper bounds in seconds, ascending; what is longer falls into one more. */
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(seconds: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && seconds > bounds[at]!) at += 1;
    this.#counts[at]! += 1;
    this.#sum += seconds;
  }

  get sum(): number {
    return this.#sum;
  }

  /** For each bound, and `+Inf`, how many were no longer. The last is how many there were. */
  get cumulative(): readonly { readonly le: string; readonly count: number }[] {
    let count = 0;
    return this.#counts.map((own, at) => {
      count += own;
      return { le: String(this.#bounds[at] ?? '+Inf'), count };
    });
  }
}
