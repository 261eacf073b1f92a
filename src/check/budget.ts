/** Counts visited configurations, over all searches that share it. */
export class Budget {
  readonly #limit: number;
  #visited = 0;

  constructor(limit: number = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  get visited(): number {
    return this.#visited;
  }

  get isExhausted(): boolean {
    return this.#visited > this.#limit;
  }

  visit(): void {
    this.#visited += 1;
  }
}
