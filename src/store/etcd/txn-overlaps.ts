import { isIn, type KeyRange } from '../kv/key-range.ts';
import type { KvOperation } from '../kv/operations.ts';
import { etcdErrors } from './etcd-error.ts';

/** What the operations of one branch write. */
interface Writes {
  readonly puts: ReadonlySet<string>;
  readonly deletes: readonly KeyRange[];
}

/**
 * Throws unless each key is put at most once by `operations`, and by none of them that also deletes it: a key changes once at a revision. Of the two branches of a transaction within, only one
 * is done, so both may put a key. As `checkIntervals` of etcd.
 */
export const refuseOverlaps = (operations: readonly KvOperation[]): void => void writesOf(operations);

const writesOf = (operations: readonly KvOperation[]): Writes => {
  const deletes: KeyRange[] = operations.flatMap((each) => (each.type === 'deleteRange' ? [each.range] : []));
  const puts = new Set<string>();
  const put = (key: string, isSafe: boolean): void => {
    if ((puts.has(key) && !isSafe) || deletes.some((range) => isIn(range, key)))
      throw etcdErrors.duplicateKey();
    puts.add(key);
  };
  for (const each of operations) {
    if (each.type !== 'txn') continue;
    const success = writesOf(each.success);
    const failure = writesOf(each.failure);
    for (const key of success.puts) put(key, false);
    for (const key of failure.puts) put(key, success.puts.has(key));
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const each of operations) if (each.type === 'put') put(each.key, false);
  return { puts, deletes };
};
