import { isIn, type KeyRange } from '../../kv/key-range.ts';
import type { KvOperation, TxnOperation } from '../../kv/operations.ts';
import { keyFields } from './key-fields.ts';
import { badRequest } from './request-refused.ts';

/** What operations write. */
interface Writes {
  readonly puts: ReadonlySet<string>;
  readonly deletes: readonly KeyRange[];
}

/** Throws `RequestRefused` if one branch puts a key twice, or puts and deletes it, as etcd does: which of the two was meant? */
export const refuseDuplicateWrites = ({ success, failure }: TxnOperation): void => {
  writesOf(success);
  writesOf(failure);
};

const writesOf = (operations: readonly KvOperation[]): Writes => {
  const puts = new Set<string>();
  const deletes: KeyRange[] = [];
  for (const operation of operations) {
    const own = ownWrites(operation);
    for (const key of own.puts) {
      if (puts.has(key) || deletes.some((range) => isIn(range, key))) refuse(key);
    }
    for (const key of puts) if (own.deletes.some((range) => isIn(range, key))) refuse(key);
    for (const key of own.puts) puts.add(key);
    deletes.push(...own.deletes);
  }
  return { puts, deletes };
};

const ownWrites = (operation: KvOperation): Writes => {
  switch (operation.type) {
    case 'range':
      return { puts: new Set(), deletes: [] };
    case 'put':
      return { puts: new Set([operation.key]), deletes: [] };
    case 'deleteRange':
      return { puts: new Set(), deletes: [operation.range] };
    case 'txn': {
      // Only one of them happens: they may write the same.
      const [a, b] = [writesOf(operation.success), writesOf(operation.failure)];
      return { puts: new Set([...a.puts, ...b.puts]), deletes: [...a.deletes, ...b.deletes] };
    }
  }
};

const refuse = (key: string): never => {
  throw badRequest(
    `duplicate key: one branch of a transaction writes ${JSON.stringify(keyFields(key))} twice`,
  );
};
