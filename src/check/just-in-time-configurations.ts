/** One way in which the history up to now may have happened. */
export interface Configuration<State> {
  readonly state: State;
  /** Bits of the open items that certainly take effect, and have. */
  readonly done: bigint;
  /** Likewise of those that change nothing: to have done more of them is no worse. */
  readonly seen: bigint;
  /** Bits of those that need not take effect, and have: to have used fewer is no worse. */
  readonly used: bigint;
}

/** Those of one moment, without those that another makes superfluous. */
export class Configurations<State> {
  readonly #byName = new Map<string, Configuration<State>[]>();

  add(stateKey: string, configuration: Configuration<State>): void {
    const name = `${stateKey} ${configuration.done}`;
    const rivals = this.#byName.get(name);
    if (rivals === undefined) this.#byName.set(name, [configuration]);
    else if (!rivals.some((rival) => isNoWorse(rival, configuration))) {
      const others = rivals.filter((rival) => !isNoWorse(configuration, rival));
      this.#byName.set(name, [...others, configuration]);
    }
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  *[Symbol.iterator](): Generator<Configuration<State>> {
    for (const rivals of this.#byName.values()) yield* rivals;
  }
}

const isNoWorse = <State>(one: Configuration<State>, other: Configuration<State>): boolean =>
  (one.seen & other.seen) === other.seen && (one.used & other.used) === one.used;
