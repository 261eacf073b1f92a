import type { Budget } from './budget.ts';

/** An operation of an order that is searched for: at one moment of an interval it takes a state to another. */
export interface Interval {
  readonly invokedAt: number;
  /** By then it must have taken effect; Infinity if it never must. */
  readonly returnsAt: number;
  /** Equal for operations that do the same to every state. */
  readonly doing: string;
}

export interface Sequential<State, Item extends Interval> {
  readonly initial: State;
  /** The state after `item`, in a box; null where it cannot take effect. */
  apply(state: State, item: Item): { readonly state: State } | null;
  isEqual(a: State, b: State): boolean;
  /** True only of what changes no state whatever. */
  isReadOnly(item: Item): boolean;
}

export interface Placed<State, Item> {
  readonly item: Item;
  readonly before: State;
  readonly after: State;
}

export interface FoundOrder<State, Item> {
  readonly type: 'possible' | 'impossible' | 'undecided';
  /** A whole order if there is one, else the longest that was found before no operation fitted. */
  readonly order: readonly Placed<State, Item>[];
}

/**
 * A second engine beside `search`, for any sequential specification of which nothing but its steps is known: depth first, one order after the other, with all sets of taken
 * operations and states that led nowhere remembered. Wing & Gong, "Testing and verifying concurrent objects" (1993), §3, with
 * Lowe's memory, "Testing for linearizability" (2017), §3.
 *
 * Two things spare orders: what changes no state whatever goes as soon as it can, since nothing can tell; and of those
 * that do the same the one that returns first goes first. `items` are in order of invocation.
 */
export const findOrder = <State, Item extends Interval>(
  items: readonly Item[],
  sequential: Sequential<State, Item>,
  budget: Budget,
): FoundOrder<State, Item> => {
  const search = new OrderSearch(items, sequential, budget);
  return search.run();
};

interface Choice<State, Item> {
  readonly index: number;
  readonly placed: Placed<State, Item>;
}

interface Frame<State, Item> {
  readonly choices: readonly Choice<State, Item>[];
  next: number;
}

class OrderSearch<State, Item extends Interval> {
  readonly #items: readonly Item[];
  readonly #sequential: Sequential<State, Item>;
  readonly #budget: Budget;
  readonly #isTaken: boolean[];
  /** Indexes of those that must happen: in order of invocation, and of return. */
  readonly #certain: readonly number[];
  readonly #byReturn: readonly number[];
  readonly #openEnded: readonly number[];
  readonly #visited = new Map<string, State[]>();
  /** The first in each order that is not taken. */
  #firstInvoked = 0;
  #firstReturning = 0;
  #path: Choice<State, Item>[] = [];
  #longest: readonly Choice<State, Item>[] = [];
  #isRetreating = false;

  constructor(items: readonly Item[], sequential: Sequential<State, Item>, budget: Budget) {
    this.#items = items;
    this.#sequential = sequential;
    this.#budget = budget;
    this.#isTaken = items.map(() => false);
    const indexes = [...items.keys()];
    this.#certain = indexes.filter((index) => items[index]!.returnsAt !== Number.POSITIVE_INFINITY);
    this.#byReturn = this.#certain.toSorted((a, b) => items[a]!.returnsAt - items[b]!.returnsAt);
    this.#openEnded = indexes.filter((index) => items[index]!.returnsAt === Number.POSITIVE_INFINITY);
  }

  run(): FoundOrder<State, Item> {
    let state = this.#sequential.initial;
    const frames: Frame<State, Item>[] = [];
    for (;;) {
      if (this.#firstReturning === this.#byReturn.length) return this.#ending('possible', this.#path);
      if (this.#budget.isExhausted) return this.#ending('undecided', this.#longestOf());
      const isNew = this.#remember(state);
      frames.push({ choices: isNew ? this.#choices(state) : [], next: 0 });
      let frame = frames.at(-1)!;
      while (frame.next === frame.choices.length) {
        this.#retreat();
        frames.pop();
        if (frames.length === 0) return this.#ending('impossible', this.#longest);
        this.#untake(this.#path.pop()!);
        frame = frames.at(-1)!;
      }
      const choice = frame.choices[frame.next++]!;
      this.#take(choice);
      state = choice.placed.after;
    }
  }

  #ending(
    type: FoundOrder<State, Item>['type'],
    path: readonly Choice<State, Item>[],
  ): FoundOrder<State, Item> {
    return { type, order: path.map(({ placed }) => placed) };
  }

  #longestOf(): readonly Choice<State, Item>[] {
    return this.#path.length > this.#longest.length ? this.#path : this.#longest;
  }

  /** A path is copied only where it ends. */
  #retreat(): void {
    if (!this.#isRetreating && this.#path.length > this.#longest.length) this.#longest = [...this.#path];
    this.#isRetreating = true;
  }

  #take(choice: Choice<State, Item>): void {
    this.#isRetreating = false;
    this.#isTaken[choice.index] = true;
    this.#path.push(choice);
    while (this.#isTaken[this.#certain[this.#firstInvoked]!] === true) this.#firstInvoked += 1;
    while (this.#isTaken[this.#byReturn[this.#firstReturning]!] === true) this.#firstReturning += 1;
  }

  #untake({ index }: Choice<State, Item>): void {
    this.#isTaken[index] = false;
    const { invokedAt, returnsAt } = this.#items[index]!;
    if (returnsAt === Number.POSITIVE_INFINITY) return;
    while (
      this.#firstInvoked > 0 &&
      this.#items[this.#certain[this.#firstInvoked - 1]!]!.invokedAt >= invokedAt
    )
      this.#firstInvoked -= 1;
    while (
      this.#firstReturning > 0 &&
      this.#items[this.#byReturn[this.#firstReturning - 1]!]!.returnsAt >= returnsAt
    )
      this.#firstReturning -= 1;
  }

  /** False if the same operations have led to the same state before. */
  #remember(state: State): boolean {
    const beyond: number[] = [];
    const end = this.#items[this.#byReturn[this.#firstReturning]!]!.returnsAt;
    for (let at = this.#firstInvoked; at < this.#certain.length; at += 1) {
      const index = this.#certain[at]!;
      if (this.#items[index]!.invokedAt > end) break;
      if (this.#isTaken[index]) beyond.push(index);
    }
    const uncertain = this.#openEnded.filter((index) => this.#isTaken[index]);
    const key = `${this.#firstInvoked}|${beyond.join()}|${uncertain.join()}`;
    const states = this.#visited.get(key);
    if (states?.some((other) => this.#sequential.isEqual(other, state))) return false;
    if (states === undefined) this.#visited.set(key, [state]);
    else states.push(state);
    this.#budget.visit();
    return true;
  }

  /** What can come next, the first to return first. */
  #choices(before: State): readonly Choice<State, Item>[] {
    const choices: Choice<State, Item>[] = [];
    const tried = new Set<string>();
    for (const index of this.#candidates()) {
      const item = this.#items[index]!;
      if (tried.has(item.doing)) continue;
      tried.add(item.doing);
      const applied = this.#sequential.apply(before, item);
      if (applied === null) continue;
      const choice = { index, placed: { item, before, after: applied.state } };
      const isCertain = item.returnsAt !== Number.POSITIVE_INFINITY;
      if (isCertain && this.#sequential.isReadOnly(item)) return [choice];
      // What need not happen, and changes nothing here, may as well wait.
      if (isCertain || !this.#sequential.isEqual(before, applied.state)) choices.push(choice);
    }
    return choices;
  }

  #candidates(): readonly number[] {
    const end = this.#items[this.#byReturn[this.#firstReturning]!]!.returnsAt;
    const certain: number[] = [];
    for (let at = this.#firstInvoked; at < this.#certain.length; at += 1) {
      const index = this.#certain[at]!;
      if (this.#items[index]!.invokedAt > end) break;
      if (!this.#isTaken[index]) certain.push(index);
    }
    certain.sort((a, b) => this.#items[a]!.returnsAt - this.#items[b]!.returnsAt);
    const openEnded = this.#openEnded.filter(
      (index) => !this.#isTaken[index] && this.#items[index]!.invokedAt < end,
    );
    return [...certain, ...openEnded];
  }
}
