import type { Budget } from './budget.ts';
import {
  canGive,
  type Footprint,
  isPart,
  mattersBefore,
  mustPrecede,
  type OpenFootprint,
  type Place,
} from './footprint.ts';
import { type Configuration, Configurations } from './just-in-time-configurations.ts';
import { type EndedItem, type Moment, momentsOf } from './moments.ts';

export interface Spec<State, Item extends EndedItem, Held> {
  readonly initial: State;
  /** The state after `item`; null where it cannot take effect. */
  apply(state: State, item: Item): State | null;
  /** Equal for states that are equal, and for no others. */
  keyOf(state: State): string;
  heldAt(state: State, place: Place): Held;
  footprintOf(item: Item): Footprint<Held>;
  /** Whether what an item demands of a place that it reads is all that it takes from there. */
  readonly areDemandsAll: boolean;
  /** Whether `item` can take effect in no state that may follow on this one. False where that is not known. */
  isTooLate(state: State, item: Item): boolean;
  /** True only of what changes no state whatever. */
  isReadOnly(item: Item): boolean;
}

export type Explained =
  | { readonly type: 'possible' | 'undecided' }
  /** After the return at this position, and none before, no order of the items is possible. */
  | { readonly type: 'impossible'; readonly position: number };

/**
 * A third engine, for states of several places: breadth first, from return to return, with all states that the history can have led to. Just-in-time linearization,
 * Lowe, "Testing for linearizability" (2017), §4: an item takes effect when it returns, together with those that are open and must have gone before it.
 *
 * It stands beside `findOrder` since each does what the other cannot. This one knows what every item reads and writes, so that it leaves out what makes no difference: a thousand ranges and
 * transactions of which 2 % have unknown outcomes take it a second, and `findOrder` half a minute (the history of `bench/check.ts`). A model of one's own says
 * nothing of that, and a picture needs an order, which only `findOrder` has.
 *
 * Four things keep the states few. What changes no state takes effect as soon as it can. Another item goes before the one that returns only if their order matters, or matters to one in
 * between: else it may as well wait. What nobody knows to have happened, and something overwrites unseen, may as well not have happened. And where a place
 * does not hold what the one that returns must find there, some open item must give it.
 */
export const explain = <State, Item extends EndedItem, Held>(
  items: readonly Item[],
  spec: Spec<State, Item, Held>,
  budget: Budget,
): Explained => new Explanation(items, spec, budget).run();

interface Open<Item, Held> extends OpenFootprint<Held> {
  readonly item: Item;
  readonly bit: bigint;
  readonly isReadOnly: boolean;
}

class Explanation<State, Item extends EndedItem, Held> {
  readonly #moments: readonly Moment<Item>[];
  readonly #spec: Spec<State, Item, Held>;
  readonly #budget: Budget;
  readonly #open = new Set<Open<Item, Held>>();
  readonly #byItem = new Map<Item, Open<Item, Held>>();
  #configurations = new Configurations<State>();

  constructor(items: readonly Item[], spec: Spec<State, Item, Held>, budget: Budget) {
    this.#moments = momentsOf(items);
    this.#spec = spec;
    this.#budget = budget;
    const first = { state: spec.initial, done: 0n, seen: 0n, used: 0n };
    this.#configurations.add(spec.keyOf(spec.initial), first);
  }

  run(): Explained {
    for (const { item, position, isReturn, slot } of this.#moments) {
      if (!isReturn) this.#invoke(item, 1n << BigInt(slot));
      else if (!this.#return(this.#byItem.get(item)!)) {
        return this.#budget.isExhausted ? { type: 'undecided' } : { type: 'impossible', position };
      }
    }
    return { type: 'possible' };
  }

  #invoke(item: Item, bit: bigint): void {
    const isCertain = item.returnsAt !== Number.POSITIVE_INFINITY;
    const isReadOnly = this.#spec.isReadOnly(item);
    const open = { item, bit, isCertain, isReadOnly, ...this.#spec.footprintOf(item) };
    this.#byItem.set(item, open);
    // What need not happen and changes nothing may be left out.
    if (!isCertain && isReadOnly) return;
    this.#open.add(open);
    if (!isReadOnly) return;
    const before = this.#configurations;
    this.#configurations = new Configurations();
    for (const each of before) this.#add(this.#configurations, this.#withSeen(each, [open]));
  }

  /** False: there is no order any more, or the budget is exhausted. */
  #return(returning: Open<Item, Held>): boolean {
    this.#byItem.delete(returning.item);
    this.#open.delete(returning);
    const helpers = this.#helpersOf(returning);
    const readers = [...this.#open].filter(({ isReadOnly }) => isReadOnly);
    const after = new Configurations<State>();
    const tried = new Set<string>();
    for (const each of this.#configurations) {
      if (this.#budget.isExhausted) return false;
      if (isDone(each, returning)) this.#add(after, without(each, returning));
      else this.#extend(each, returning, helpers, readers, [], tried, after);
    }
    this.#configurations = after;
    return !after.isEmpty && !this.#budget.isExhausted;
  }

  /** Open items that may have to go before `returning`: those whose order with it matters, or with another one of these. */
  #helpersOf(returning: Open<Item, Held>): readonly Open<Item, Held>[] {
    const helpers: Open<Item, Held>[] = [];
    let left = [...this.#open];
    let later: readonly Open<Item, Held>[] = [returning];
    while (later.length > 0) {
      const next = left.filter((each) => later.some((other) => mattersBefore(each, other)));
      left = left.filter((each) => !next.includes(each));
      helpers.push(...next);
      later = next;
    }
    // Those that change nothing take effect by themselves.
    return helpers.filter(({ isReadOnly }) => !isReadOnly);
  }

  /** Adds to `after` whatever can be once `returning` has taken effect, with others in front of it. `block`: those that have gone in front of it so far. */
  #extend(
    from: Configuration<State>,
    returning: Open<Item, Held>,
    helpers: readonly Open<Item, Held>[],
    readers: readonly Open<Item, Held>[],
    block: readonly InBlock<Item, Held>[],
    tried: Set<string>,
    after: Configurations<State>,
  ): void {
    const { state } = from;
    const waiting = block.filter(({ hasMattered }) => !hasMattered).map(({ open }) => open.bit);
    const name = `${this.#spec.keyOf(state)} ${from.done} ${from.seen} ${from.used} ${waiting.join()}`;
    if (tried.has(name) || this.#budget.isExhausted) return;
    tried.add(name);
    this.#budget.visit();
    const left = helpers.filter((each) => !isDone(from, each));
    const others = [...left, returning, ...readers.filter((each) => !isDone(from, each))];
    if (this.#isHopeless(state, returning, left)) return;
    const applied = this.#spec.apply(state, returning.item);
    if (applied !== null) {
      const isTidy = extended(block, returning)?.every(({ hasMattered }) => hasMattered);
      if (isTidy) this.#add(after, this.#withSeen({ ...from, state: applied }, readers));
      // Nothing can tell whether it went earlier.
      if (returning.isReadOnly) return;
    }
    for (const open of left) {
      const next = extended(block, open);
      if (next === null) continue;
      const changed = this.#spec.apply(state, open.item);
      if (changed === null) continue;
      if (!open.isCertain && !this.#isOfUse(state, open, others)) continue;
      const changesNothing = this.#spec.keyOf(changed) === this.#spec.keyOf(state);
      if (!open.isCertain && changesNothing) continue;
      const taken = this.#withSeen(withDone({ ...from, state: changed }, open), readers);
      const newlySeen = readers.filter(({ bit }) => (taken.seen & ~from.seen & bit) !== 0n);
      const longer = [...next, { open, hasMattered: false }].map((each) => ({
        open: each.open,
        hasMattered: each.hasMattered || newlySeen.some((reader) => mattersBefore(each.open, reader)),
      }));
      this.#extend(taken, returning, helpers, readers, longer, tried, after);
    }
  }

  /** Whether a place does not hold what `returning` must find there, and nothing is left that could change that. */
  #isHopeless(state: State, { item, demands }: Open<Item, Held>, left: readonly Open<Item, Held>[]): boolean {
    if (this.#spec.isTooLate(state, item)) return true;
    for (const [place, isMet] of demands) {
      if (isMet(this.#spec.heldAt(state, place))) continue;
      if (!left.some((each) => canGive(each, place, isMet))) return true;
    }
    return false;
  }

  /** Whether it makes a difference to any of `others` that `open` takes effect now: only then does what need not happen have a reason to. */
  #isOfUse(state: State, open: Open<Item, Held>, others: readonly Open<Item, Held>[]): boolean {
    if (!this.#spec.areDemandsAll) return true;
    return others.some((other) => {
      if (other === open) return false;
      for (const place of open.writes) {
        if (!other.reads.has(place)) continue;
        const isMet = other.demands.get(place);
        if (isMet === undefined) return true;
        if (!isMet(this.#spec.heldAt(state, place)) && canGive(open, place, isMet)) return true;
      }
      return mustPrecede(open, other);
    });
  }

  /** With all of these done that can be, since they change nothing. */
  #withSeen(configuration: Configuration<State>, readers: readonly Open<Item, Held>[]): Configuration<State> {
    let { seen } = configuration;
    for (const { bit, item } of readers) {
      if ((seen & bit) === 0n && this.#spec.apply(configuration.state, item) !== null) seen |= bit;
    }
    return seen === configuration.seen ? configuration : { ...configuration, seen };
  }

  #add(to: Configurations<State>, configuration: Configuration<State>): void {
    this.#budget.visit();
    to.add(this.#spec.keyOf(configuration.state), configuration);
  }
}

/** An item that has gone in front of the one that returns. */
interface InBlock<Item, Held> {
  readonly open: Open<Item, Held>;
  /** Its order with one after it matters: it could not have waited. */
  readonly hasMattered: boolean;
}

/** The block once `next` has gone; null: one in it need not have happened at all, as nobody has seen it. */
const extended = <Item, Held>(
  block: readonly InBlock<Item, Held>[],
  next: Open<Item, Held>,
): readonly InBlock<Item, Held>[] | null => {
  const after: InBlock<Item, Held>[] = [];
  for (const { open, hasMattered } of block) {
    const isSeen = hasMattered || mattersBefore(open, next);
    if (!isSeen && !open.isCertain && isPart(open.writes, next.overwrites)) return null;
    after.push({ open, hasMattered: isSeen });
  }
  return after;
};

const isDone = <State, Item, Held>(
  { done, seen, used }: Configuration<State>,
  { bit, isCertain, isReadOnly }: Open<Item, Held>,
): boolean => ((isCertain ? (isReadOnly ? seen : done) : used) & bit) !== 0n;

const withDone = <State, Item, Held>(
  configuration: Configuration<State>,
  { bit, isCertain }: Open<Item, Held>,
): Configuration<State> =>
  isCertain
    ? { ...configuration, done: configuration.done | bit }
    : { ...configuration, used: configuration.used | bit };

/** Its bit will be another item's. */
const without = <State, Item, Held>(
  configuration: Configuration<State>,
  { bit }: Open<Item, Held>,
): Configuration<State> => ({
  ...configuration,
  done: configuration.done & ~bit,
  seen: configuration.seen & ~bit,
});
