/** Something with an interval; Infinity: it never returns, and need not take effect. */
export interface EndedItem {
  readonly invokedAt: number;
  readonly returnsAt: number;
}

export interface Moment<Item> {
  readonly item: Item;
  readonly position: number;
  readonly isReturn: boolean;
  /** Its number in bit sets. Items that return share numbers with others that are open at other times; those that do not are counted apart. */
  readonly slot: number;
}

/** The invocations and returns of `items`, in order of position. */
export const momentsOf = <Item extends EndedItem>(items: readonly Item[]): readonly Moment<Item>[] => {
  const ends = items.flatMap((item) => [
    { item, position: item.invokedAt, isReturn: false },
    ...(item.returnsAt === Number.POSITIVE_INFINITY
      ? []
      : [{ item, position: item.returnsAt, isReturn: true }]),
  ]);
  ends.sort((a, b) => a.position - b.position);
  const slots = new Slots();
  const taken = new Map<Item, number>();
  let openEnded = 0;
  return ends.map(({ item, position, isReturn }) => {
    if (item.returnsAt === Number.POSITIVE_INFINITY) return { item, position, isReturn, slot: openEnded++ };
    const slot = taken.get(item) ?? slots.take();
    taken.set(item, slot);
    if (isReturn) slots.free(slot);
    return { item, position, isReturn, slot };
  });
};

/** Numbers for open items, the lowest free one first, so that bit sets stay short. */
class Slots {
  readonly #isTaken: boolean[] = [];

  take(): number {
    const lowest = this.#isTaken.indexOf(false);
    const slot = lowest === -1 ? this.#isTaken.length : lowest;
    this.#isTaken[slot] = true;
    return slot;
  }

  free(slot: number): void {
    this.#isTaken[slot] = false;
  }
}
