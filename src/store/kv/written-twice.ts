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
        deletes.push(...writes.deletes);
      }
      return { puts, deletes };
    }
  }
};

const writesOfAll = (operations: readonly KvOperation[], branchesOf: BranchesOf): Writes | string => {
  const puts = new Set<string>();
  const deletes: KeyRange[] = [];
  for (const operation of operations) {
    const own = writesOf(operation, branchesOf);
    if (typeof own === 'string') return own;
    for (const key of own.puts) if (puts.has(key) || isInSome(deletes, key)) return key;
    for (const key of puts) if (isInSome(own.deletes, key)) return key;
    for (const key of own.puts) puts.add(key);
    deletes.push(...own.deletes);
  }
  return { puts, deletes };
};

const isInSome = (ranges: readonly KeyRange[], key: string): boolean =>
  ranges.some((range) => isIn(range, key));
