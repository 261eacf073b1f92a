/** Something with an interval; Infinity: it never returns, and need not take effect. */
export interface EndedItem {
  readonly invokedAt: number;
  readonly returnsAt: number;
}

export interface Moment<Item> {
  readonly item: Item;
  readonly position: number;
  readonly isReturn: boolean;
  /** Of the item while it is open. Those that return share bits with others that are open at other times; those that do not have bits of another count. */
  readonly bit: bigint;
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
  const slots = new Map<Item, number>();
  const isTaken: boolean[] = [];
  let openEnded = 0;
  return ends.map(({ item, position, isReturn }) => {
    if (item.returnsAt === Number.POSITIVE_INFINITY) {
      return { item, position, isReturn, bit: 1n << BigInt(openEnded++) };
    }
    let slot = slots.get(item);
    if (slot === undefined) {
      const free = isTaken.indexOf(false);
      slot = free === -1 ? isTaken.length : free;
      slots.set(item, slot);
    }
    isTaken[slot] = !isReturn;
    return { item, position, isReturn, bit: 1n << BigInt(slot) };
  });
};
