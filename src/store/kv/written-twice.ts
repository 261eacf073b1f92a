import { isIn, type KeyRange } from './key-range.ts';
import type { KvOperation, TxnOperation } from './operations.ts';

/** What operations write. */
interface Writes {
  readonly puts: ReadonlySet<string>;
  readonly deletes: readonly KeyRange[];
}

/** Which branches of a transaction may be done. */
type BranchesOf = (txn: TxnOperation) => readonly (readonly KvOperation[])[];

/**
 * A key that a branch of `txn` puts twice, or puts and deletes, in whichever order; null: there is none. A key changes once at a revision, so which of the two was meant? Of several
 * branches only one is done: each of them may write the same key.
 */
export const keyWrittenTwice = (txn: TxnOperation, branchesOf: BranchesOf = both): string | null => {
  const writes = writesOf(txn, branchesOf);
  return typeof writes === 'string' ? writes : null;
};

const both: BranchesOf = ({ success, failure }) => [success, failure];

/** Or a key that is written twice. */
const writesOf = (operation: KvOperation, branchesOf: BranchesOf): Writes | string => {
  switch (operation.type) {
    case 'range':
      return { puts: new Set(), deletes: [] };
    case 'put':
      return { puts: new Set([operation.key]), deletes: [] };
    case 'deleteRange':
      return { puts: new Set(), deletes: [operation.range] };
    case 'txn': {
      const puts = new Set<string>();
      const deletes: KeyRange[] = [];
      for (const branch of branchesOf(operation)) {
        const writes = writesOfAll(branch, branchesOf);
        if (typeof writes === 'string') return writes;
        for (const key of writes.puts) puts.add(key);
        for (const range of writes.deletes) deletes.push(range);
      }
      return { puts, deletes };
    }
  }
};

const writesOfAll = (operations: readonly KvOperation[], branchesOf: BranchesOf): Writes | string => {
  /** With the place of the operation that puts it. */
  const puts = new Map<string, number>();
  const deletes: Deleted[] = [];
  for (const [by, operation] of operations.entries()) {
    const own = writesOf(operation, branchesOf);
    if (typeof own === 'string') return own;
    for (const key of own.puts) {
      if (puts.has(key)) return key;
      puts.set(key, by);
    }
    for (const range of own.deletes) deletes.push({ range, by });
  }
  return (
    putAndDeleted(puts, deletes) ?? {
      puts: new Set(puts.keys()),
      deletes: deletes.map(({ range }) => range),
    }
  );
};

interface Deleted {
  readonly range: KeyRange;
  /** The place of the operation that deletes it. */
  readonly by: number;
}

/** Of the ranges up to some place, the one that reaches furthest, and the one that does among those of other operations. */
interface Reach {
  readonly first: Deleted;
  readonly other: Deleted | null;
}

/** A key that one operation puts and another deletes; null: there is none. Takes time in proportion to n log n, since every node does it in one turn of the event loop. */
const putAndDeleted = (puts: ReadonlyMap<string, number>, deletes: readonly Deleted[]): string | null => {
  if (puts.size === 0 || deletes.length === 0) return null;
  const sorted = deletes.toSorted((a, b) => (a.range.from < b.range.from ? -1 : 1));
  const reaches: Reach[] = [];
  for (const each of sorted) reaches.push(furthest(reaches.at(-1), each));
  for (const [key, by] of puts) {
    const reach = reaches[lastFrom(sorted, key)];
    if (reach === undefined) continue;
    const deleted = reach.first.by === by ? reach.other : reach.first;
    if (deleted !== null && isIn(deleted.range, key)) return key;
  }
  return null;
};

const furthest = (before: Reach | undefined, next: Deleted): Reach => {
  if (before === undefined) return { first: next, other: null };
  const { first, other } = before;
  if (reachesFurther(next, first)) return { first: next, other: first.by === next.by ? other : first };
  if (next.by === first.by || (other !== null && !reachesFurther(next, other))) return before;
  return { first, other: next };
};

const reachesFurther = ({ range: { to } }: Deleted, { range: { to: than } }: Deleted): boolean =>
  than !== null && (to === null || to > than);

/** The place of the last of `sorted` that begins at `key` or before; -1: none does. */
const lastFrom = (sorted: readonly Deleted[], key: string): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.range.from <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
